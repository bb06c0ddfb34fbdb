"""From the settings to a version: look at the repository, decide what runs, have the copy, see that it is sound."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mlxp_fn.effects import terminal
from mlxp_fn.effects.code_users import note_use
from mlxp_fn.effects.environment import working_directory
from mlxp_fn.effects.working_trees import address_of_remote, look_at, root_of
from mlxp_fn.effects.worktrees import Copy, altered_files, copy_at, not_restored, whole, written_requirements
from mlxp_fn.launching.git_versions import GitVM
from mlxp_fn.versions.names import listed
from mlxp_fn.versions.provenance import Version, recorded_paths
from mlxp_fn.versions.restarts import moved
from mlxp_fn.versions.states import Tree, left_out

if TYPE_CHECKING:
    from mlxp_fn.versions.marks import Mark
    from mlxp_fn.versions.plans import Plan


def made_version(manager: GitVM) -> Version:
    """The version of the code of `manager`, its copy made where it was not there yet.

    A copy that was altered, and files that git does not keep as they are, are reported. Raises `VersionError`
    where there can be no version.
    """
    root = root_of(manager.code_dir)
    copy = copy_at(root)
    if copy:
        # Somebody started a script in the copy itself.
        stands = moved(working_directory(), root, copy.root)
        version = Version(commit=copy.commit, root=copy.root, copy=root, directory=stands)
    else:
        tree = _tree(manager, root)
        version, differing = _decided(manager, tree)
        copy = whole(Path(version.copy)) or _copied(manager, version, differing)
    note_use(copy, manager.log_dir)
    version = _with_requirements(version, manager.compute_requirements)
    version = replace(version, altered=altered_files(copy), not_restored=not_restored(copy))
    _report(version)
    return version


def _tree(manager: GitVM, root: str) -> Tree:
    log_dirs = (os.path.realpath(manager.log_dir),) if manager.log_dir else ()
    return look_at(root, left_out(root, manager.code_dir, log_dirs, (os.path.realpath(manager.parent_work_dir),)))


def _decided(manager: GitVM, tree: Tree) -> tuple[Version, frozenset[str]]:
    """The version that shall run, and the files of the tree that are not as in it."""
    commit, is_snapshot, differing = _committed(manager, tree)
    place = Path(os.path.realpath(manager.parent_work_dir), os.path.basename(tree.root) or "root", commit)
    return Version(
        commit=commit,
        root=tree.root,
        copy=str(place),
        directory=working_directory(),
        latest=tree.commit if is_snapshot else commit,
        branch=tree.branch,
        remote=address_of_remote(tree.root, tree.branch),
        is_dirty=is_snapshot or bool(differing),
        is_snapshot=is_snapshot,
    ), differing


def _committed(manager: GitVM, tree: Tree) -> tuple[str, bool, frozenset[str]]:
    """The commit that shall run, made where it must be; whether it is a snapshot; the files that differ from it."""
    if tree.commit and not tree.is_dirty:
        return tree.commit, False, frozenset()
    from mlxp_fn.effects import snapshots  # a clean tree needs none of this
    from mlxp_fn.versions.plans import MakeCommit, TakeSnapshot, UseLatest

    match _plan(manager, tree):
        case UseLatest(commit):
            return commit, False, frozenset((*tree.files, *tree.submodules))
        case TakeSnapshot(paths):
            commit = snapshots.take_snapshot(tree.root, tree.commit, paths)
            return commit, commit != tree.commit, frozenset()
        case MakeCommit(paths, message):
            return snapshots.make_commit(tree.root, paths, message), False, frozenset(tree.files).difference(paths)


def _plan(manager: GitVM, tree: Tree) -> Plan:
    from mlxp_fn.effects.questions import ask_what_to_run, may_ask
    from mlxp_fn.versions.plans import Rules, plan

    rules = Rules(on_dirty=manager.on_dirty, allow=manager.allow, max_file_mb=manager.max_file_mb)
    asked = tree.is_dirty and manager.interactive and may_ask()
    return ask_what_to_run(tree, rules) if asked else plan(tree, rules)


def _copied(manager: GitVM, version: Version, differing: frozenset[str]) -> Copy:
    from mlxp_fn.effects.copying import copy_of  # most often the copy is there
    from mlxp_fn.effects.restoring import note_not_restored
    from mlxp_fn.effects.submodules import fill_submodules

    def complete(unfinished: Path) -> None:
        fill_submodules(version.root, unfinished, manager.allow)
        note_not_restored(version.root, unfinished, differing)

    return copy_of(version.root, version.commit, Path(version.copy), complete)


def _with_requirements(version: Version, compute: bool) -> Version:
    """The version with the lines of its `requirements.txt` and, if asked, with the packages that it imports."""
    installed = None
    if compute:
        from mlxp_fn.effects.installed import installed_requirements

        installed = installed_requirements(Path(version.copy))
    written = written_requirements(Path(version.copy))
    return replace(version, requirements=installed or () if written is None else written, installed=installed)


def seen_again(known: Mark) -> Mapping[str, Any]:
    """What is recorded of a copy by a process that was started from it later, as a scheduler's job."""
    copy = copy_at(known.copy)
    altered = altered_files(copy) if copy else ()
    if altered:
        _report_altered(known.copy, altered)
    facts = {name: value for name, value in known.info.items() if name != "altered"}
    return {**facts, "altered": recorded_paths(altered)} if altered else facts


def _report_altered(copy: str, altered: tuple[str, ...]) -> None:
    terminal.say(
        f"warning: the copy of the code {copy} was altered: {listed(altered)}; remove it, and it is made again"
    )


def _report(version: Version) -> None:
    if version.altered:
        _report_altered(version.copy, version.altered)
    if version.not_restored:
        terminal.say(
            f"warning: git does not keep these files as they are, and the copy {version.copy} has them otherwise: "
            f"{listed(version.not_restored)}; line-ending rules and filters in .gitattributes do that"
        )
