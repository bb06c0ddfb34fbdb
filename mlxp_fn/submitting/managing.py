"""Jobs of runs that are there: taken back, or asked for once more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.job_states import job_seen
from mlxp_fn.effects.later_events import add_event
from mlxp_fn.effects.lookout import lookout, true_status
from mlxp_fn.effects.schedulers import cancel
from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.plan import request_for
from mlxp_fn.jobs.script import SubmitOptions
from mlxp_fn.records import Cancelled, Status, Submitted
from mlxp_fn.submitting.performing import Report, submitted
from mlxp_fn.submitting.resuming import SubmittedRun, submitted_runs


def to_cancel(logs: str, ids: Iterable[int]) -> tuple[tuple[SubmittedRun, str], ...]:
    """Those of these runs that have a job that could be taken back, with its id."""
    return tuple((run, job) for run in submitted_runs(logs, set(ids)) if (job := _job_of(run)))


def cancelled(chosen: Sequence[tuple[SubmittedRun, str]]) -> None:
    """Take these jobs of runs back, one call for each scheduler.

    A run that has not begun is INTERRUPTED then; one that runs says itself how it ends.
    """
    dialects = {run.dialect.name: run.dialect for run, _ in chosen}
    for name, dialect in dialects.items():
        members = [(run, job) for run, job in chosen if run.dialect.name == name]
        cancel(dialect, [job for _, job in members])
        for run, job in members:
            add_event(Path(run.run_dir), Cancelled(at=now(), job_id=job))


def resubmitted(logs: str, ids: Iterable[int]) -> tuple[Report, ...]:
    """Ask for a next attempt of these runs, each in its directory with its own script.

    Raises `SubmissionError`, with nothing submitted, where one has been completed, waits or runs.
    """
    wanted = set(ids)
    chosen = list(submitted_runs(logs, wanted))
    missing = wanted - {run.id for run in chosen}
    if missing:
        raise SubmissionError(f"run {min(missing)} was not submitted by mlxpsub: it has no {layout.SCRIPT}")
    look = lookout()
    for run in chosen:
        status = true_status(run.info, run.run_dir, look)
        waits = status is Status.STARTING and isinstance(run.info.submission, Submitted)
        if waits or status in (Status.COMPLETE, Status.RUNNING, Status.STALE):
            raise SubmissionError(f"run {run.id} is {status.value}; cancel it first, or choose others by a query")
    return submitted(
        (run.dialect, request_for(run.dialect, SubmitOptions(), run.script, (run.run_dir,))) for run in chosen
    )


def _job_of(run: SubmittedRun) -> str | None:
    """The id of its latest job, unless that has ended, as far as anybody knows."""
    if run.job_id is None or run.info.status is Status.COMPLETE:
        return None
    seen = job_seen(run.info, run.run_dir)
    if seen is None or seen.state is None:
        return run.job_id
    return None if seen.state.is_over else run.dialect.identity(seen.job.job, seen.job.task)
