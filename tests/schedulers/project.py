"""A small project of the tests with schedulers, and what it takes to submit its script and to look at its runs."""

import json
import os
import subprocess
import textwrap
import time
from pathlib import Path

MAIN = """
import os, signal, sys, time
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    config, logger = ctx.config, ctx.logger
    logger.log_metrics({"config": ctx.config.to_dict()}, "seen")
    if config.kind == "fail":
        raise ValueError("on purpose")
    if config.kind == "long":
        start = logger.load_checkpoint() if os.path.exists(f"{logger.artifacts_dir}/pickle/checkpoint.pkl") else 0
        for step in range(start, 600):
            logger.log_metrics({"step": step}, "train")
            if ctx.preempted:
                logger.log_checkpoint(step + 1)
                sys.exit(3)
            time.sleep(0.1)
    if config.kind == "wait":
        time.sleep(600)

if __name__ == "__main__":
    task()
"""
CONFIG = "kind: quick\nlr: 1.0\nseed: 0\ntext: ''\nvalue: null\n"


def write_project(project):
    (project / "configs").mkdir(parents=True)
    (project / "main.py").write_text(MAIN)
    (project / "configs/config.yaml").write_text(CONFIG)


def mlxpsub(script, *options, header):
    Path("train.sh").write_text(header + textwrap.dedent(script))
    return subprocess.run(["mlxpsub", *options, "train.sh"], capture_output=True, text=True, check=False)


def in_front(command, lines, monkeypatch):
    """Have `lines` of bash done before a command of a scheduler's; they know in `n` how often it was called."""
    real = subprocess.run(["which", command], capture_output=True, text=True, check=True).stdout.strip()
    Path("front").mkdir(exist_ok=True)
    count = 'n=$(($(cat "$0.n" 2>/dev/null || echo 0) + 1)); echo $n > "$0.n"'
    Path("front", command).write_text(f'#!/bin/bash\n{count}\n{lines}\nexec {real} "$@"\n')
    Path("front", command).chmod(0o755)
    monkeypatch.setenv("PATH", f"{os.getcwd()}/front:{os.environ['PATH']}")


def mlxp_command(*arguments):
    return subprocess.run(["mlxp", *arguments], capture_output=True, text=True, check=False)


def until(condition, seconds=180, told=lambda: ""):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


def run_ids():
    return sorted(int(name) for name in os.listdir("logs") if name.isdigit()) if os.path.isdir("logs") else []


def events(run):
    found = []
    for path in sorted(Path(f"logs/{run}/metadata/events").glob("*.jsonl")):
        found += [json.loads(line) for line in path.read_text().splitlines()]
    return found


def words(run):
    return [event["event"] for event in events(run)]


def configs():
    return [json.loads(Path(f"logs/{run}/metrics/seen.json").read_text())["config"] for run in run_ids()]
