"""All that is known of one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from mlxp_fn.browsing.choice import Choice
from mlxp_fn.effects.run_dirs import is_ours, read_info
from mlxp_fn.errors import SelectionError
from mlxp_fn.records import TaskError
from mlxp_fn.results.cells import ABSENT, artifacts_of
from mlxp_fn.results.comparing import called
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.overview import cells_of, is_said, metric_names
from mlxp_fn.results.query import Call, Key
from mlxp_fn.results.row import Row

_FACTS = {
    "status": "status",
    "signal": "info.signal",
    "settled": "info.settled",
    "name": "name",
    "tags": "tags",
    "notes": "info.notes",
    "started": "started",
    "ended": "ended",
    "took": "took",
    "attempt": "info.attempt",
    "command": "info.command",
    "directory": "info.logger.log_dir",
    "work_dir": "info.work_dir",
    "host": "info.hostname",
    "process": "info.process_id",
    "user": "info.user",
    "job": "info.scheduler.scheduler_job_id",
    "python": "info.python",
    "os": "info.os",
    "gpu": "info.gpu",
    "commit": "info.git.commit",
    "branch": "info.git.branch",
    "dirty": "info.git.dirty",
}
"""What a page tells first, and the columns that have it."""


@frozen(kw_only=True)
class Page:
    """A run: facts in the order in which they are shown, and tables."""

    id: int
    facts: dict[str, Any]
    config: dict[str, Any]
    metrics: Frame
    artifacts: Frame
    inputs: Frame
    result: dict[str, Any]
    error: TaskError | None


def page_of(asked: Choice) -> Page:
    """The page of the one run that is asked for. Raises `SelectionError` where there are several."""
    runs = asked.runs()
    if len(runs) != 1:
        raise SelectionError(f"one run is shown, not {len(runs)}; mlxp compare shows several")
    row, run = runs[0], int(runs["info.logger.log_id"][0])
    inputs = row.get("info.inputs")
    return Page(
        id=run,
        facts=_facts(runs),
        config={name.removeprefix("config."): row[name] for name in row if name.startswith("config.")},
        metrics=_metrics(runs),
        artifacts=_artifacts(row),
        inputs=Frame.from_rows(inputs if isinstance(inputs, list) else ()),
        result={name.removeprefix("info."): row[name] for name in row if name.startswith("info.result")},
        error=_error(asked.place / str(run)),
    )


def _facts(runs: Frame) -> dict[str, Any]:
    """Those that there are."""
    known = ((fact, name) for fact, name in _FACTS.items() if not name.startswith("info.") or runs.has(name))
    cells = {fact: cells_of(runs, name)[0] for fact, name in known}
    return {fact: cell for fact, cell in cells.items() if is_said(cell)}


def _metrics(runs: Frame) -> Frame:
    """A row for each metric: `metric`, `last`, `min`, `max`, `count`."""
    return Frame.from_rows(
        {
            "metric": name,
            **{function: called(Call(function, Key(name)), cell) for function in ("last", "min", "max", "count")},
        }
        for name in metric_names(runs)
        for cell in (reference.loaded(reference.lines()) for reference in runs.cells(name))
    )


def _artifacts(run: Row) -> Frame:
    """A row for each artifact: `artifact`, its path in the run, and `size` in bytes."""
    return Frame.from_rows(
        {"artifact": path, "size": ABSENT if artifact.size is None else artifact.size}
        for path, artifact in artifacts_of(run.cells).items()
    )


def _error(run_dir: Path) -> TaskError | None:
    return read_info(run_dir).error if is_ours(run_dir) else None
