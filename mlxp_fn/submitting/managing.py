"""Jobs of runs that are there: taken back, or asked for once more."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mlxp_fn.effects.clock import now
from mlxp_fn.effects.job_states import job_seen
from mlxp_fn.effects.later_events import add_event
from mlxp_fn.effects.lookout import lookout, true_status
from mlxp_fn.effects.schedulers import cancel
from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.plan import Submit
from mlxp_fn.jobs.script import Wishes, command_of
from mlxp_fn.records import Cancelled, Status, Submitted
from mlxp_fn.submitting.performing import Report, submitted
from mlxp_fn.submitting.resuming import SubmittedRun, submitted_runs


def cancelled(logs: str, ids: Iterable[int]) -> tuple[SubmittedRun, ...]:
    """Take the jobs of these runs back, with one call for each scheduler; returns the runs that had one.

    A run that has not begun is INTERRUPTED then; one that runs says itself how it ends.
    """
    wanted = set(ids)
    chosen = tuple(run for run in submitted_runs(logs) if run.id in wanted and _has_job(run))
    dialects = {run.dialect.name: run.dialect for run in chosen}
    for name, dialect in dialects.items():
        members = [run for run in chosen if run.dialect.name == name]
        cancel(dialect, [run.job_id for run in members if run.job_id])
        for run in members:
            add_event(Path(run.run_dir), Cancelled(at=now(), job_id=run.job_id or ""))
    return chosen


def resubmitted(logs: str, ids: Iterable[int]) -> tuple[Report, ...]:
    """Ask for a next attempt of these runs, each in its directory with its own script.

    Raises `SubmissionError`, with nothing submitted, where one has been completed, waits or runs.
    """
    wanted = set(ids)
    chosen = [run for run in submitted_runs(logs) if run.id in wanted]
    missing = wanted - {run.id for run in chosen}
    if missing:
        raise SubmissionError(f"run {min(missing)} was not submitted by mlxpsub: it has no script.sh")
    look = lookout()
    for run in chosen:
        status = true_status(run.info, run.run_dir, look)
        waits = status is Status.STARTING and isinstance(run.info.submission, Submitted)
        if waits or status in (Status.COMPLETE, Status.RUNNING, Status.STALE):
            raise SubmissionError(f"run {run.id} is {status.value}; cancel it first, or choose others by a query")
    return submitted((run.dialect, _request(run)) for run in chosen)


def _request(run: SubmittedRun) -> Submit:
    return Submit(script=run.script, command=command_of(run.dialect, Wishes(), run.script), run_dirs=(run.run_dir,))


def _has_job(run: SubmittedRun) -> bool:
    """Whether its latest job has not ended, as far as anybody knows."""
    if run.job_id is None or run.info.status is Status.COMPLETE:
        return False
    seen = job_seen(run.info, run.run_dir)
    return seen is None or seen.state is None or not seen.state.is_over
