"""A run repeated from its record, as a new run beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from mlxp_fn.config.settings import structured, with_logger
from mlxp_fn.config.sweeps import Job
from mlxp_fn.effects.children import status_of
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.later_events import add_event
from mlxp_fn.effects.remarks import warn
from mlxp_fn.effects.run_dirs import read_info
from mlxp_fn.errors import LaunchError, MlxpError
from mlxp_fn.launching.preparation import give_birth_unstarted
from mlxp_fn.launching.recorded import job_of_record
from mlxp_fn.logger import DefaultLogger
from mlxp_fn.records import Failed, Interrupted, RunInfo, TaskError
from mlxp_fn.repeating.code import Start, start_of
from mlxp_fn.versions.recorded import recorded_code


@frozen(kw_only=True)
class Repeated:
    """A run that repeats another: its id and directory, the exit status of its script, and its state.

    `missing` says what of the code could not be had, if anything.
    """

    origin: int
    id: int
    dir: str
    exit_status: int
    info: RunInfo
    missing: str = ""


def rerun(run_dir: str | os.PathLike[str], tell: Callable[[str], Any] = warn) -> Repeated:
    """Repeat a run from its record, as a new run in the same log directory that names it as its `origin`.

    The config and the settings are those of the record, the code its commit, from a copy, where that can be had;
    the interpreter is this one. What cannot be had is told. Raises `LaunchError` for a run that cannot be repeated,
    as one of a notebook, and where the script does not begin the new one, which has FAILED then, or
    after Ctrl-C is INTERRUPTED.
    """
    place = Path(run_dir).absolute()
    info = read_info(place)
    job, start = _job_and_start(place, info)
    if start.missing:
        tell(f"run {place.name}: {start.missing}: the code runs as it lies there now")
    new = _born(place, job)
    try:
        status = status_of((*start.argv, "--recorded", new), start.directory, start.environ)
    except KeyboardInterrupt:
        if read_info(Path(new)).attempt == 0:
            add_event(Path(new), Interrupted(at=now(), signal="SIGINT"))
        raise
    repeated = read_info(Path(new))
    if repeated.attempt == 0:
        why = (
            f"the script ended with status {status} before it began run {Path(new).name}, which should repeat run "
        )
        error = LaunchError(f"{why}{place.name}")
        add_event(Path(new), Failed(at=now(), error=TaskError(type=LaunchError.__qualname__, message=str(error))))
        raise error
    return Repeated(
        origin=int(place.name),
        id=int(Path(new).name),
        dir=new,
        exit_status=status,
        info=repeated,
        missing=start.missing,
    )


def _job_and_start(place: Path, info: RunInfo) -> tuple[Job, Start]:
    if info.attempt == 0:
        raise LaunchError(f"run {place.name} has not begun yet; there is nothing to repeat")
    try:
        job = job_of_record(place)
        return job, start_of(recorded_code(info), structured(job.settings), place.parent)
    except MlxpError as error:
        raise LaunchError(f"run {place.name} cannot be repeated: {error}") from error


def _born(origin: Path, job: Job) -> str:
    """Make the new run, with our own logger: no class is looked up by a name in a log directory."""
    logger = DefaultLogger(str(origin.parent))
    fresh = evolve(job, settings=with_logger(job.settings, forced_log_id=-1))
    give_birth_unstarted(logger, fresh, structured(fresh.settings), origin=int(origin.name))
    return logger.log_dir
