"""The difference between two commits, by GitPython: for people who ask, never on the way to a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlxp_fn.effects.worktrees import common_directory
from mlxp_fn.errors import VersionError
from mlxp_fn.versions.differences import CodeDifference, changed_files

if TYPE_CHECKING:
    from git import Repo

_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames")
"""No program of the repository's own choice is started, and each file is compared with the one of its name."""


def code_difference(root: str, one: str, other: str) -> CodeDifference:
    """In what two commits, full hashes, of a repository differ. Raises `VersionError` where git cannot tell."""
    with _repository(root) as repository:
        listed = _compared(repository, one, other, "-z", "--raw", "--numstat")
        return CodeDifference(
            root=root,
            commits=(one, other),
            titles=(_title(repository, one), _title(repository, other)),
            files=tuple(changed_files(listed)),
        )


def patch(found: CodeDifference) -> str:
    """The difference as text that `git apply` and people read."""
    with _repository(found.root) as repository:
        text = _compared(repository, *found.commits, "--patch", "--full-index", "--binary")
        return text.decode("utf-8", "backslashreplace")


def _compared(repository: Repo, one: str, other: str, *form: str) -> bytes:
    answer: bytes = repository.git.diff_tree(
        *("-r", *form, *_PLAIN, one, other), stdout_as_string=False, strip_newline_in_stdout=False
    )
    return answer


def _title(repository: Repo, commit: str) -> str:
    summary = repository.commit(commit).summary
    return f"{commit[:10]} {summary.decode(errors='replace') if isinstance(summary, bytes) else summary}"


@contextmanager
def _repository(root: str) -> Iterator[Repo]:
    """The repository at `root`, whatever variables of a hook point at another one."""
    from git import Repo
    from git.exc import GitError, ODBError

    common = common_directory(root)
    try:
        with Repo(common) as repository:
            places = {"GIT_DIR": common, "GIT_COMMON_DIR": common, "GIT_OBJECT_DIRECTORY": f"{common}/objects"}
            repository.git.update_environment(**places)
            yield repository
    except (GitError, ODBError) as error:
        raise VersionError(f"git cannot compare commits in {root}: {' '.join(str(error).split())}") from error
