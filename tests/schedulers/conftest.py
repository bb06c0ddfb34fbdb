"""Real schedulers for the tests of this folder, each started once and taken down; skipped where one cannot run.

For schedulers that cannot be had there are stand-ins: programs of the same names on PATH.
"""

import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

SCHEDULERS = Path(__file__).parents[3] / "shared/schedulers"
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


@contextmanager
def alone(what):
    """Others' tests on this machine wait meanwhile."""
    with open(f"{tempfile.gettempdir()}/mlxp-tests-{what}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def started(name, **settings):
    """The variables by which a scheduler's commands find it, as long as it runs."""
    script = SCHEDULERS / name
    if not script.exists():
        pytest.skip(f"there is no ../shared/schedulers/{name} beside the repository")
    if os.geteuid() != 0:
        pytest.skip(f"starting {name} needs root")
    environment = {**os.environ, **settings}
    with alone("up"):  # It may install packages and looks for free ports.
        up = subprocess.run([script, "up"], capture_output=True, text=True, env=environment)
    if up.returncode:
        pytest.skip(f"{name} does not start here: {up.stderr.strip().splitlines()[-1:]}")
    yield dict(line.removeprefix("export ").split("=", 1) for line in up.stdout.splitlines())
    subprocess.run([script, "down"], env=environment, stderr=subprocess.DEVNULL, check=False)


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    state = tmp_path_factory.mktemp("slurm") / "s"
    with started("slurm", SCHED_SLURM_CPUS="8", SCHED_SLURM_STATE=str(state)) as found:
        yield found


@pytest.fixture(scope="session")
def slurm_torque(tmp_path_factory):
    """A Slurm with its own `qsub` first in PATH."""
    settings = {"SCHED_SLURM_TORQUE": "1", "SCHED_SLURM_STATE": str(tmp_path_factory.mktemp("slurm") / "t")}
    with started("slurm", SCHED_SLURM_CPUS="8", **settings) as found:
        yield found


@pytest.fixture(scope="session")
def sge(tmp_path_factory):
    state = tmp_path_factory.mktemp("sge") / "s"
    with started("sge", SCHED_SGE_SLOTS="8", SCHED_SGE_NOTIFY="3", SCHED_SGE_STATE=str(state)) as found:
        _set(found, state, login_shells="none", load_report_time="00:00:03")
        yield found


def _set(variables, state, **settings):
    """Settings of a Grid Engine: what this machine's user has for a login shell is none of the tests' matter, and a
    host that tells of itself more often sooner takes a job again."""
    environment = {**os.environ, **variables}
    known = subprocess.run(["qconf", "-sconf"], capture_output=True, text=True, check=True, env=environment).stdout
    lines = [line for line in known.splitlines() if not line.startswith(tuple(settings))]
    file = state / "global"
    file.write_text("\n".join([*lines, *(f"{name} {value}" for name, value in settings.items()), ""]))
    subprocess.run(["qconf", "-Mconf", file], capture_output=True, check=True, env=environment)


@pytest.fixture(scope="session")
def oar():
    # Its users must reach its directories, and a machine has one OAR at most.
    with alone("oar"), started("oar", SCHED_OAR_CPUS="8") as found:
        yield found


def here(variables, monkeypatch):
    """The commands of a scheduler and ours, for this process and those that it starts."""
    for name, value in variables.items():
        monkeypatch.setenv(name, os.path.expandvars(value))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture
def cluster(slurm, monkeypatch):
    here(slurm, monkeypatch)


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
