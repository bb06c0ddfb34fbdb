"""Metrics as one long table: a row for every value that was logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlxp_fn.errors import InvalidKeyError
from mlxp_fn.results.cells import ABSENT, MetricRef, mark
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.overview import metric_names

_COLUMNS = ("run", "row", "step", "metric", "value")


def long_form(frame: Frame, names: Sequence[str], steps: Sequence[str]) -> Frame:
    """Columns `run, row, step, metric, value`: run by run, the values of these metrics, or of all, in the order of
    their lines. `row` is the line's number in its log, from 0; `step` is None where a line has none of `steps`."""
    columns = {name: _metric(frame, name) for name in names or metric_names(frame)}
    ids = [None if cell is ABSENT else cell for cell in frame.cells_or_absent("info.logger.log_id")]
    lines = [
        line
        for row, run in enumerate(ids)
        for line in _of_run(run, {name: cells[row] for name, cells in columns.items()}, steps)
    ]
    return Frame({name: [line[place] for line in lines] for place, name in enumerate(_COLUMNS)}, tell=frame.tell)


def _metric(frame: Frame, name: str) -> list[Any]:
    """The cells of a metric. Raises `InvalidKeyError` for another column."""
    cells = frame.cells(name)
    other = next((cell for cell in cells if not (cell is ABSENT or isinstance(cell, MetricRef))), ABSENT)
    if other is not ABSENT:
        raise InvalidKeyError(
            f"{name!r} is no metric: a run has {mark(other)!r}; there are {_told(metric_names(frame))}"
        )
    return cells


def _told(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) or "no metrics"


def _of_run(run: Any, cells: Mapping[str, Any], steps: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for name, cell in cells.items():
        if isinstance(cell, MetricRef):
            for row, line in enumerate(cell.lines()):
                if cell.key in line:
                    step = next((line[key] for key in steps if key in line), None)
                    yield run, row, step, name, line[cell.key]
