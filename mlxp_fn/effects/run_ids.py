"""Ids of runs: each the name of a directory, claimed by `mkdir`, without gaps and never given twice.

No lock file: a name belongs to whoever creates it, which holds on NFS and between hosts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.files import cannot, make_folder, settle, write_atomically
from mlxp_fn.errors import LogDirError

_last_claimed: dict[Path, int] = {}
"""Per parent directory, the highest id this process knows: a directory is listed once, not once a run."""

_hints_wait: list[set[Path]] = []
"""The parents whose hints are still to be left, where they wait."""


@contextmanager
def hints_at_the_end() -> Iterator[None]:
    """Leave no hint for each id that is claimed meanwhile, but one for all at the end."""
    _hints_wait.append(set())
    try:
        yield
    finally:
        for parent in _hints_wait.pop():
            _leave_hint(parent, _last_claimed[parent])


def claim_new(parent: Path, *, fsync: bool = False) -> Path:
    """Make `parent/<id>` for the next free id and return it; ids have no gaps, whoever else claims meanwhile."""
    _make_parent(parent, fsync)
    try:
        highest = identity = _highest(parent)
        while True:
            identity = _last_taken(parent, identity) + 1
            try:
                os.mkdir(parent / str(identity))
            except FileExistsError:
                continue
            return _claimed(parent, identity, highest, fsync)
    except OSError as error:
        raise cannot("make a run directory in", parent, error) from error


def next_free(parents: Iterable[str]) -> list[str]:
    """The directories that runs would get in these parents, one after the other, if nobody claims meanwhile."""
    last: dict[str, int] = {}
    free = []
    for parent in parents:
        if parent not in last:
            last[parent] = _last_taken(Path(parent), _highest(Path(parent))) if os.path.isdir(parent) else 0
        last[parent] += 1
        free.append(f"{os.path.abspath(parent)}/{last[parent]}")
    return free


def claim_forced(parent: Path, identity: int, *, fsync: bool = False) -> Path:
    """Make `parent/<identity>`, or return it if it is there: its run goes on as a new attempt."""
    run_dir = parent / str(identity)
    if run_dir.is_dir():
        return run_dir
    trashed = parent / layout.TRASH / str(identity)
    if os.path.lexists(trashed):
        raise LogDirError(
            f"run {identity} is in the trash; move {trashed} back to {parent} to go on with it, or choose another "
            "forced_log_id"
        )
    _make_parent(parent, fsync)
    try:
        highest = _highest(parent)
        os.mkdir(run_dir)
    except FileExistsError as error:
        if run_dir.is_dir():
            return run_dir
        raise cannot("make the run directory", run_dir, error) from error
    except OSError as error:
        raise cannot("make the run directory", run_dir, error) from error
    return _claimed(parent, identity, highest, fsync)


def _make_parent(parent: Path, fsync: bool) -> None:
    try:
        make_folder(parent, fsync=fsync)
    except (FileExistsError, NotADirectoryError) as error:
        raise LogDirError(
            f"runs cannot be made in {parent}: something there is no directory; choose another parent_log_dir"
        ) from error
    except OSError as error:
        raise cannot("make the log directory", parent, error) from error


def _claimed(parent: Path, identity: int, highest: int, fsync: bool) -> Path:
    """The directory just made, once the disk and those who will look for the next id know of it."""
    if fsync:
        settle(parent)
    _last_claimed[parent] = max(identity, highest)
    if _hints_wait:
        _hints_wait[-1].add(parent)
    else:
        _leave_hint(parent, _last_claimed[parent])
    return parent / str(identity)


def _highest(parent: Path) -> int:
    """The highest id that was ever given here, as far as this process, the hint or the directory tell."""
    known = _last_claimed.get(parent, -1)
    try:
        hinted = int((parent / layout.LAST_ID).read_text())
    except (OSError, ValueError):
        hinted = -1
    if parent in _last_claimed or (hinted >= 0 and _is_taken(parent, hinted)):
        return max(known, hinted)
    with os.scandir(parent) as entries:
        present = max((int(entry.name) for entry in entries if layout.is_run_name(entry.name)), default=0)
    return max(hinted, present)


def _last_taken(parent: Path, identity: int) -> int:
    """The end of the unbroken run of ids above `identity`, found by galloping and halving."""
    step, low = 1, identity
    while _is_taken(parent, low + step):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        if _is_taken(parent, middle):
            low = middle
        else:
            high = middle
    return low


def _is_taken(parent: Path, identity: int) -> bool:
    return os.path.lexists(parent / str(identity)) or os.path.lexists(parent / layout.TRASH / str(identity))


def _leave_hint(parent: Path, identity: int) -> None:
    # A hint is never trusted, and a full disk will be met by who has more to say.
    with suppress(OSError):
        if not (parent / layout.FORMAT).exists():
            (parent / layout.OURS).mkdir(exist_ok=True)
            write_atomically(parent / layout.FORMAT, b'{"format": %d}\n' % layout.VERSION)
        write_atomically(parent / layout.LAST_ID, b"%d\n" % identity)
