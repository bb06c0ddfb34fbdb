"""What a repository's working tree is like: read from `git status --porcelain=v2 -z`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

from msgspec import Struct

from mlxp_fn import layout

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
"""The full hash of a commit, SHA-1 or SHA-256."""

GITLINK = "160000"
"""The mode of an entry that stands for a commit of another repository, a submodule."""


class Tree(Struct, frozen=True, kw_only=True):
    """A working tree: what in it differs from the latest commit. Paths are relative to its root.

    `commit` is None before the first one, `branch` where HEAD is detached. A path that ends in `/` is a directory
    of which nothing is tracked; where all is listed, a repository of its own. `submodules` are those with changes
    of their own, which no commit here can hold. `going_on` is what git is in the middle of: a `rebase`, a `merge`.
    """

    root: str = ""
    commit: str | None = None
    branch: str | None = None
    changed: tuple[str, ...] = ()
    unmerged: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    sizes: Mapping[str, int] = {}
    going_on: str | None = None

    @property
    def tracked(self) -> tuple[str, ...]:
        """The files that git knows and that are not as in the latest commit."""
        return (*self.changed, *self.unmerged)

    @property
    def files(self) -> tuple[str, ...]:
        """All files that are not as in the latest commit, or not in it."""
        return (*self.tracked, *self.untracked)

    @property
    def is_dirty(self) -> bool:
        """Whether the latest commit is not what lies there."""
        return bool(self.files or self.submodules)


def parse_status(output: bytes, root: str = "") -> Tree:
    r"""The tree that `git status --porcelain=v2 --branch --no-renames -z` tells of, without sizes.

    >>> parse_status(b"# branch.oid (initial)\0# branch.head main\0? new file.py\0").untracked
    ('new file.py',)
    """
    heads: dict[str, str] = {}
    paths: dict[str, list[str]] = {"changed": [], "unmerged": [], "untracked": [], "submodules": []}
    for entry in output.decode("utf-8", "surrogateescape").split("\0"):
        kind, _, rest = entry.partition(" ")
        match kind:
            case "#":
                name, _, value = rest.partition(" ")
                heads[name] = value
            case "1":
                submodule, path = rest.split(" ", 2)[1], rest.split(" ", 7)[7]
                own_changes = submodule.startswith("S") and submodule[2:] != ".."
                paths["submodules" if own_changes else "changed"].append(path)
            case "u":
                paths["unmerged"].append(rest.split(" ", 9)[9])
            case "?":
                paths["untracked"].append(rest)
    commit, branch = heads.get("branch.oid", "(initial)"), heads.get("branch.head", "(detached)")
    return Tree(
        root=root,
        commit=None if commit == "(initial)" else commit,
        branch=None if branch == "(detached)" else branch,
        changed=tuple(paths["changed"]),
        unmerged=tuple(paths["unmerged"]),
        untracked=tuple(paths["untracked"]),
        submodules=tuple(paths["submodules"]),
    )


class LeftOut(Struct, frozen=True, kw_only=True):
    """Directories that are no part of the code, relative to the root of the repository.

    All of `whole`; of `runs`, where runs are logged between other files, the run directories; of `copies`, where
    copies of the code lie between other files, the copies.
    """

    whole: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether a file or directory is left out.

        >>> LeftOut(whole=("logs",), runs=("",)).covers("logs/1/log.stdout"), LeftOut(runs=("",)).covers("main.py")
        (True, False)
        """
        if any(path.rstrip("/") == directory or path.startswith(f"{directory}/") for directory in self.whole):
            return True
        return any(
            is_inside(name)
            for directories, is_inside in ((self.runs, _is_run), (self.copies, _is_copy))
            for directory in directories
            if (name := _first_name_below(path, directory))
        )


def left_out(root: str, code: str, log_dirs: tuple[str, ...], copies_dirs: tuple[str, ...]) -> LeftOut:
    """What is left out of the repository at `root` where the script lies in `code`; all paths are absolute.

    A directory with the script in it is left out only in part: the code may be in it.
    """
    whole: list[str] = []
    runs: list[str] = []
    copies: list[str] = []
    for directories, shared in ((log_dirs, runs), (copies_dirs, copies)):
        for directory in directories:
            if not PurePath(directory).is_relative_to(root):
                continue
            inside = PurePath(directory).relative_to(root).as_posix()
            holds_code = PurePath(code).is_relative_to(directory)
            (shared if holds_code else whole).append("" if inside == "." else inside)
    return LeftOut(whole=tuple(whole), runs=tuple(runs), copies=tuple(copies))


def _first_name_below(path: str, directory: str) -> str | None:
    start = f"{directory}/" if directory else ""
    return path[len(start) :].partition("/")[0] if path.startswith(start) else None


def _is_run(name: str) -> bool:
    return layout.is_run_name(name) or name == layout.OURS


def _is_copy(name: str) -> bool:
    return bool(COMMIT.match(name.removeprefix(".")))
