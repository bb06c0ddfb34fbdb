"""A small log directory, and `mlxp` as a process that reads it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from tests.terminals import received

MLXP = Path(sys.executable).parent / "mlxp"

Call = Callable[..., subprocess.CompletedProcess[str]]


def task(ctx: mlxp.Context) -> None:
    for step in range(3):
        ctx.logger.log_metrics({"loss": ctx.config.lr * (3 - step), "iter": step}, "train")
    ctx.logger.log_artifacts({"seed": ctx.config.seed}, "facts.json", "json")
    if ctx.config.seed == 2 and ctx.config.lr == 0.25:
        raise ValueError("too wild")


@pytest.fixture(scope="session")
def four_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the runs 1 to 4: lr 0.5 and 0.25 by seeds 1 and 2; of run 4 the task failed."""
    project = tmp_path_factory.mktemp("project")
    sweep = mlxp.sweep({"model": {"width": 8}, "lr": 0.0, "seed": 0}, {"lr": [0.5, 0.25], "seed": [1, 2]})
    with pytest.warns(UserWarning, match="1 of 4 runs failed"):
        mlxp.run(task, sweep, parent_log_dir=project / "logs")
    return project


@pytest.fixture
def project(four_runs: Path, tmp_path: Path) -> Path:
    """A copy of these runs, of one's own."""
    return Path(shutil.copytree(four_runs, tmp_path / "project"))


@pytest.fixture
def call(four_runs: Path) -> Call:
    """Call `mlxp` where the four runs are, which nobody changes, or in another directory."""

    def call(*arguments: str, cwd: Path = four_runs, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [MLXP, *arguments],
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return call


@pytest.fixture
def on_terminal() -> Callable[..., str]:
    """What a terminal of so many columns receives of `mlxp`, which ends with `status`, unless that is None."""

    def call(*arguments: str, cwd: Path, columns: int = 80, status: int | None = None, **environment: str) -> str:
        size = {"COLUMNS": str(columns), "LINES": "50", "TERM": "xterm"}
        clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        environment = {**clean, **size, **environment}
        seen = received([MLXP, *arguments], status=status, cwd=cwd, env=environment, stdin=subprocess.DEVNULL)
        return seen.replace("\r\n", "\n")

    return call
