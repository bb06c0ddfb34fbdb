"""Run directories written by hand: what is on the disk, without the code that writes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import frozen

from mlxp_fn.reader import runs
from mlxp_fn.results.frame import Frame

AT = {"time": "2026-11-23T10:00:00.000000Z", "local": "23/11/2026 11:00:00"}
END = {"time": "2026-11-23T10:00:09.000000Z", "local": "23/11/2026 11:00:09"}

CREATED = {"event": "created", "at": AT}
STARTED = {"event": "started", "at": AT, "attempt": 1, "hostname": "node", "process_id": 42}
COMPLETED = {"event": "completed", "at": END, "result": None}
FAILED = {"event": "failed", "at": END, "error": {"type": "ValueError", "message": "no", "traceback": ""}}

Lines = Sequence[Mapping[str, Any]]


@frozen
class Logs:
    """A log directory, and what is written into it."""

    path: Path
    started: Mapping[str, Any] = STARTED
    completed: Mapping[str, Any] = COMPLETED
    failed: Mapping[str, Any] = FAILED

    def run(
        self,
        log_id: int,
        config: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Lines] | None = None,
        events: Lines = (STARTED, COMPLETED),
        artifacts: Mapping[str, bytes] | None = None,
    ) -> Path:
        """A run of ours; `config` is flat, `artifacts` are contents by `<type>/<name>`."""
        run_dir = self.path / str(log_id)
        text = yaml.safe_dump(dict(config or {})).encode()
        write(run_dir / "metadata/config.yaml", text)
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
        write(run_dir / "metadata/run.json", json.dumps(birth).encode())
        self.events(log_id, 0, [CREATED])
        self.events(log_id, 1, events)
        for name, lines in (metrics or {}).items():
            self.metrics(log_id, name, lines)
        self.artifacts(log_id, artifacts or {})
        return run_dir

    def mlxp_run(self, log_id: int, config: Any, info: Any) -> Path:
        """A run as MLXP 1.0.5 writes it; `config` and `info` are nested."""
        run_dir = self.path / str(log_id)
        write(run_dir / "metadata/config.yaml", yaml.safe_dump(config).encode())
        write(run_dir / "metadata/info.yaml", yaml.safe_dump(info).encode())
        return run_dir

    def events(self, log_id: int, attempt: int, events: Lines) -> None:
        """The events of one attempt."""
        write(self.path / f"{log_id}/metadata/events/{attempt}.jsonl", as_lines(events))

    def metrics(self, log_id: int, name: str, lines: Lines) -> None:
        """A metric log and its keys."""
        run_dir = self.path / str(log_id)
        write(run_dir / f"metrics/{name}.json", as_lines(lines))
        keys = sorted({key for line in lines for key in line})
        write(run_dir / f"metrics/.keys/{name}.yaml", yaml.safe_dump(dict.fromkeys(keys, "")).encode())

    def artifacts(self, log_id: int, artifacts: Mapping[str, bytes]) -> None:
        """Artifacts and our record of them."""
        run_dir = self.path / str(log_id) / "artifacts"
        for name, content in artifacts.items():
            write(run_dir / name, content)
        facts = {
            name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in artifacts.items()
        }
        if facts:
            write(run_dir / ".keys/mlxp_fn.json", json.dumps(facts).encode())

    def frame(self) -> Frame:
        """What a reader makes of it."""
        return runs(self.path)


def as_lines(records: Lines) -> bytes:
    """One JSON object a line."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write(path: Path, content: bytes) -> None:
    """A file, and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """An empty log directory."""
    path = tmp_path / "logs"
    path.mkdir()
    return Logs(path)


@pytest.fixture
def sweep(logs: Logs) -> Frame:
    """Six runs: two learning rates, three seeds; the loss of seed s is 1/s, 1/(s+1), 1/(s+2)."""
    for log_id in range(1, 7):
        seed, lr = (log_id - 1) % 3 + 1, 0.1 if log_id <= 3 else 0.01
        lines = [{"loss": 1 / (seed + epoch), "epoch": epoch} for epoch in range(3)]
        logs.run(log_id, {"optimizer.lr": lr, "seed": seed}, {"train": lines})
    return logs.frame()
