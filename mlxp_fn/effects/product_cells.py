"""What a run has produced as cells of a frame: references to its metrics and artifacts, none of which is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlxp_fn import layout
from mlxp_fn.effects.artifact_records import read_records
from mlxp_fn.effects.artifacts import FILES
from mlxp_fn.effects.listing import files_below
from mlxp_fn.effects.metric_files import Disk, keys_in
from mlxp_fn.effects.produced import metric_logs, noted_keys
from mlxp_fn.records import Products, RunInfo
from mlxp_fn.results.attempts import Resumed
from mlxp_fn.results.cells import Artifact, ArtifactRefs, MetricRef


def metric_cells(run_dir: str, info: RunInfo, disk: Disk) -> dict[str, MetricRef]:
    """A reference for each key of each metric log: of those that the history tells of, or that are there."""
    cells = {}
    for log_name, keys in _keys_of_logs(run_dir, info.products):
        path = f"{run_dir}/{layout.metric_file(log_name)}"
        starts = tuple(lengths.get(log_name, 0) for lengths in info.resumed_at)
        # A log that later attempts began is of one attempt alone.
        resumed = Resumed(starts, info.step_columns) if any(starts) else None
        for key in keys:
            cells[f"{log_name}.{key}"] = MetricRef(path, key, disk, resumed)
    return cells


def _keys_of_logs(run_dir: str, told: Products | None) -> Iterator[tuple[str, Iterable[str]]]:
    if told is not None:
        yield from told.metrics.items()
        return
    for log_name in metric_logs(run_dir):
        keys = noted_keys(run_dir, log_name)
        yield log_name, keys_in(f"{run_dir}/{layout.metric_file(log_name)}") if keys is None else keys


def artifact_cells(run_dir: str, info: RunInfo) -> dict[str, ArtifactRefs]:
    """The artifacts of each type and folder, as MLXP arranges them: the files that are there, and what is recorded
    of them. Where the history tells that there are none, nobody looks."""
    if info.products is not None and not info.products.artifacts:
        return {}
    root = f"{run_dir}/{layout.ARTIFACTS}"
    paths = sorted(path for path in files_below(root) if "/" in path)
    if not paths:
        return {}
    facts = read_records(run_dir)
    columns: dict[str, list[Artifact]] = {}
    for path in paths:
        kind, _, within = path.partition("/")
        column, name = layout.artifact_column(kind, within)
        # What is hidden and not recorded was never finished.
        if path in facts or not name.startswith("."):
            artifact = _artifact(root, path, kind, facts.get(path, {}))
            columns.setdefault(column, []).append(artifact)
    return {column: ArtifactRefs(tuple(found)) for column, found in columns.items()}


def _artifact(root: str, path: str, kind: str, facts: Mapping[str, Any]) -> Artifact:
    folder, _, name = f"{root}/{path}".rpartition("/")
    return Artifact(
        name=name,
        path=folder,
        type=kind,
        size=facts.get("size"),
        sha256=facts.get("sha256"),
        root=root,
        store=FILES,
    )
