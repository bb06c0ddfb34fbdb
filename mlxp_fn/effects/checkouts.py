"""Worktrees in which a user looks at the code of a run, or goes on with it."""

from __future__ import annotations

import os
from pathlib import Path

from mlxp_fn.effects.git import attempted, git
from mlxp_fn.effects.submodules import fill_submodules
from mlxp_fn.errors import VersionError


def check_out(root: str, commit: str, place: Path) -> tuple[str, ...]:
    """Put the files of a commit into a new directory, as a worktree of the repository at `root`.

    It is detached and not locked, so that git forgets it once it is deleted. Returns the submodules that stayed
    empty, for their commit is not on this machine. Raises `VersionError` where something lies at `place`.
    """
    refuse_what_lies_there(place)
    try:
        # By force: who deleted an earlier one by hand may make it again.
        git(root, "worktree", "add", "--force", "--detach", str(place), commit)
        return fill_submodules(root, place, ("*",))
    except BaseException:
        attempted(root, "worktree", "remove", "--force", str(place))
        raise


def refuse_what_lies_there(place: Path) -> None:
    """Raise `VersionError` for what is there and is no empty directory."""
    try:
        if not os.path.lexists(place) or (not place.is_symlink() and not os.listdir(place)):
            return
    except NotADirectoryError:
        pass
    except OSError as error:
        raise VersionError(f"cannot look into {place}: {error.strerror}") from error
    raise VersionError(f"{place} is there already, and is no empty directory; name another one")
