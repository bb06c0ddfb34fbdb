"""The columns of a report: what is shown of each value, and which runs share it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mlxp_fn.results.cells import ABSENT, ArtifactRefs, MetricRef, identity
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.run_curves import Metric
from mlxp_fn.views.printable import printable
from mlxp_fn.views.report.parts import Cell, Column

ID, STATUS = "info.logger.log_id", "info.status"

_TOP = {ID: "run", STATUS: "status", "info.name": "name", "info.tags": "tags"}
"""What stands in the table before all else, and what it is called there."""

_LIMIT = 2_000
"""Characters of a value; what is longer is cut, and says so."""

_EXACT = 2**53
"""JavaScript tells no larger integers apart."""


def shown(value: Any, limit: int = _LIMIT) -> Cell:
    r"""A value as a report shows it: a number, or a text without control characters.

    >>> [shown(value) for value in (0.1, True, None, float("nan"), [1, "a"], "a\x1b[31m")]
    [0.1, 'True', 'None', 'nan', "[1, 'a']", 'a\\x1b[31m']
    """
    if type(value) is int and abs(value) < _EXACT:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    try:
        text = str(value)
    except ValueError:  # an integer of more digits than Python writes
        text = "an integer of many digits"
    except RecursionError:
        text = "a deep tree"
    if len(text) > limit:
        text = f"{text[:limit]}… ({len(text)} characters)"
    return printable(text, keep="\n")


def column(name: str, cells: Sequence[Any], label: str, *, in_table: bool = False) -> Column:
    """A column of these cells, one for each run."""
    places: dict[Any, int] = {}
    values: list[Cell] = []
    codes = []
    for cell in cells:
        if cell is ABSENT:
            codes.append(-1)
            continue
        # 1, 1.0 and True are equal, and are not the same to a reader.
        key = (type(cell), identity(cell))
        if key not in places:
            places[key] = len(values)
            values.append(shown(cell))
        codes.append(places[key])
    same = set(codes) == {0}
    return Column(
        name=printable(name),
        label=printable(label),
        values=values,
        codes=None if same else codes,
        in_table=in_table,
        varies=not same,
    )


def columns_of(frame: Frame, metrics: Sequence[Metric]) -> list[Column]:
    """The id and status of each run first, then what varies, the last values of metrics, and all else."""
    names = [name for name in frame.keys() if _is_plain(frame.cells(name))]  # noqa: SIM118  not a mapping
    varied = set(frame.diff())
    top = [column(name, _top(frame, name), label, in_table=True) for name, label in _TOP.items() if name in names]
    configs = [
        column(name, frame.cells(name), name.removeprefix("config."), in_table=name in varied)
        for name in names
        if name.startswith("config.")
    ]
    rest = [
        column(name, frame.cells(name), name.removeprefix("info."))
        for name in names
        if not name.startswith("config.") and name not in _TOP
    ]
    places = range(len(frame))
    last = [
        column(f"last {metric.name}", [_last(metric, place) for place in places], metric.name, in_table=True)
        for metric in metrics
    ]
    return [*top, *configs, *last, *_durations(frame), *rest]


def _top(frame: Frame, name: str) -> list[Any]:
    """The cells; of lists of words the words."""
    return [", ".join(map(str, cell)) if isinstance(cell, list) else cell for cell in frame.cells(name)]


def _is_plain(cells: Sequence[Any]) -> bool:
    return not any(isinstance(cell, MetricRef | ArtifactRefs) for cell in cells)


def _last(metric: Metric, place: int) -> Any:
    last = metric.last.get(place, ABSENT)
    return float(f"{last:.6g}") if isinstance(last, float) else last


def _durations(frame: Frame) -> list[Column]:
    """How long each run took, in seconds, where its record says when it began and ended."""
    both = zip(*(frame.cells_or_absent(name) for name in ("info.start", "info.end")), strict=True)
    cells = [_seconds(start, end) for start, end in both]
    if all(cell is ABSENT for cell in cells):
        return []
    return [column("seconds", cells, "seconds", in_table=True)]


def _seconds(start: Any, end: Any) -> Any:
    try:
        return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds(), 1)
    except (TypeError, ValueError):  # no end yet, or whatever stands in a file that is not ours
        return ABSENT
