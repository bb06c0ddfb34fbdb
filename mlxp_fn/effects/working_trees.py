"""Looking at a git repository: its root, and what in it differs from the latest commit. Nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator

from msgspec.structs import replace

from mlxp_fn import layout
from mlxp_fn.effects.git import attempted, git, line_of, paths_of
from mlxp_fn.errors import VersionError
from mlxp_fn.jobs.masking import without_credentials
from mlxp_fn.versions.states import GITLINK, LeftOut, Tree, parse_status

STATUS = (
    *("status", "--porcelain=v2", "-z", "--branch"),
    *("--no-renames", "--no-ahead-behind", "--ignore-submodules=none"),
)

_GOING_ON = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
"""Files in a git directory that say that git is in the middle of something."""


def root_of(directory: str) -> str:
    """The root of the repository with this directory. Raises `VersionError` where it is in none."""
    root = line_of(directory, "rev-parse", "--show-toplevel")
    if not root:
        raise VersionError(f"{directory} lies in a git directory, where no code is; launch from the repository")
    return root


def look_at(root: str, left_out: LeftOut) -> Tree:
    """The working tree as it is now, without what is left out; of a dirty one every untracked file is listed."""
    tree = parse_status(git(root, *STATUS, "--untracked-files=normal"), root)
    changed = tuple(path for path in tree.changed if not left_out.covers(path))
    unmerged = tuple(path for path in tree.unmerged if not left_out.covers(path))
    known = (path for path in tree.untracked if not left_out.covers(path))
    untracked = tuple(path for path in known if not _is_no_code(root, path))
    # Below a directory that took the place of a file, git's status is silent.
    if any(path.endswith("/") for path in untracked) or any(_is_directory(root, path) for path in changed):
        untracked = _all_untracked(root, left_out)
    files = (*changed, *unmerged, *untracked)
    return replace(
        tree,
        changed=changed,
        unmerged=unmerged,
        untracked=untracked,
        sizes={path: _size(root, path) for path in files},
        going_on=_going_on(root) if files else None,
    )


def address_of_remote(root: str, branch: str | None) -> str | None:
    """The address of the remote that the branch follows, else of `origin`, without credentials."""
    found = attempted(root, "config", "-z", "--get-regexp", r"^(remote\..*\.url|branch\..*\.remote)$").stdout
    settings = dict(entry.split("\n", 1) for entry in os.fsdecode(found).split("\0") if "\n" in entry)
    remote = settings.get(f"branch.{branch}.remote", "origin")
    address = settings.get(f"remote.{remote}.url")
    return None if address is None else without_credentials(address)


def tracked_files(root: str) -> tuple[str, ...]:
    """Every file that git tracks below `root`; submodules are no files."""
    entries = paths_of(root, "ls-files", "-z", "--stage")
    return tuple(entry.split("\t", 1)[1] for entry in entries if not entry.startswith(GITLINK))


def _all_untracked(root: str, left_out: LeftOut) -> tuple[str, ...]:
    """Every untracked file that counts, by name; those of environments and of runs, whose ever, do not."""
    listed = paths_of(root, "ls-files", "-z", "--others", "--exclude-standard")
    shown = [path for path in listed if not left_out.covers(path)]
    folders = {folder for path in shown for folder in _folders(path)}
    environments = tuple(folder for folder in folders if _is_environment(root, folder))
    runs = LeftOut(runs=tuple(folder.rstrip("/") for folder in folders if _has(root, folder, layout.OURS)))
    return tuple(
        path
        for path in shown
        if not (path.startswith(environments) or runs.covers(path) or _is_worktree(root, path))
    )


def _is_directory(root: str, path: str) -> bool:
    place = os.path.join(root, path)
    return os.path.isdir(place) and not os.path.islink(place)


def _folders(path: str) -> Iterator[str]:
    """`a/` and `a/b/` of `a/b/c`."""
    end = path.find("/")
    while end >= 0:
        yield path[: end + 1]
        end = path.find("/", end + 1)


def _is_no_code(root: str, path: str) -> bool:
    return _is_environment(root, path) or _holds_only_runs(root, path) or _is_worktree(root, path)


def _is_worktree(root: str, folder: str) -> bool:
    """Whether a directory is another worktree: what is in it is in a repository already."""
    if not folder.endswith("/"):
        return False
    try:
        with open(os.path.join(root, folder, ".git"), errors="surrogateescape") as file:
            return "/worktrees/" in file.read(4096)
    except OSError:
        return False


def _is_environment(root: str, folder: str) -> bool:
    """Whether a directory is an environment of Python's, or conda's, packages."""
    return folder.endswith("/") and (_has(root, folder, "pyvenv.cfg") or _has(root, folder, "conda-meta"))


def _holds_only_runs(root: str, folder: str) -> bool:
    """Whether a directory is a log directory, if not that of this launch."""
    if not (folder.endswith("/") and _has(root, folder, layout.OURS)):
        return False
    with os.scandir(os.path.join(root, folder)) as entries:
        return all(entry.name == layout.OURS or layout.is_run_name(entry.name) for entry in entries)


def _has(root: str, folder: str, name: str) -> bool:
    return os.path.lexists(os.path.join(root, folder, name))


def _size(root: str, path: str) -> int:
    try:
        return os.lstat(os.path.join(root, path)).st_size
    except OSError:
        return 0  # removed, and so in no snapshot


def _going_on(root: str) -> str | None:
    directory = line_of(root, "rev-parse", "--absolute-git-dir")
    return next((word for name, word in _GOING_ON.items() if os.path.lexists(os.path.join(directory, name))), None)
