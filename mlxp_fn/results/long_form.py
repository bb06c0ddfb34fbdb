"""Metrics as one long table: a row for every value that was logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlxp_fn.results.cells import ABSENT, MetricRef
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.overview import metric_names


def long_form(frame: Frame, names: Sequence[str], steps: Sequence[str]) -> Frame:
    """Columns `run, row, step, metric, value`: run by run, the values of these metrics, or of all, in the order of
    their lines. `row` is the line's number in its log, from 0; `step` is None where a line has none of `steps`."""
    columns = {name: frame.cells(name) for name in names or metric_names(frame)}
    ids = [None if cell is ABSENT else cell for cell in frame.cells_or_absent("info.logger.log_id")]
    runs = zip(ids, zip(*columns.values(), strict=True), strict=True)
    lines = (line for run, cells in runs for line in _of_run(run, dict(zip(columns, cells, strict=True)), steps))
    return Frame.from_rows(lines, frame.tell)


def _of_run(run: Any, cells: Mapping[str, Any], steps: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name, cell in cells.items():
        if isinstance(cell, MetricRef):
            for row, line in enumerate(cell.lines()):
                if cell.key in line:
                    step = next((line[key] for key in steps if key in line), None)
                    yield {"run": run, "row": row, "step": step, "metric": name, "value": line[cell.key]}
