"""Many runs, read through the index: those whose files are as they were come from it, the others are read anew."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from mlxp_fn import layout
from mlxp_fn.effects.artifacts import FILES
from mlxp_fn.effects.index import Index, add, open_index
from mlxp_fn.effects.metric_files import Disk
from mlxp_fn.results import segments
from mlxp_fn.results.indexed import IndexedColumns
from mlxp_fn.results.segments import Part, Segment, by_id
from mlxp_fn.results.stored_cells import NotStorable, Openers, encoded

Cells = Mapping[str, Any]
Read = Callable[[Iterable[str]], Iterator[tuple[str, Cells]]]
"""Reads the runs of these names, one after the other, and passes over those that cannot be read."""

WORTH_KEEPING = 32
"""How many runs must have been read anew for the index to be written."""

_AT_ONCE = 4096
"""How many runs are held as single rows before they become a segment."""

_ENDED = frozenset({"COMPLETE", "FAILED", "INTERRUPTED"})
"""A run of ours that is not at its end yet has no entry: it is read each time."""

_FILES = {
    b"o": (layout.CONFIG, layout.EVENTS, layout.events_file(0)),
    b"m": (layout.CONFIG, layout.INFO, layout.METRIC_KEYS, os.path.dirname(layout.ARTIFACT_KEYS)),
}
"""What tells whether a run of ours, or of MLXP's, has changed. An attempt of ours that has ended writes no more;
a new one, and whoever else has something to say, makes or lengthens a file of events."""

_ABSENT = (-1, -1, -1, -1)
"""The state of a file that is not there."""


def indexed_columns(parent: str, names: Sequence[str], read: Read, disk: Disk) -> IndexedColumns:
    """The columns of these runs of a log directory, by id, their metrics to be read from `disk`; what was read anew
    is added to the index."""
    index = open_index(parent)
    descriptor = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        live, changed = _compared(index, descriptor, names)
        settled = index.settled() if len(changed) >= WORTH_KEEPING else 0
        new, loose = _read_anew(settled, descriptor, parent, changed, read)
    finally:
        os.close(descriptor)
    if sum(map(len, new)) >= WORTH_KEEPING:
        add(index, new, live)
    parts = [*zip(index.segments, live, strict=True), *((segment, range(len(segment))) for segment in new)]
    return _in_order(parent, by_id(parts), loose, Openers(disk, FILES))


def _compared(index: Index, descriptor: int, names: Sequence[str]) -> tuple[list[list[int]], list[str]]:
    """For each segment the rows that still hold, and the names of the other runs."""
    known = {
        identity: (number, row)
        for number, segment in enumerate(index.segments)
        for row, identity in enumerate(segment.ids)
    }
    live: list[list[int]] = [[] for _ in index.segments]
    changed = []
    for name in names:
        number, row = known.get(int(name), (0, -1))
        if row >= 0 and _state(descriptor, name, (stamp := index.segments[number].stamps[row])[:1]) == stamp:
            live[number].append(row)
        else:
            changed.append(name)
    return live, changed


def _read_anew(
    settled: int, descriptor: int, parent: str, names: Iterable[str], read: Read
) -> tuple[list[Segment], list[tuple[int, Cells]]]:
    """The runs as segments, as far as they can be kept, and the rest as single rows."""
    stamps: dict[str, bytes] = {}

    def stamped() -> Iterator[str]:
        for name in names:
            stamps[name] = _stamp(descriptor, name)
            yield name

    made: list[Segment] = []
    loose: list[tuple[int, Cells]] = []
    rows: list[tuple[int, bytes, Mapping[str, bytes]]] = []
    for name, cells in read(stamped()):
        stamp = stamps.pop(name)
        if (row := _storable(cells, f"{parent}/{name}", stamp, settled)) is None:
            loose.append((int(name), cells))
            continue
        rows.append((int(name), stamp, row))
        if len(rows) == _AT_ONCE:
            made.append(segments.from_rows(*zip(*rows, strict=True)))
            rows = []
    if rows:
        made.append(segments.from_rows(*zip(*rows, strict=True)))
    return made, loose


def _storable(cells: Cells, run_dir: str, stamp: bytes, settled: int) -> Mapping[str, bytes] | None:
    """The cells of a run for a segment, or None where the run may still change unseen."""
    ours = stamp[:1] == b"o"
    status = cells.get("info.recorded_status")
    # An attempt that somebody has settled may have been alive, and may still tell its own end.
    if _newest(stamp) >= settled or (ours and (status not in _ENDED or "info.settled" in cells)):
        return None
    try:
        return {name: encoded(name, cell, run_dir, movable=ours) for name, cell in cells.items()}
    except NotStorable:
        return None


def _in_order(
    parent: str, parts: Sequence[Part], loose: Sequence[tuple[int, Cells]], openers: Openers
) -> IndexedColumns:
    identities = [segment.ids[row] for segment, rows in parts for row in rows]
    identities.extend(identity for identity, _ in loose)
    order: Sequence[int] = range(len(identities))
    if any(later < earlier for earlier, later in pairwise(identities)):
        order = sorted(order, key=identities.__getitem__)
    return IndexedColumns(
        parts,
        [cells for _, cells in loose],
        order,
        [f"{parent}/{identities[place]}" for place in order],
        openers,
    )


def _stamp(descriptor: int, name: str) -> bytes:
    """The state of a run's files: of those of ours, or of MLXP's where there are no events."""
    try:
        os.stat(f"{name}/{layout.EVENTS}", dir_fd=descriptor)
    except OSError:
        return _state(descriptor, name, b"m")
    return _state(descriptor, name, b"o")


def _state(descriptor: int, name: str, kind: bytes) -> bytes:
    """The kind, then size, inode and times of each file."""
    found: list[int] = []
    for file in _FILES[kind]:
        try:
            status = os.stat(f"{name}/{file}", dir_fd=descriptor)
            found += (status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        except (FileNotFoundError, NotADirectoryError):
            found += _ABSENT
    return kind + struct.pack(f"<{len(found)}q", *found)


def _newest(stamp: bytes) -> int:
    """When the last of the files changed, in nanoseconds."""
    states: Iterator[tuple[int, int, int, int]] = struct.iter_unpack("<4q", stamp[1:])
    return max(max(modified, changed) for _, _, modified, changed in states)
