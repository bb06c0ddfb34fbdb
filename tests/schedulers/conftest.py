"""A real Slurm for the tests of this folder, started once, taken down at the end; skipped where it cannot run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SLURM = Path(__file__).parents[3] / "shared/schedulers/slurm"


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    if not SLURM.exists():
        pytest.skip("there is no ../shared/schedulers/slurm beside the repository")
    if os.geteuid() != 0:
        pytest.skip("starting Slurm needs root")
    state = tmp_path_factory.mktemp("slurm")
    settings = {**os.environ, "SCHED_SLURM_CPUS": "8", "SCHED_SLURM_STATE": str(state / "s")}
    up = subprocess.run([SLURM, "up"], capture_output=True, text=True, env=settings)
    if up.returncode:
        pytest.skip(f"Slurm does not start here: {up.stderr.strip().splitlines()[-1:]}")
    exported = dict(line.removeprefix("export ").split("=", 1) for line in up.stdout.splitlines())
    yield exported
    subprocess.run([SLURM, "down"], env=settings, stderr=subprocess.DEVNULL, check=False)


@pytest.fixture
def cluster(slurm, monkeypatch):
    for name, value in slurm.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
