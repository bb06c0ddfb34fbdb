"""Which run is active here: the one that a logger writes to when it comes out of a pickle.

A run is active in the process that runs its task, and in the processes that this one has started, whatever way they
were started: its events tell the process, and the system tells whose child a process is. So a worker that lives
longer than a run, or a checkpoint of another run, leads nobody astray, and nothing need be set in the environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from mlxp_fn.effects import environment, run_dirs
from mlxp_fn.errors import LogDirError
from mlxp_fn.records import Status, fold

_current: ContextVar[Path | None] = ContextVar("mlxp_fn.run", default=None)
"""The run whose task this thread runs, or the one that a worker was last handed the logger of."""

_running: list[Path] = []
"""The runs whose tasks this process runs: threads that a task starts do not know the context of their parent."""


@contextmanager
def active(run_dir: Path | None) -> Iterator[None]:
    """The run is active in this process meanwhile. Without a directory nothing happens."""
    if run_dir is None:
        yield
        return
    token = _current.set(run_dir)
    _running.append(run_dir)
    try:
        yield
    finally:
        _running.remove(run_dir)
        _current.reset(token)


def runs_here() -> bool:
    """Whether this process runs a task now."""
    return bool(_running)


def active_run(run_dir: Path) -> Path | None:
    """The run that a logger of `run_dir` writes to here: that run if it is active, else the one that is, if any."""
    here = _here()
    if here == run_dir or not is_active(run_dir):
        return here
    if here is None:
        _current.set(run_dir)
    return run_dir


def _here() -> Path | None:
    run_dir = _current.get() or (_running[0] if len(_running) == 1 else None)
    return run_dir if run_dir and is_active(run_dir) else None


def is_active(run_dir: Path) -> bool:
    """Whether this process, or one that it descends from, runs the task of this run now."""
    try:
        attempt = run_dirs.last_attempt(run_dir)
        run = fold(run_dirs.read_events(run_dir, attempt) if attempt else ())
    except LogDirError:
        return False
    if run.status is not Status.RUNNING or run.boot_id != environment.boot_id():
        return False
    return (run.process_id, run.process_start) in environment.lineage()
