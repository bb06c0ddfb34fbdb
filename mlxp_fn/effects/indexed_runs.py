"""Many runs, read through the index: those whose files are as they were come from it, the others are read anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

from mlxp_fn.effects.artifacts import FILES
from mlxp_fn.effects.index import Index, add, open_index
from mlxp_fn.effects.metric_files import Disk
from mlxp_fn.effects.run_files import RunFiles, is_as_stamped, is_ours, newest
from mlxp_fn.results import segments
from mlxp_fn.results.indexed import IndexedColumns
from mlxp_fn.results.segments import Part, Segment, by_id
from mlxp_fn.results.stored_cells import Openers, stored_column
from mlxp_fn.results.transposed import transposed

Cells = Mapping[str, Any]
Read = Callable[[Sequence[str]], Iterator[tuple[RunFiles, Cells]]]
"""Reads the runs of these names, one after the other, and passes over those that cannot be read."""

WORTH_KEEPING = 32
"""How many runs must have been read anew for the index to be written."""

_AT_ONCE = 4096
"""How many runs are held as single rows before they become a segment."""

_ENDED = frozenset({"COMPLETE", "FAILED", "INTERRUPTED"})
"""A run of ours that is not at its end yet has no entry: it is read each time."""


class _Run(NamedTuple):
    """A run that was read, and the state of its files before that."""

    id: int
    stamp: bytes
    cells: Cells


def indexed_columns(parent: str, directory: int, names: Sequence[str], read: Read, disk: Disk) -> IndexedColumns:
    """The columns of these runs of a log directory, by id, their metrics to be read from `disk`; what was read anew
    is added to the index. The directory is open as `directory`."""
    index = open_index(parent)
    live, changed = _compared(index, directory, names)
    settled = index.settled() if len(changed) >= WORTH_KEEPING else 0
    new, loose = _read_anew(settled, read(changed))
    if sum(map(len, new)) >= WORTH_KEEPING:
        add(index, new, live)
    parts = [*zip(index.segments, live, strict=True), *((segment, range(len(segment))) for segment in new)]
    return _in_order(parent, by_id(parts), loose, Openers(disk, FILES))


def _compared(index: Index, directory: int, names: Sequence[str]) -> tuple[list[list[int]], list[str]]:
    """For each segment the rows that still hold, and the names of the other runs."""
    # Plain numbers: Python's garbage collector would look again and again at a hundred thousand tuples.
    stamps = list(chain.from_iterable(segment.stamps for segment in index.segments))
    ids = chain.from_iterable(segment.ids for segment in index.segments)
    places = {identity: place for place, identity in enumerate(ids)}
    held, changed = [], []
    for name in names:
        place = places.get(int(name))
        if place is not None and is_as_stamped(stamps[place], directory, name):
            held.append(place)
        else:
            changed.append(name)
    ends = list(accumulate(map(len, index.segments), initial=0))
    return [[place - start for place in held if start <= place < end] for start, end in pairwise(ends)], changed


def _read_anew(settled: int, read: Iterable[tuple[RunFiles, Cells]]) -> tuple[list[Segment], list[_Run]]:
    """The runs as segments, as far as they can be kept, and the rest as single rows."""
    made: list[Segment] = []
    loose: list[_Run] = []
    waiting: list[_Run] = []
    for files, cells in read:
        run = _Run(int(files.name), files.stamp(), cells)
        if _may_change_unseen(run, settled):
            loose.append(run)
            continue
        waiting.append(run)
        if len(waiting) == _AT_ONCE:
            made.extend(_as_segment(waiting, loose))
            waiting = []
    made.extend(_as_segment(waiting, loose))
    return made, loose


def _may_change_unseen(run: _Run, settled: int) -> bool:
    if newest(run.stamp) >= settled:
        return True
    # An attempt that somebody has settled may have been alive, and may still tell its own end.
    going_on = run.cells.get("info.recorded_status") not in _ENDED or "info.settled" in run.cells
    return going_on and is_ours(run.stamp)


def _as_segment(runs: Sequence[_Run], loose: list[_Run]) -> Iterator[Segment]:
    """The runs as a segment, but for those with a cell that cannot be stored, which become loose."""
    cells = transposed([run.cells for run in runs])
    columns = {name: stored_column(column, name) for name, column in cells.items()}
    refused = {row for column in columns.values() for row in column.refused()}
    if refused:
        loose.extend(runs[row] for row in sorted(refused))
        yield from _as_segment([run for row, run in enumerate(runs) if row not in refused], loose)
    elif runs:
        yield segments.from_columns([run.id for run in runs], [run.stamp for run in runs], columns)


def _in_order(parent: str, parts: Sequence[Part], loose: Sequence[_Run], openers: Openers) -> IndexedColumns:
    identities = [segment.ids[row] for segment, rows in parts for row in rows]
    identities.extend(run.id for run in loose)
    order: Sequence[int] = range(len(identities))
    if identities != sorted(identities):
        order = sorted(order, key=identities.__getitem__)
    return IndexedColumns(
        parts,
        [run.cells for run in loose],
        order,
        [f"{parent}/{identities[place]}" for place in order],
        openers,
    )
