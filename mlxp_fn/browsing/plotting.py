"""Curves of runs as a figure that knows what it was made from, and figures asked for it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from attrs import frozen
from msgspec import Struct

from mlxp_fn import layout
from mlxp_fn.browsing.choice import Choice
from mlxp_fn.effects.figures import MADE_FROM, blank_axes, made_from, save_figure
from mlxp_fn.effects.regular_files import file_sha256
from mlxp_fn.effects.run_list import trashed_ids
from mlxp_fn.errors import InvalidMapError, NoRunError
from mlxp_fn.results.cells import ABSENT, MetricRef
from mlxp_fn.results.curves import Curve
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.overview import expanded
from mlxp_fn.views.figure import fit_to_column, plot

AS_IT_WAS = "as it was"


class Drawn(Struct, frozen=True, kw_only=True):
    """A run in a figure: its commit, and the digests of its config and of the log that was drawn."""

    id: int
    commit: str | None
    config: str | None
    log: str | None


class Made(Struct, frozen=True, kw_only=True):
    """What a figure was made from. `logs` is the log directory, `near` the way to it from the figure's."""

    metric: str
    log: str
    query: str | None
    by: tuple[str, ...]
    x: str | None
    band: str | None
    logs: str
    near: str
    runs: tuple[Drawn, ...]


@frozen(kw_only=True)
class PlotOptions:
    """How curves are drawn: one for each group `by`, against `x`, with a band around the mean."""

    by: Sequence[str] = ()
    x: str | None = None
    band: str | None = "std"
    log_y: bool = False


@frozen(kw_only=True)
class Traced:
    """What a figure says of itself, and a row for each of its runs: `id`, `commit`, and its `state` now."""

    made: Made
    logs: Path
    runs: Frame

    @property
    def holds(self) -> bool:
        """Whether all runs are as they were."""
        return set(self.runs["state"]) <= {AS_IT_WAS}


def drawn_curves(asked: Choice, metric: str, options: PlotOptions) -> list[Curve]:
    """The curves that are drawn. Raises `UnknownColumnError`, `InvalidMapError`, and as `Choice.runs` does."""
    runs = asked.runs()
    return runs.curves(metric, _by(runs, options), options.x, options.band)


def write_plot(asked: Choice, metric: str, options: PlotOptions, path: Path) -> Made:
    """Draw curves into a file, PNG, PDF or SVG by its name, together with what they were made from."""
    if path.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise InvalidMapError(f"{path} ends in none of .png, .pdf, .svg")
    runs = asked.runs()
    made = _made(runs, asked, metric, options, path)
    axes = plot(runs, metric, _by(runs, options), options.x, options.band, blank_axes(), options.log_y)
    fit_to_column(axes)
    save_figure(axes, path, {MADE_FROM: json.dumps(msgspec.to_builtins(made))})
    return made


def trace(figure: Path, logs: Path | None = None) -> Traced:
    """What a figure was made from, and whether its runs are as they were.

    They are looked for in `logs`, or where the figure says: first on the way from it, then at the absolute place.
    Raises `NoRunError` for a figure that does not tell, `LogDirError` for a file that cannot be read.
    """
    try:
        made = msgspec.json.decode(made_from(figure) or "", type=Made)
        layout.checked_log_name(made.log)
    except msgspec.MsgspecError as error:
        raise NoRunError(f"{figure} does not tell what it was made from, as those of mlxp plot -o do") from error
    near = figure.parent / made.near
    place = logs or (near if near.is_dir() else Path(made.logs))
    trashed = set(trashed_ids(place))
    columns: dict[str, list[Any]] = {
        "id": [run.id for run in made.runs],
        "commit": [run.commit or ABSENT for run in made.runs],
        "state": [_state(place, made.log, run, trashed) for run in made.runs],
    }
    return Traced(made=made, logs=place, runs=Frame(columns))


def _by(runs: Frame, options: PlotOptions) -> list[str]:
    """The columns of the groups, the config's in full."""
    return [name for column in options.by for name in expanded(runs, column)]


def _made(runs: Frame, asked: Choice, metric: str, options: PlotOptions, path: Path) -> Made:
    cells = runs.cells(metric)
    rows = [row for row, cell in enumerate(cells) if isinstance(cell, MetricRef)]
    if not rows:
        raise InvalidMapError(f"{metric} is no metric: no run has curves of it")
    log = metric.removesuffix(f".{cells[rows[0]].key}")
    logs = asked.place.absolute()
    return Made(
        metric=metric,
        log=log,
        query=asked.query,
        by=tuple(_by(runs, options)),
        x=options.x,
        band=options.band,
        logs=str(logs),
        near=os.path.relpath(logs, path.absolute().parent),
        runs=tuple(_drawn(runs, row, log, logs) for row in rows),
    )


def _drawn(runs: Frame, row: int, log: str, logs: Path) -> Drawn:
    source = runs.provenance(row, "info.logger.log_id")[0]
    run = int(source.id or 0)
    return Drawn(id=run, commit=source.commit, **_digests(logs / str(run), log))


def _digests(run_dir: Path, log: str) -> dict[str, str | None]:
    files = {"config": layout.CONFIG, "log": layout.metric_file(log)}
    return {what: file_sha256(run_dir / file) for what, file in files.items()}


def _state(logs: Path, log: str, run: Drawn, trashed: set[int]) -> str:
    if run.id in trashed:
        return "in the trash"
    now = _digests(logs / str(run.id), log)
    if now["config"] is None:
        return "gone"
    changed = [
        name for name, was, what in (("config", run.config, "config"), (log, run.log, "log")) if was != now[what]
    ]
    return f"changed: {', '.join(changed)}" if changed else AS_IT_WAS
