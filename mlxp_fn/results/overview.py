"""Runs as a table for people: a few columns under short names, one value in each place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from mlxp_fn.records import STEP_COLUMNS
from mlxp_fn.results.cells import ABSENT, ArtifactRefs, MetricRef, identity, ranked
from mlxp_fn.results.comparing import called
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.naming import unknown_column
from mlxp_fn.results.query import FUNCTIONS, Call, Key
from mlxp_fn.results.times import age, instant

SHORT: Mapping[str, str] = {
    "id": "info.logger.log_id",
    "status": "info.status",
    "name": "info.name",
    "tags": "info.tags",
    "started": "info.start",
    "ended": "info.end",
    "error": "info.error.type",
    "job": "info.scheduler.scheduler_job_id",
    "state": "info.scheduler.state",
    "reason": "info.scheduler.reason",
    "unsubmitted": "info.scheduler.unsubmitted",
}
"""Names that a table has for columns of the runs."""

_CALL = re.compile(r"(?P<function>\w+)\((?P<key>[^()]+)\)")
_ALWAYS = ("id", "status", "started", "took")
_WHERE_SAID = ("job", "state", "reason", "unsubmitted", "name", "tags")


def overview(
    runs: Frame,
    columns: Sequence[str] = (),
    *,
    sort: str | None = None,
    limit: int | None = None,
    only_changed: bool = False,
) -> Frame:
    """A table of runs. Of a metric the last value is shown.

    A column is one of the runs, the config's with or without `config.`; a pattern such as `config.*`; a short name
    (those in `SHORT`, and `took`); or a function of a metric, as `min(train.loss)`. Without
    columns these are what is short, the config's that vary, and the metrics. Rows stand by `sort`, a column, with
    `-` before it in descending order; no more than `limit` are kept, without `sort` the last ones. Raises
    `UnknownColumnError`.

    >>> runs = Frame({"info.logger.log_id": [1, 2], "config.lr": [0.1, 0.2], "config.task": ["a", "a"]})
    >>> overview(runs, sort="-lr")["config.lr"]
    [0.2, 0.1]
    """
    names = [name for column in columns for name in expanded(runs, column)] if columns else usual(runs)
    rows = _sorted(runs, sort) if sort else runs
    if limit is not None:
        rows = rows[:limit] if sort else rows[max(0, len(rows) - limit) :]
    table = Frame({name: cells_of(rows, name) for name in dict.fromkeys(names)})
    return changed_columns(table) if only_changed else table


def changed_columns(table: Frame) -> Frame:
    """The table without the columns that are the same in all rows, but with what names the rows."""
    return table.select(
        *(name for name in table.names() if name == "id" or len(set(map(identity, table.cells(name)))) > 1)
    )


def usual(runs: Frame) -> list[str]:
    """The columns that tell most: those of every run, the config's that vary, metrics that are no steps."""
    named = [name for name in _WHERE_SAID if any(map(is_said, runs.cells_or_absent(SHORT[name])))]
    metrics = [name for name in metric_names(runs) if name.rpartition(".")[2] not in STEP_COLUMNS]
    varied = runs.diff("config.") if len(runs) else []
    return [*_ALWAYS[:2], *named, *_ALWAYS[2:], *varied, *metrics]


def metric_names(runs: Frame) -> list[str]:
    """The columns that are metrics."""
    return [name for name in runs.names() if any(isinstance(cell, MetricRef) for cell in runs.cells(name))]


def cells_of(runs: Frame, name: str) -> list[Any]:
    """What a table shows of a column in each row, ABSENT where there is nothing. Raises `UnknownColumnError`."""
    if runs.has(name):
        return list(map(shown, runs.cells(name)))
    if name in SHORT:
        return runs.cells_or_absent(SHORT[name])
    if name == "took":
        facts = zip(*map(runs.cells_or_absent, ("info.start", "info.end", "info.status")), strict=True)
        # When a run that is lost came to its end, nobody knows.
        ends = ((start, runs.read_at if status == "RUNNING" else end) for start, end, status in facts)
        return [age(start, instant(end) if isinstance(end, str) else None) for start, end in ends]
    if runs.has(f"config.{name}"):
        return list(map(shown, runs.cells(f"config.{name}")))
    match = _CALL.fullmatch(name)
    if match and match["function"] in _APPLIED and runs.has(match["key"]):
        call = Call(match["function"], Key(match["key"]))
        return [called(call, cell) for cell in runs.cells(match["key"])]
    raise unknown_column(name, [*SHORT, "took", *runs.names()])


def shown(cell: Any) -> Any:
    """One value for a cell: of a metric the last, of artifacts their names."""
    match cell:
        case MetricRef():
            return cell.last()
        case ArtifactRefs():
            return list(cell.by_name())
        case _:
            return cell


def is_said(cell: Any) -> bool:
    """Whether there is anything to show."""
    return cell is not ABSENT and cell not in (None, "", [])


_APPLIED = frozenset(FUNCTIONS) - {"at"}


def expanded(runs: Frame, column: str) -> list[str]:
    """The names that one word stands for, the config's in full."""
    if "*" in column:
        found = _matching(runs, column) or _matching(runs, f"config.{column}")
        if not found:
            raise unknown_column(column, runs.names())
        return found
    if not runs.has(column) and column not in (*SHORT, "took") and runs.has(f"config.{column}"):
        return [f"config.{column}"]
    return [column]


def _matching(runs: Frame, pattern: str) -> list[str]:
    return [name for name in runs.names() if fnmatchcase(name, pattern)]


def _sorted(runs: Frame, key: str) -> Frame:
    name = key.removeprefix("-")
    cells = [cell if is_said(cell) else None for cell in cells_of(runs, name)]
    return runs.take(ranked(cells, descending=key.startswith("-")))
