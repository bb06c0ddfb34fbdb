"""The metrics of many runs as curves, every file read once and only its numbers kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mlxp_fn.errors import LogDirError
from mlxp_fn.records import STEP_COLUMNS
from mlxp_fn.results.cells import MetricRef
from mlxp_fn.results.row import Row
from mlxp_fn.views.thinning import as_curve

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]


@frozen(eq=False)
class RunCurve:
    """The numbers that a run logged of a metric, and where on the axis each stands."""

    x: Numbers
    y: Numbers


@frozen(kw_only=True, eq=False)
class Metric:
    """A metric of several runs, by their places in the frame.

    `x` is the column that the curves are drawn against; where it is None, values stand one after the other. `last`
    are the last values, whatever they are.
    """

    name: str
    x: str | None
    curves: Mapping[int, RunCurve]
    last: Mapping[int, Any]


@frozen(eq=False)
class _Column:
    """The numbers under one key of one log, the lines they stand in, and the last value of any kind."""

    lines: Numbers
    numbers: Numbers
    last: Any


_Log = Mapping[str, _Column]


def metrics_of(rows: Iterable[Row], tell: Callable[[str], None]) -> list[Metric]:
    """The metrics of runs in the order in which they first appear, but for those that say which step a line is of.

    Curves are drawn against the first of `step`, `iter`, `iteration` and `epoch` that grows from line to line in
    all runs. A file that cannot be read is told of and left out.
    """
    logs: dict[str, dict[int, _Log]] = {}
    for place, row in enumerate(rows):
        for name, reference in _logs(row).items():
            try:
                logs.setdefault(name, {})[place] = _columns(reference.lines())
            except LogDirError as error:
                tell(str(error))
    return [metric for name, runs in logs.items() for metric in _metrics(name, runs)]


def _logs(row: Row) -> dict[str, MetricRef]:
    """One reference to each log of a run."""
    references = {name: cell for name, cell in row.cells.items() if isinstance(cell, MetricRef)}
    return {name.removesuffix(f".{cell.key}"): cell for name, cell in references.items()}


def _columns(lines: Sequence[Mapping[str, Any]]) -> _Log:
    return {key: _column(lines, key) for key in dict.fromkeys(key for line in lines for key in line)}


def _column(lines: Sequence[Mapping[str, Any]], key: str) -> _Column:
    import numpy as np

    present = [(place, line[key]) for place, line in enumerate(lines) if key in line]
    numbers = [(place, value) for place, value in present if isinstance(value, int | float)]
    return _Column(
        np.array([place for place, _ in numbers], dtype=int),
        as_curve([value for _, value in numbers]),
        present[-1][1],
    )


def _metrics(log: str, runs: Mapping[int, _Log]) -> Iterable[Metric]:
    step = next((step for step in STEP_COLUMNS if _grows(step, runs.values())), None)
    for key in dict.fromkeys(key for columns in runs.values() for key in columns if key not in STEP_COLUMNS):
        columns = {place: run[key] for place, run in runs.items() if key in run}
        yield Metric(
            name=f"{log}.{key}",
            x=f"{log}.{step}" if step else None,
            curves={
                place: _curve(column, runs[place][step] if step else None)
                for place, column in columns.items()
                if len(column.numbers)
            },
            last={place: column.last for place, column in columns.items()},
        )


def _grows(step: str, runs: Iterable[_Log]) -> bool:
    """Whether every run that logged anything says in its lines which step they are of, one after the other."""
    import numpy as np

    steps = [run[step].numbers if step in run else None for run in runs if run]
    return bool(steps) and all(
        numbers is not None and len(numbers) and np.isfinite(numbers).all() and (np.diff(numbers) > 0).all()
        for numbers in steps
    )


def _curve(column: _Column, step: _Column | None) -> RunCurve:
    import numpy as np

    if step is None:
        return RunCurve(np.arange(len(column.numbers), dtype=float), column.numbers)
    _, ours, theirs = np.intersect1d(column.lines, step.lines, assume_unique=True, return_indices=True)
    return RunCurve(step.numbers[theirs], column.numbers[ours])
