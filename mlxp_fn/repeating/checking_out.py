"""The code of a recorded run, put where one can look at it."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen

from mlxp_fn.effects.checkouts import check_out
from mlxp_fn.effects.recorded_repositories import code_of, root_of_record
from mlxp_fn.errors import VersionError
from mlxp_fn.versions.recorded import RecordedCode
from mlxp_fn.versions.restarts import moved


@frozen(kw_only=True)
class CheckedOut:
    """The code of a run in a directory of its own: a worktree of the repository at the run's commit.

    `script` is the run's script there, None for a module. `is_whole` says whether the commit is known to be all of
    the code; `empty` are submodules whose commit is not on this machine.
    """

    run: int
    commit: str
    repository: str
    directory: str
    script: str | None
    is_whole: bool
    empty: tuple[str, ...] = ()


def checkout(run_dir: str | os.PathLike[str], directory: str | os.PathLike[str] | None = None) -> CheckedOut:
    """Put the code of a run, at its commit or snapshot, into a new or empty directory.

    Where none is named it lies beside the repository, called by the commit. The repository's branches, index and
    files stay as they are. Raises `VersionError` where no commit is recorded, the repository has it no more, or the
    directory is not empty.
    """
    run = Path(run_dir).absolute()
    code = code_of(run)
    if code.commit is None:
        raise VersionError(
            f"run {run.name} has no commit of its code in its record: it has not begun, or its code lay in no git "
            "repository"
        )
    try:
        root = root_of_record(code, run.parent)
    except VersionError as error:
        raise VersionError(f"the code of run {run.name} cannot be had: {error}") from error
    place = Path(directory or f"{root}-{code.commit[:10]}").absolute()
    empty = check_out(root, code.commit, place)
    return CheckedOut(
        run=int(run.name),
        commit=code.commit,
        repository=root,
        directory=str(place),
        script=_script(code, root, str(place)),
        is_whole=code.is_whole,
        empty=empty,
    )


def _script(code: RecordedCode, root: str, directory: str) -> str | None:
    """Where the script of a run lies in the directory."""
    if code.file is None:
        return None
    there = moved(os.path.realpath(code.in_repository()[-1]), os.path.realpath(root), directory)
    return there if os.path.isfile(there) and there.startswith(f"{directory}/") else None
