"""Run directories written by hand: what is on the disk, without the code that writes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

AT = {"time": "2026-11-23T10:00:00.000000Z", "local": "23/11/2026 11:00:00"}
END = {"time": "2026-11-23T10:00:09.000000Z", "local": "23/11/2026 11:00:09"}

CREATED = {"event": "created", "at": AT}
STARTED = {"event": "started", "at": AT, "attempt": 1, "hostname": "node", "process_id": 42}
COMPLETED = {"event": "completed", "at": END, "result": None}
FAILED = {"event": "failed", "at": END, "error": {"type": "ValueError", "message": "no", "traceback": ""}}


def write_run(
    parent: Path,
    log_id: int,
    config: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    events: Sequence[Mapping[str, Any]] = (STARTED, COMPLETED),
    artifacts: Mapping[str, bytes] | None = None,
) -> Path:
    """A run of ours; `config` is flat, `artifacts` are contents by `<type>/<name>`."""
    run_dir = parent / str(log_id)
    text = yaml.safe_dump(dict(config or {})).encode()
    _write(run_dir / "metadata/config.yaml", text)
    birth = {
        "format": 1,
        "id": log_id,
        "digest": "d",
        "created": AT["time"],
        "overrides": [],
        "config": config or {},
        "config_size": len(text),
        "config_sha256": hashlib.sha256(text).hexdigest(),
    }
    _write(run_dir / "metadata/run.json", json.dumps(birth).encode())
    write_events(run_dir, 0, [CREATED])
    write_events(run_dir, 1, events)
    for name, lines in (metrics or {}).items():
        write_metrics(run_dir, name, lines)
    write_artifacts(run_dir, artifacts or {})
    return run_dir


def write_mlxp_run(parent: Path, log_id: int, config: Mapping[str, Any], info: Mapping[str, Any]) -> Path:
    """A run as MLXP 1.0.5 writes it; `config` and `info` are nested."""
    run_dir = parent / str(log_id)
    _write(run_dir / "metadata/config.yaml", yaml.safe_dump(dict(config)).encode())
    _write(run_dir / "metadata/info.yaml", yaml.safe_dump(dict(info)).encode())
    return run_dir


def write_events(run_dir: Path, attempt: int, events: Sequence[Mapping[str, Any]]) -> None:
    """The events of one attempt."""
    _write(run_dir / f"metadata/events/{attempt}.jsonl", _lines(events))


def write_metrics(run_dir: Path, name: str, lines: Sequence[Mapping[str, Any]]) -> None:
    """A metric log and its keys."""
    _write(run_dir / f"metrics/{name}.json", _lines(lines))
    keys = sorted({key for line in lines for key in line})
    _write(run_dir / f"metrics/.keys/{name}.yaml", yaml.safe_dump(dict.fromkeys(keys, "")).encode())


def write_artifacts(run_dir: Path, artifacts: Mapping[str, bytes]) -> None:
    """Artifacts and our record of them."""
    for name, content in artifacts.items():
        _write(run_dir / "artifacts" / name, content)
    facts = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in artifacts.items()
    }
    if facts:
        _write(run_dir / "artifacts/.keys/mlxp_fn.json", json.dumps(facts).encode())


def _lines(records: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
