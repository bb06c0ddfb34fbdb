"""Looking after runs that are recorded as running: does their process live, when did they last say so?"""

from __future__ import annotations

import os
from collections.abc import Callable

from mlxp_fn import layout
from mlxp_fn.effects.clock import seconds
from mlxp_fn.effects.environment import boot_id, pid_namespace, process_seen
from mlxp_fn.jobs.liveness import Host, Sighting, status_seen
from mlxp_fn.records import Cancelled, RunInfo, Status

Look = Callable[[RunInfo, str | os.PathLike[str]], Sighting]


def lookout() -> Look:
    """A function that says what this host sees, as of now, of a run with its directory."""
    host, now = Host(hostname=os.uname().nodename, boot_id=boot_id(), pid_namespace=pid_namespace()), seconds()

    def look(run: RunInfo, run_dir: str | os.PathLike[str]) -> Sighting:
        exists, start = process_seen(run.process_id)
        return Sighting(host=host, exists=exists, process_start=start, silence=now - last_sign(run, run_dir))

    return look


def true_status(run: RunInfo, run_dir: str | os.PathLike[str], look: Look) -> Status:
    """The recorded status, but for a run that does not run, or may not, though its record says so, and for one of
    which a scheduler knows more."""
    status = run.status if run.status is not Status.RUNNING else status_seen(run, look(run, run_dir))
    if run.submission is None or status is Status.COMPLETE:
        return status
    from mlxp_fn.effects.job_states import job_seen  # most runs have no job
    from mlxp_fn.jobs.job_status import status_when_cancelled, status_with_job

    if isinstance(run.submission, Cancelled):
        return status_when_cancelled(status)
    job = job_seen(run, run_dir)
    return status_with_job(status, job.state, begun=run.attempt > 0) if job and job.state else status


def last_sign(run: RunInfo, run_dir: str | os.PathLike[str]) -> float:
    """When the attempt wrote its events or touched that file."""
    try:
        return os.stat(f"{os.fspath(run_dir)}/{layout.events_file(run.attempt)}").st_mtime
    except OSError:
        return 0.0
