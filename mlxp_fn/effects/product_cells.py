"""What a run has produced as cells of a frame: references to its metrics and artifacts, none of which is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from mlxp_fn import layout
from mlxp_fn.effects.artifact_records import read_records
from mlxp_fn.effects.artifacts import FILES
from mlxp_fn.effects.listing import files_below
from mlxp_fn.effects.metric_files import Disk, keys_in
from mlxp_fn.effects.produced import metric_logs, noted_keys
from mlxp_fn.records import Products, RunInfo
from mlxp_fn.results.attempts import Resumed
from mlxp_fn.results.coded import Placed
from mlxp_fn.results.stored_cells import placed_artifacts, placed_metric

Logs = tuple[tuple[str, tuple[str, ...], Resumed | None], ...]
"""Metric logs: the name of each, its keys, and where its attempts began."""


def metric_cells(run_dir: str, info: RunInfo, disk: Disk) -> Mapping[str, Placed]:
    """A reference for each key of each metric log: of those that the history tells of, or that are there."""
    logs = _keys_of_logs(run_dir, info.products)
    return _references(tuple((name, tuple(keys), _resumed(info, name)) for name, keys in logs), disk)


@lru_cache(maxsize=1024)
def _references(logs: Logs, disk: Disk) -> Mapping[str, Placed]:
    """Most runs have the same logs."""
    return {
        f"{log_name}.{key}": placed_metric(layout.metric_file(log_name), key, disk, resumed)
        for log_name, keys, resumed in logs
        for key in keys
    }


def _resumed(info: RunInfo, log_name: str) -> Resumed | None:
    """Where each attempt began to write a log; a log that later attempts began is of one attempt alone."""
    if not info.resumed_at:
        return None
    starts = tuple(lengths.get(log_name, 0) for lengths in info.resumed_at)
    return Resumed(starts, info.step_columns) if any(starts) else None


def _keys_of_logs(run_dir: str, told: Products | None) -> Iterator[tuple[str, Iterable[str]]]:
    if told is not None:
        # A history is as little to be trusted as all else in a log directory.
        yield from ((log_name, keys) for log_name, keys in told.metrics.items() if not layout.leaves(log_name))
        return
    for log_name in metric_logs(run_dir):
        keys = noted_keys(run_dir, log_name)
        yield log_name, keys_in(f"{run_dir}/{layout.metric_file(log_name)}") if keys is None else keys


def artifact_cells(run_dir: str, info: RunInfo) -> dict[str, Placed]:
    """The artifacts of each type and folder, as MLXP arranges them: the files that are there, and what is recorded
    of them. Where the history tells that there are none, nobody looks."""
    if info.products is not None and not info.products.artifacts:
        return {}
    paths = sorted(path for path in files_below(f"{run_dir}/{layout.ARTIFACTS}") if "/" in path)
    if not paths:
        return {}
    recorded = read_records(run_dir)
    columns: dict[str, list[Sequence[Any]]] = {}
    for path in paths:
        kind, _, within = path.partition("/")
        column, name = layout.artifact_column(kind, within)
        # What is hidden and not recorded was never finished.
        if path in recorded or not name.startswith("."):
            columns.setdefault(column, []).append(_facts(path, kind, recorded.get(path, {})))
    return {column: placed_artifacts(facts, FILES) for column, facts in columns.items()}


def _facts(path: str, kind: str, recorded: Mapping[str, Any]) -> Sequence[Any]:
    folder, _, name = f"{layout.ARTIFACTS}/{path}".rpartition("/")
    return name, folder, kind, recorded.get("size"), recorded.get("sha256")
