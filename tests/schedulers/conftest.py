"""A real Slurm for the tests of this folder, started once, taken down at the end; skipped where it cannot run.

For schedulers that cannot be had there are stand-ins: programs of the same names on PATH.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

SLURM = Path(__file__).parents[3] / "shared/schedulers/slurm"

STAND_INS = Path(__file__).parent / "stand_ins"
PBS = ("qsub", "qstat", "qdel", "qhold", "qrls", "qrerun", "qsig")
COMMANDS = {
    "torque": (("pbs.py", "torque"), PBS),
    "openpbs": (("pbs.py", "openpbs"), PBS),
    "lsf": (("lsf.py",), ("bsub", "bjobs", "bkill", "bstop", "bresume", "brequeue")),
    "moab": (("moab.py",), ("msub", "mjobctl", "showq", "checkjob", "canceljob", "releasehold")),
    "flux": (("flux.py",), ("flux",)),
}
"""The program of each stand-in, and the commands that it is."""


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


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Puts the commands of a scheduler on PATH; all its jobs are killed at the end."""
    state, commands = tmp_path / "scheduler", tmp_path / "bin"
    commands.mkdir()
    monkeypatch.setenv("STAND_IN_STATE", str(state))
    monkeypatch.setenv("STAND_IN_GRACE", "1")
    monkeypatch.setenv("PATH", f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}")

    def installed(scheduler):
        (program, *words), names = COMMANDS[scheduler]
        for name in names:
            called = [] if names == (name,) else [name]
            line = shlex.join([sys.executable, "-ES", str(STAND_INS / program), *words, *called])
            (commands / name).write_text(f'#!/bin/sh\nexec {line} "$@"\n')
            (commands / name).chmod(0o755)
        return state

    yield installed
    if (state / "jobs.json").exists():
        for name, job in json.loads((state / "jobs.json").read_text()).items():
            if job["state"] == "running" and (state / f"{name}.pid").exists():
                _kill(int((state / f"{name}.pid").read_text()))


def _kill(pid):
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
