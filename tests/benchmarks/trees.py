"""Log directories of many runs, written by script: a true run, and copies of it that differ where runs do."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml

import mlxp_fn
from mlxp_fn.config.yaml_writer import to_yaml

SETTLING = 4
"""Seconds until a file is old enough for an index to hold it."""


def write_ours(logs: Path, runs: int, lines: int) -> Path:
    """Runs of ours with `lines` lines of metrics each: ten learning rates, five widths, each its own seed."""
    if logs.exists():
        return logs
    config = {"seed": 1, "lr": 0.1, "model": {"name": "mlp", "width": 8, "layers": [1, 2]}, "data": "mnist"}
    model = Path(_trained(config, logs.parent / f"model_of_{logs.name}", lines))
    files = {path: path.read_bytes() for path in model.rglob("*") if path.is_file()}
    born = json.loads((model / "metadata/run.json").read_bytes())
    for number in range(1, runs + 1):
        flat = {**born["config"], "seed": number, "lr": 0.1 / (1 + number % 10), "model.width": 8 << number % 5}
        text = to_yaml(_nested(flat))
        digest = hashlib.sha256(text).hexdigest()
        facts = {"id": number, "config": flat, "digest": digest, "config_sha256": digest, "config_size": len(text)}
        changed = {"metadata/config.yaml": text, "metadata/run.json": msgspec.json.encode({**born, **facts})}
        for path, content in files.items():
            name = str(path.relative_to(model))
            if name not in changed:
                _write(logs / str(number) / name, content)
        for name, content in changed.items():  # the config before what says that nobody has edited it since
            _write(logs / str(number) / name, content)
    time.sleep(SETTLING)
    return logs


def write_mlxps(logs: Path, runs: int, model: Path) -> Path:
    """Copies of a run that MLXP has written, under their own ids and seeds."""
    if logs.exists():
        return logs
    files = {path: path.read_bytes() for path in model.rglob("*") if path.is_file()}
    config = yaml.safe_load((model / "metadata/config.yaml").read_text())
    for number in range(1, runs + 1):
        run_dir = logs / str(number)
        for path, content in files.items():
            _write(run_dir / path.relative_to(model), content)
        info = (model / "metadata/info.yaml").read_text().replace(str(model), str(run_dir))
        _write(run_dir / "metadata/info.yaml", info.replace("log_id: 1\n", f"log_id: {number}\n").encode())
        _write(run_dir / "metadata/config.yaml", yaml.safe_dump({**config, "seed": number}).encode())
    time.sleep(SETTLING)
    return logs


def _trained(config: Mapping[str, object], logs: Path, lines: int) -> str:
    def task(ctx: mlxp_fn.Context) -> None:
        for step in range(lines):
            ctx.logger.log_metrics({"loss": 1 / (step + 1), "accuracy": 0.5, "iter": step}, "train")
        ctx.logger.log_metrics({"loss": 0.3}, "test")

    run_dir: str = mlxp_fn.run(task, config, parent_log_dir=logs).dir
    return run_dir


def _nested(flat: Mapping[str, object]) -> dict[str, object]:
    tree: dict[str, object] = {}
    for key, value in flat.items():
        *folders, name = key.split(".")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})  # type: ignore[assignment]  # the keys of a config do not clash
        node[name] = value
    return tree


def _write(path: Path, content: bytes) -> None:
    folder = path.parent
    if not folder.exists():
        os.makedirs(folder)
    path.write_bytes(content)
