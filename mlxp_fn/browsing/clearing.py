"""Versions of the code that a repository keeps for runs: which of them somebody needs, and the others removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from attrs import field, frozen

from mlxp_fn.effects.code_users import commits_in, forget_use, noted_users, processes_in, seconds_unused
from mlxp_fn.effects.listing import sizes_below
from mlxp_fn.effects.snapshots import forget_snapshot, snapshots
from mlxp_fn.effects.working_trees import root_of
from mlxp_fn.effects.worktrees import common_directory, copy_places, remove_copy, written_files
from mlxp_fn.errors import RunBusyError

GRACE = 3600.0
"""So many seconds after a launch has asked for a version it is kept: the record of the run follows later."""


@frozen(kw_only=True)
class KeptVersion:
    """A commit of which there is a snapshot, or copies: `size` bytes, `written` files that are not the commit's.

    `needed` says who needs it, nothing where nobody does.
    """

    commit: str
    is_snapshot: bool
    copies: tuple[str, ...]
    size: int
    written: int
    needed: str


@frozen(kw_only=True)
class KeptVersions:
    """What of its code a repository keeps for runs, and where it was looked for who needs it."""

    git_dir: str
    logs: tuple[Path, ...]
    even_gone: bool
    found: tuple[KeptVersion, ...]

    @property
    def unneeded(self) -> tuple[KeptVersion, ...]:
        """Those that nobody needs."""
        return tuple(version for version in self.found if not version.needed)


def kept_versions(directory: str, logs: Sequence[Path] = (), *, even_gone: bool = False) -> KeptVersions:
    """The versions that the repository with this directory keeps, and who needs them.

    A version is needed while a process runs from a copy of it, for an hour after it was asked for, and while the
    record of any run names its commit: of `logs`, and of the log directories that were noted when it was asked
    for. Where one of these is not there any more, or none was noted, nobody knows: then it is needed, unless
    `even_gone`.
    """
    root = root_of(directory)
    users = _Users(git_dir=common_directory(root), logs=tuple(logs), even_gone=even_gone)
    places: dict[str, tuple[str, ...]] = {}
    for place in copy_places(root):
        places[place.name] = (*places.get(place.name, ()), str(place))
    taken = set(snapshots(root))
    found = (
        KeptVersion(
            commit=commit,
            is_snapshot=commit in taken,
            copies=copies,
            size=sum(size for place in copies for size in sizes_below(place)),
            written=sum(map(written_files, copies)),
            needed=users.need(commit, copies),
        )
        for commit, copies in sorted({**dict.fromkeys(taken, ()), **places}.items())
    )
    return KeptVersions(git_dir=users.git_dir, logs=users.logs, even_gone=even_gone, found=tuple(found))


def clear(kept: KeptVersions) -> None:
    """Remove the copies and the snapshots of the versions that nobody needs; git drops their objects in its time.

    Raises `RunBusyError` for one that somebody has begun to use meanwhile; those before it are gone then.
    """
    users = _Users(git_dir=kept.git_dir, logs=kept.logs, even_gone=kept.even_gone)
    for version in kept.unneeded:
        if need := users.need(version.commit, version.copies):
            raise RunBusyError(f"the version {version.commit} is needed now: {need}")
        for place in version.copies:
            remove_copy(kept.git_dir, place)
        if version.is_snapshot:
            forget_snapshot(kept.git_dir, version.commit)
        forget_use(kept.git_dir, version.commit)


@frozen(kw_only=True)
class _Users:
    """Who may need versions of a repository."""

    git_dir: str
    logs: tuple[Path, ...]
    even_gone: bool
    named: Callable[[Path], Mapping[str, str]] = field(init=False, factory=lambda: cache(commits_in))

    def need(self, commit: str, copies: Sequence[str]) -> str:
        """Who needs a version, in words; nothing where nobody does."""
        return next(self._needs(commit, copies), "")

    def _needs(self, commit: str, copies: Sequence[str]) -> Iterator[str]:
        yield from (f"process {process} runs from it" for place in copies for process in processes_in(place))
        unused = seconds_unused(self.git_dir, commit)
        if unused is not None and unused < GRACE:
            yield "asked for within the last hour"
        logs = dict.fromkeys((*noted_users(self.git_dir, commit), *(place.absolute() for place in self.logs)))
        yield from (f"run {named[commit]} names it" for named in map(self.named, logs) if commit in named)
        if unused is None and not self.even_gone:
            yield "nobody noted where its runs are logged"
        gone = () if self.even_gone else [place for place in logs if not place.is_dir()]
        yield from (f"its runs were logged in {place}, which is not there" for place in gone)
