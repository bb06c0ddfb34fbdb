"""What a run has produced as cells of a frame: references to its metrics and artifacts, none of which is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from mlxp_fn import layout
from mlxp_fn.effects.artifact_records import read_records
from mlxp_fn.effects.artifacts import FILES
from mlxp_fn.effects.listing import files_below
from mlxp_fn.effects.metric_files import Disk, keys_in
from mlxp_fn.effects.produced import metric_logs, noted_keys
from mlxp_fn.records import RunInfo
from mlxp_fn.results.attempts import Resumed
from mlxp_fn.results.coded import Placed
from mlxp_fn.results.stored_cells import placed_artifacts, placed_metric

Logs = tuple[tuple[str, tuple[str, ...]], ...]
"""Metric logs: the name of each, and its keys."""


def product_cells(run_dir: str, info: RunInfo, disk: Disk) -> Mapping[str, Placed]:
    """References to all that the history tells of, or, where it does not tell, that is there."""
    told = info.products
    logs = tuple(_keys_of_logs(run_dir)) if told is None else tuple(told.metrics.items())
    metrics = _resumed(logs, info, disk) if info.resumed_at else _references(logs, disk)
    return metrics if told is not None and not told.artifacts else {**metrics, **_artifact_cells(run_dir)}


@lru_cache(maxsize=1024)
def _references(logs: Logs, disk: Disk) -> Mapping[str, Placed]:
    """A reference for each key of each log; most runs have the same."""
    return {
        f"{log_name}.{key}": placed_metric(layout.metric_file(log_name), key, disk)
        for log_name, keys in _inside(logs)
        for key in keys
    }


def _resumed(logs: Logs, info: RunInfo, disk: Disk) -> Mapping[str, Placed]:
    return {
        f"{log_name}.{key}": placed_metric(layout.metric_file(log_name), key, disk, _attempts(info, log_name))
        for log_name, keys in _inside(logs)
        for key in keys
    }


def _attempts(info: RunInfo, log_name: str) -> Resumed | None:
    """Where each attempt began to write a log; a log that later attempts began is of one attempt alone."""
    starts = tuple(lengths.get(log_name, 0) for lengths in info.resumed_at)
    return Resumed(starts, info.step_columns) if any(starts) else None


def _inside(logs: Logs) -> Logs:
    """A history is as little to be trusted as all else in a log directory."""
    return tuple((log_name, keys) for log_name, keys in logs if not layout.leaves(log_name))


def _keys_of_logs(run_dir: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for log_name in metric_logs(run_dir):
        keys = noted_keys(run_dir, log_name)
        if keys is None:
            keys = keys_in(f"{run_dir}/{layout.metric_file(log_name)}")
        yield log_name, tuple(keys)


def _artifact_cells(run_dir: str) -> dict[str, Placed]:
    """The artifacts of each type and folder, as MLXP arranges them: the files that are there, and what is recorded
    of them."""
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
