"""The submodules of a copy: filled from objects that are on this machine, without a network."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from mlxp_fn.effects.git import attempted, git, line_of, paths_of
from mlxp_fn.effects.worktrees import SUBMODULES, common_directory
from mlxp_fn.errors import VersionError
from mlxp_fn.versions.names import listed
from mlxp_fn.versions.states import GITLINK
from mlxp_fn.versions.suspects import is_allowed


@frozen(kw_only=True)
class Submodule:
    """A submodule as a commit has it: `git_dir` is where its objects are, None where they are not here."""

    path: str
    commit: str
    git_dir: str | None


def fill_submodules(root: str, copy: Path, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Put the files of the submodules into a copy; returns the paths of those that stayed empty.

    Raises `VersionError`, with the names, where objects are missing, but for submodules that `allowed` names: these
    stay empty.
    """
    if not _links(paths_of(str(copy), "ls-files", "-z", "--stage")):
        return ()
    commit = line_of(str(copy), "rev-parse", "HEAD")
    git_dir = common_directory(root)
    records = Path(line_of(str(copy), "rev-parse", "--absolute-git-dir"), SUBMODULES)
    records.mkdir()
    missing = tuple(_fill(Path(root), git_dir, commit, copy, Path(), records))
    if refused := [path for path in missing if not is_allowed(path, allowed)]:
        raise VersionError(
            f"the commit of submodules of {root} is not on this machine ({listed(refused)}); call `git submodule "
            "update --init --recursive`, or name in mlxp.version_manager.allow those that may stay empty"
        )
    return missing


def altered_in_submodules(copy: Path, admin: Path) -> tuple[str, ...]:
    """Files of submodules that are no longer as they were put into the copy."""
    altered: list[str] = []
    for record in (admin / SUBMODULES).glob("*.json"):
        path, git_dir = json.loads(record.read_bytes())
        options = _of(git_dir, copy / path)
        names = paths_of(
            str(copy), *options, "diff-files", "--name-only", "-z", "--ignore-submodules=all", index=_index(record)
        )
        altered.extend(f"{path}/{name}" for name in names)
    return tuple(altered)


def _fill(original: Path, git_dir: str, commit: str, copy: Path, below: Path, records: Path) -> Iterator[str]:
    """Fill the submodules of one repository, which lies `below` the root of the copy, and theirs.

    Yields the paths of those that cannot be filled.
    """
    for submodule in _submodules(original / below, git_dir, commit):
        path = below / submodule.path
        if submodule.git_dir is None:
            yield str(path)
            continue
        (copy / path).mkdir(parents=True, exist_ok=True)
        record = records / f"{len(list(records.glob('*.json')))}.json"
        options = _of(submodule.git_dir, copy / path)
        git(str(copy / path), *options, "read-tree", submodule.commit, index=_index(record))
        git(str(copy / path), *options, "checkout-index", "--all", "--force", "--index", index=_index(record))
        record.write_text(json.dumps([str(path), submodule.git_dir]))
        yield from _fill(original, submodule.git_dir, submodule.commit, copy, path, records)


def _submodules(original: Path, git_dir: str, commit: str) -> list[Submodule]:
    """The submodules of a commit: what `.gitmodules` and the tree of that commit say, not the files of now."""
    links = _links(paths_of(git_dir, "ls-tree", "-r", "-z", commit))
    if not links:
        return []
    asked = ("config", "-z", f"--blob={commit}:.gitmodules", "--get-regexp", r"^submodule\..*\.path$")
    entries = os.fsdecode(attempted(git_dir, *asked).stdout).split("\0")
    names = {
        path: key.removeprefix("submodule.").removesuffix(".path")
        for key, path in (entry.split("\n", 1) for entry in entries if "\n" in entry)
    }
    return [
        Submodule(path=path, commit=link, git_dir=_objects(original / path, git_dir, names.get(path), link))
        for path, link in links.items()
    ]


def _objects(original: Path, git_dir: str, name: str | None, commit: str) -> str | None:
    """The git directory that holds a submodule's commit: of the user's files, or kept from an earlier checkout."""
    places = [f"{git_dir}/modules/{name}"] if name else []
    if os.path.lexists(original / ".git"):
        places.insert(0, line_of(str(original), "rev-parse", "--absolute-git-dir"))
    for place in places:
        if os.path.isdir(place) and not attempted(place, "cat-file", "-e", f"{commit}^{{commit}}").status:
            return place
    return None


def _links(entries: tuple[str, ...]) -> dict[str, str]:
    """Paths and commits of submodules among entries of `ls-files --stage` or `ls-tree`."""
    split = (entry.split("\t", 1) for entry in entries if entry.startswith(GITLINK))
    return {path: next(word for word in facts.split()[1:] if len(word) >= 40) for facts, path in split}


def _of(git_dir: str, files: Path) -> tuple[str, ...]:
    return (f"--git-dir={git_dir}", f"--work-tree={files}")


def _index(record: Path) -> str:
    return str(record.with_suffix(".index"))
