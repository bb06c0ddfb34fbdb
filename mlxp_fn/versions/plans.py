"""Which commit runs execute, decided from the working tree and the settings: the latest, a new one, a snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1, sha256

from attrs import frozen
from msgspec.structs import replace

from mlxp_fn.errors import VersionError
from mlxp_fn.versions.names import listed
from mlxp_fn.versions.states import Tree
from mlxp_fn.versions.suspects import suspects

ON_DIRTY = ("snapshot", "commit", "ignore", "refuse")
"""What may happen where the working tree is not as its latest commit and nobody is asked."""

MESSAGE = "State of the code before a run"
"""The message of a commit that nobody wrote one for."""


@frozen
class UseLatest:
    """Run the latest commit."""

    commit: str


@frozen
class TakeSnapshot:
    """Make a commit of the working tree that is on no branch; `paths` differ from the latest commit."""

    paths: tuple[str, ...]


@frozen
class MakeCommit:
    """Commit `paths` on the user's branch."""

    paths: tuple[str, ...]
    message: str = MESSAGE


Plan = UseLatest | TakeSnapshot | MakeCommit


@frozen(kw_only=True)
class Rules:
    """The settings that decide: what to do with a dirty tree, and which suspicious files are welcome in it."""

    on_dirty: str = "snapshot"
    allow: tuple[str, ...] = ()
    max_file_mb: float = 10.0


def plan(tree: Tree, rules: Rules) -> Plan:
    """What to do for the code in `tree` to run. Raises `VersionError` where the rules or the tree forbid it.

    >>> plan(Tree(root="/code", commit="1a2b", branch="main"), Rules())
    UseLatest(commit='1a2b')
    """
    if not tree.is_dirty or rules.on_dirty == "ignore":
        return use_latest(tree)
    match rules.on_dirty:
        case "snapshot":
            return take_snapshot(tree, rules)
        case "commit":
            return make_commit(tree, rules, tree.untracked)
        case "refuse":
            files = (*tree.files, *tree.submodules)
            raise VersionError(
                f"the code in {tree.root} is not as its latest commit ({listed(files)}) and mlxp.version_manager."
                "on_dirty is refuse; commit the changes or take them back"
            )
        case unknown:
            raise VersionError(f"mlxp.version_manager.on_dirty is one of {', '.join(ON_DIRTY)}, not {unknown!r}")


def use_latest(tree: Tree) -> UseLatest:
    """Run the latest commit. Raises `VersionError` where there is none."""
    if tree.commit is None:
        nothing = "" if tree.is_dirty else " and no file"
        raise VersionError(f"the repository {tree.root} has no commit{nothing} yet; make a commit first")
    return UseLatest(tree.commit)


def take_snapshot(tree: Tree, rules: Rules) -> TakeSnapshot:
    """Take a snapshot of the tree. Raises `VersionError`, with their names, for files that must not enter it."""
    _refuse_submodules(tree, "a snapshot")
    _refuse_suspects(tree, rules, "a snapshot")
    return TakeSnapshot(_without_repositories(tree.files))


def make_commit(tree: Tree, rules: Rules, untracked: tuple[str, ...], message: str = MESSAGE) -> MakeCommit:
    """Commit what has changed and these untracked files. Raises `VersionError` where git is busy or must not."""
    if tree.going_on or tree.unmerged:
        raise VersionError(
            f"a {tree.going_on or 'merge'} is going on in {tree.root}, so that nothing is committed for you; "
            "finish it, or set mlxp.version_manager.on_dirty: snapshot"
        )
    tree = replace(tree, untracked=untracked)
    _refuse_submodules(tree, "a commit")
    _refuse_suspects(tree, rules, "a commit")
    return MakeCommit(_without_repositories((*tree.tracked, *tree.untracked)), message)


def _without_repositories(paths: Iterable[str]) -> tuple[str, ...]:
    """The files; a repository within, which the user has allowed to be left out, is none."""
    return tuple(path for path in paths if not path.endswith("/"))


def _refuse_submodules(tree: Tree, what: str) -> None:
    if tree.submodules:
        raise VersionError(
            f"submodules of {tree.root} have changes of their own, which {what} cannot hold "
            f"({listed(tree.submodules)}); commit them there first"
        )


def _refuse_suspects(tree: Tree, rules: Rules, what: str) -> None:
    refused = [f"{path} ({reason})" for path, reason in suspects(tree, rules.allow, rules.max_file_mb)]
    if refused:
        raise VersionError(
            f"{what} of {tree.root} would hold {listed(refused)}; put such files into .gitignore, or name them in "
            "mlxp.version_manager.allow"
        )


def snapshot_text(tree: str) -> bytes:
    """The commit object of a snapshot of this git tree: the same for the same content, whenever, whoever takes it.

    It has no parent: what was committed before does not change what runs.
    """
    who = "mlxp_fn <mlxp_fn@localhost> 946684800 +0000"
    return f"tree {tree}\nauthor {who}\ncommitter {who}\n\nSnapshot of a working tree, by mlxp_fn\n".encode()


def snapshot_hash(tree: str) -> str:
    """The name that git gives to the snapshot of this tree, with SHA-1 or SHA-256 as the tree has it."""
    text = snapshot_text(tree)
    kind = sha1 if len(tree) == 40 else sha256
    return kind(b"commit %d\0%b" % (len(text), text)).hexdigest()
