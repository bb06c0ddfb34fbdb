"""What a run has produced so far, found without reading it: the columns of its metrics and artifacts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from mlxp_fn import layout
from mlxp_fn.effects.artifact_records import read_records
from mlxp_fn.effects.artifacts import FILES
from mlxp_fn.effects.listing import files_below
from mlxp_fn.effects.metric_files import Disk, keys_in, read_bytes
from mlxp_fn.records import RunInfo
from mlxp_fn.results.attempts import Resumed
from mlxp_fn.results.cells import Artifact, ArtifactRefs, MetricRef

_PLAIN_KEYS = re.compile(rb"(?:[A-Za-z_][A-Za-z0-9_./-]*: ''\n)*")
"""What a file of keys nearly always is; everything else is left to a YAML parser."""


def metric_cells(run_dir: str, info: RunInfo, disk: Disk) -> dict[str, MetricRef]:
    """A reference for each key of each metric log."""
    cells = {}
    files = files_below(f"{run_dir}/{layout.METRICS}")
    for log_name in sorted(name.removesuffix(".json") for name in files if name.endswith(".json")):
        path = f"{run_dir}/{layout.metric_file(log_name)}"
        starts = tuple(lengths.get(log_name, 0) for lengths in info.resumed_at)
        # A log that later attempts began is of one attempt alone.
        resumed = Resumed(starts, info.step_columns) if any(starts) else None
        for key in _metric_keys(f"{run_dir}/{layout.metric_keys_file(log_name)}", path):
            cells[f"{log_name}.{key}"] = MetricRef(path, key, disk, resumed)
    return cells


def artifact_cells(run_dir: str) -> dict[str, ArtifactRefs]:
    """The artifacts of each type and folder, as MLXP arranges them: the files that are there, and what is recorded
    of them."""
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


def _metric_keys(keys_file: str, metric_file: str) -> list[str]:
    """The keys that are noted for a log; where they cannot be read, those found in the log itself."""
    content = read_bytes(keys_file)
    if content and _PLAIN_KEYS.fullmatch(content):
        return content.decode().split(": ''\n")[:-1]
    try:
        noted = _load_yaml(content or b"")
    except yaml.YAMLError:
        noted = None
    return [str(key) for key in noted] if isinstance(noted, dict) else keys_in(metric_file)


@lru_cache(maxsize=64)
def _load_yaml(content: bytes) -> Any:
    """A file of names, as PyYAML reads what it has written; most runs have the same, which nobody changes."""
    return yaml.load(content, Loader=yaml.CSafeLoader)
