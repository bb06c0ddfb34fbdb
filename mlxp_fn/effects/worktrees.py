"""Copies of a repository at one commit, which are worktrees of git's: which there are, and what became of them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from mlxp_fn import jsonl
from mlxp_fn.effects.git import git, line_of
from mlxp_fn.errors import VersionError
from mlxp_fn.versions.states import COMMIT, parse_status

REASON = "mlxp_fn runs code from this copy of "
"""How the reason begins for which a copy is locked; the root of the repository follows."""

NOT_RESTORED = "mlxp_fn_not_restored"
"""The file, in git's directory of a copy, that names what is not byte for byte as it was."""

SUBMODULES = "mlxp_fn_submodules"
"""The folder, in git's directory of a copy, that tells of the submodules in it."""


class Copy(Struct, frozen=True, kw_only=True):
    """A copy of the repository at `root`; `admin` is where git keeps what it knows of it."""

    path: str
    commit: str
    root: str
    admin: str


def whole(place: Path) -> Copy | None:
    """The copy at `place` if it is there and git knows that it is.

    Raises `VersionError` for one that is now at another commit than its name says.
    """
    admin = _admin_of(place)
    if not admin:
        return None
    try:
        registered = (admin / "gitdir").read_text(errors="surrogateescape").removesuffix("\n")
        commit = (admin / "HEAD").read_text().strip()
        reason = (admin / "locked").read_text(errors="surrogateescape").removesuffix("\n")
        if not os.path.samefile(admin / registered, place / ".git"):
            return None
    except OSError:
        return None
    if commit != place.name:
        raise VersionError(f"the copy {place} is now at {commit}; remove it, and it is made again")
    return Copy(path=str(place), commit=commit, root=reason.removeprefix(REASON), admin=str(admin))


def copy_places(root: str) -> tuple[Path, ...]:
    """Where git knows copies of this repository; those that are being made have other names yet."""
    found = (Path(registered(admin)).parent for admin in admins(root) if _is_ours(admin))
    return tuple(sorted(place for place in found if COMMIT.fullmatch(place.name)))


def copies(root: str) -> tuple[Copy, ...]:
    """Every copy that was made of this repository and is still there."""
    return tuple(copy for copy in map(whole, copy_places(root)) if copy)


def copy_at(directory: str) -> Copy | None:
    """The copy whose root this directory is."""
    place = Path(directory)
    return whole(place) if COMMIT.fullmatch(place.name) else None


def remove_copy(git_dir: str, place: str) -> None:
    """Delete a copy, whatever was written into it since, and what git knows of it.

    `git_dir` is git's own directory of the repository, which may have moved since the copy was made.
    """
    git(git_dir, "worktree", "remove", "--force", "--force", place)


def written_files(place: str) -> int:
    """How many files of a copy are not as in its commit, or not in it; but for what Python compiled."""
    if not os.path.lexists(place):
        return 0
    told = ("--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching")
    entries = git(place, "status", *told)
    return sum(b"__pycache__/" not in entry for entry in entries.split(b"\0") if entry)


def written_requirements(place: Path) -> tuple[str, ...] | None:
    """The lines of `requirements.txt` in a copy; None where there is none."""
    try:
        return tuple((place / "requirements.txt").read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError:
        return None


def git_dir_of(copy: Copy) -> str:
    """Git's own directory of the repository that a copy is of."""
    return str(Path(copy.admin).parent.parent)


def altered_files(copy: Copy) -> tuple[str, ...]:
    """What of the code in a copy is no longer as its commit: changed and removed files, and modules that are new.

    Other new files do not count: a task may write where it stands.
    """
    # A copy's index is ours: git may note there what it found unchanged, and is quick the next time.
    command = ("status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=normal")
    tree = parse_status(git(copy.path, *command, refresh=True))
    modules = [
        path
        for path in tree.untracked
        if path.endswith(".py") or os.path.lexists(os.path.join(copy.path, path, "__init__.py"))
    ]
    altered = (*tree.changed, *tree.unmerged, *tree.submodules, *modules)
    if _filled(copy):
        from mlxp_fn.effects.submodules import altered_in_submodules

        altered = (*altered, *altered_in_submodules(Path(copy.path), Path(copy.admin)))
    return tuple(sorted(altered))


def not_restored(copy: Copy) -> tuple[str, ...]:
    """The files of a copy that git did not bring back byte for byte."""
    try:
        return tuple(jsonl.decode(Path(copy.admin, NOT_RESTORED).read_bytes()))
    except FileNotFoundError:
        return ()


def _filled(copy: Copy) -> bool:
    return os.path.lexists(os.path.join(copy.admin, SUBMODULES))


def admins(root: str) -> list[Path]:
    """Git's directories of all worktrees of a repository, the user's own included."""
    with suppress(FileNotFoundError), os.scandir(Path(common_directory(root), "worktrees")) as entries:
        return [Path(entry.path) for entry in entries]
    return []


def common_directory(root: str) -> str:
    """Git's own directory of a repository, whichever of its worktrees is meant."""
    return line_of(root, "rev-parse", "--path-format=absolute", "--git-common-dir")


def _is_ours(admin: Path) -> bool:
    try:
        return (admin / "locked").read_text(errors="surrogateescape").startswith(REASON)
    except OSError:
        return False


def registered(admin: Path) -> str:
    """Where git believes that the `.git` of a copy lies."""
    try:
        return str(admin / (admin / "gitdir").read_text(errors="surrogateescape").removesuffix("\n"))
    except OSError:
        return ""


def _admin_of(place: Path) -> Path | None:
    """The directory that the `.git` file of a copy names."""
    try:
        content = (place / ".git").read_text(errors="surrogateescape")
    except OSError:
        return None
    return place / content.removeprefix("gitdir: ").removesuffix("\n") if content.startswith("gitdir: ") else None
