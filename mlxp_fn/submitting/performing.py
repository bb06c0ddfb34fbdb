"""A plan carried out: runs made, jobs asked for one after the other, and all of it recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from attrs import frozen

from mlxp_fn.effects.clock import now
from mlxp_fn.effects.files import cannot, write_whole
from mlxp_fn.effects.later_events import add_event
from mlxp_fn.effects.schedulers import interruptions, refuse_absent, submit
from mlxp_fn.effects.submission_locks import submitting_in
from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.dialects import Dialect
from mlxp_fn.jobs.plan import PlannedRun, Style, Submit, WriteScript, plan
from mlxp_fn.records import Submitted, Submitting, Unsubmitted
from mlxp_fn.submitting.understanding import ComposedLaunch


@frozen(kw_only=True)
class Report:
    """What became of a run's submission: the id of its job, or why there is none."""

    run_dir: str
    job_id: str | None = None
    reason: str = ""


def perform(launches: Sequence[ComposedLaunch], style: Style) -> tuple[tuple[PlannedRun, ...], tuple[Report, ...]]:
    """Make the runs of these launches and submit them.

    A run is born with its script: wherever this is killed, every run that there is can still be submitted. After
    Ctrl-C the runs are made and none is submitted any more. Raises `SubmissionError`, with nothing made, where
    nobody can submit.
    """
    refuse_absent(style.dialect)
    log_dirs = {str(job["parent"]) for launch in launches for job in launch.jobs}
    with submitting_in(log_dirs), interruptions() as interrupted:
        runs = tuple(run for launch in launches for run in launch.planned(launch.claimed()))
        actions = plan(runs, style)
        for action in actions:
            if isinstance(action, WriteScript):
                _write(action)
        for launch in launches:
            launch.bear()
        requests = [(style.dialect, action) for action in actions if isinstance(action, Submit)]
        return runs, _submitted_in_turn(requests, interrupted)


def submitted(requests: Iterable[tuple[Dialect, Submit]]) -> tuple[Report, ...]:
    """Ask for these jobs; the first refusal, or Ctrl-C, ends it, and the rest is recorded as not done."""
    with interruptions() as interrupted:
        return _submitted_in_turn(requests, interrupted)


def _submitted_in_turn(
    requests: Iterable[tuple[Dialect, Submit]], interrupted: Callable[[], str | None]
) -> tuple[Report, ...]:
    reports: list[Report] = []
    stopped = ""
    for dialect, request in requests:
        stopped = stopped or _because(interrupted())
        if not stopped:
            try:
                reports += _submitted(request, dialect)
                continue
            except SubmissionError as error:
                stopped = str(error)
        reports += _unsubmitted(request, dialect, stopped)
    return tuple(reports)


def _because(interrupted: str | None) -> str:
    return f"interrupted by {interrupted}" if interrupted else ""


def _submitted(action: Submit, dialect: Dialect) -> list[Report]:
    for run_dir, place in _places(action):
        add_event(Path(run_dir), Submitting(at=now(), scheduler=dialect.name, script=action.script, place=place))
    printed = submit(dialect, action.command, action.script)
    reports = []
    for run_dir, place in _places(action):
        identity = _identity(dialect, printed, place)
        add_event(Path(run_dir), Submitted(at=now(), scheduler=dialect.name, job_id=identity))
        reports.append(Report(run_dir=run_dir, job_id=identity))
    return reports


def _identity(dialect: Dialect, printed: Sequence[str], place: int | None) -> str:
    """The id of a job, or of the task at a place of an array, which is printed or made of the array's."""
    if place is None or dialect.array_task_id:
        return dialect.identity(printed[0], None if place is None else place + dialect.array_first)
    return printed[place]


def _unsubmitted(action: Submit, dialect: Dialect, reason: str) -> list[Report]:
    for run_dir, place in _places(action):
        event = Unsubmitted(at=now(), reason=reason, scheduler=dialect.name, script=action.script, place=place)
        add_event(Path(run_dir), event)
    return [Report(run_dir=run_dir, reason=reason) for run_dir in action.run_dirs]


def _places(action: Submit) -> list[tuple[str, int | None]]:
    return [(run_dir, place if action.is_array else None) for place, run_dir in enumerate(action.run_dirs)]


def _write(script: WriteScript) -> None:
    try:
        write_whole(script.path, script.text.encode("utf-8", "surrogateescape"), mode=0o777)
    except OSError as error:
        raise cannot("write", script.path, error) from error
