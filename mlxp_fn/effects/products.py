"""What a run has produced so far, found without reading it: the columns of its metrics and artifacts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import yaml

from mlxp_fn import layout
from mlxp_fn.effects import artifacts
from mlxp_fn.effects.metric_files import DISK, keys_in, read_bytes
from mlxp_fn.errors import InvalidArtifactError, MissingArtifactError
from mlxp_fn.results.cells import Artifact, ArtifactRefs, MetricRef

_PLAIN_KEYS = re.compile(rb"(?:[A-Za-z_][A-Za-z0-9_./-]*: ''\n)*")
"""What a file of keys nearly always is; everything else is left to a YAML parser."""


def metric_cells(run_dir: str) -> dict[str, MetricRef]:
    """A reference for each key of each metric log."""
    cells = {}
    for log_name in sorted(_log_names(f"{run_dir}/{layout.METRICS}")):
        path = f"{run_dir}/{layout.metric_file(log_name)}"
        for key in _metric_keys(f"{run_dir}/{layout.metric_keys_file(log_name)}", path):
            cells[f"{log_name}.{key}"] = MetricRef(path, key, DISK)
    return cells


def artifact_cells(run_dir: str) -> dict[str, ArtifactRefs]:
    """The artifacts of each type and folder, as MLXP arranges them."""
    columns: dict[str, list[Artifact]] = {}
    for kind, folder, name, facts in _recorded_artifacts(run_dir):
        if ".." not in (kind, name, *folder.split("/")):
            path = "/".join(part for part in (run_dir, layout.ARTIFACTS, kind, folder) if part)
            artifact = Artifact(
                name=name,
                path=path,
                type=kind,
                size=facts.get("size"),
                sha256=facts.get("sha256"),
                loader=load_artifact,
            )
            column = f"artifact.{kind}." + "".join(f".{part}" for part in folder.split("/") if part)
            columns.setdefault(column, []).append(artifact)
    return {column: ArtifactRefs(tuple(found)) for column, found in columns.items()}


def load_artifact(artifact: Artifact) -> Any:
    """The object in an artifact's file.

    Raises `MissingArtifactError` where the file is gone, `InvalidArtifactError` for a type of the user's own:
    how to load it is never taken from the log directory.
    """
    kind = artifacts.TYPES.get(artifact.type)
    if kind is None:
        raise InvalidArtifactError(
            f"artifacts of type {artifact.type!r} are loaded by your own function; its file is {artifact.file}"
        )
    if not os.path.isfile(artifact.file):
        raise MissingArtifactError(f"there is no file {artifact.file} any more")
    return kind.load(artifact.file)


def _log_names(folder: str, prefix: str = "") -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name, is_folder in found:
        if name.endswith(".json") and not is_folder:
            yield prefix + name.removesuffix(".json")
        elif is_folder and name != ".keys":
            yield from _log_names(f"{folder}/{name}", f"{prefix}{name}/")


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


def _recorded_artifacts(run_dir: str) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Type, folder, file name and facts of every artifact, from our record or else from MLXP's."""
    ours = read_bytes(f"{run_dir}/{layout.ARTIFACT_RECORDS}")
    if ours is not None:
        for key, facts in msgspec.json.decode(ours, type=dict[str, dict[str, Any]]).items():
            kind, _, path = key.partition("/")
            folder, _, name = path.rpartition("/")
            yield kind, folder, name, facts
        return
    noted = _load_yaml(read_bytes(f"{run_dir}/{layout.ARTIFACT_KEYS}") or b"") or {}
    for kind, folders in msgspec.convert(noted, dict[str, dict[str, dict[str, Any]]]).items():
        for folder, names in folders.items():
            for name in names:
                yield kind, folder.strip(".").replace(".", "/"), name, {}


@lru_cache(maxsize=64)
def _load_yaml(content: bytes) -> Any:
    """A file of names, as PyYAML reads what it has written; most runs have the same, which nobody changes."""
    return yaml.load(content, Loader=yaml.CSafeLoader)
