"""What a submission left half done, found in the log directory and asked of the scheduler, and done."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.later_events import add_event
from mlxp_fn.effects.own_schedulers import dialect_of_run
from mlxp_fn.effects.run_dirs import read_info
from mlxp_fn.effects.run_list import run_dirs_of
from mlxp_fn.effects.schedulers import scripts_seen
from mlxp_fn.errors import MlxpError
from mlxp_fn.jobs.dialects import Dialect
from mlxp_fn.jobs.plan import Submit, request_for
from mlxp_fn.jobs.script import SubmitOptions
from mlxp_fn.records import RunInfo, Submission, Submitted, Submitting, Unsubmitted


@frozen(kw_only=True)
class SubmittedRun:
    """A run with a script for a scheduler."""

    run_dir: str
    info: RunInfo

    @cached_property
    def dialect(self) -> Dialect:
        """The dialect that it is submitted in. Raises `SubmissionError` where that may not or cannot be told."""
        submission = self.info.submission
        asked = submission.scheduler if isinstance(submission, Submitting | Submitted | Unsubmitted) else None
        return dialect_of_run(Path(self.run_dir), asked)

    @property
    def id(self) -> int:
        """Its id."""
        return int(Path(self.run_dir).name)

    @property
    def script(self) -> str:
        """Its own script."""
        return f"{self.run_dir}/{layout.SCRIPT}"

    @property
    def job_id(self) -> str | None:
        """The scheduler's id of its latest job."""
        match self.info.submission:
            case Submitted(job_id=job_id):
                return job_id
        return None


def submitted_runs(parent_log_dir: str, ids: Iterable[int] | None = None) -> Iterator[SubmittedRun]:
    """The runs of a log directory that were made to be submitted, by id: all, or those of some ids.

    Damaged ones are passed over.
    """
    parent = Path(parent_log_dir).absolute()
    for run_dir in run_dirs_of(parent) if ids is None else [parent / str(run) for run in sorted(ids)]:
        if (run_dir / layout.SCRIPT).is_file():
            try:
                yield submitted_run(run_dir)
            except (OSError, MlxpError):
                continue


def submitted_run(run_dir: Path) -> SubmittedRun:
    """The run in a directory. Raises `OSError` or a `MlxpError` where its record cannot be read."""
    return SubmittedRun(run_dir=str(run_dir), info=read_info(run_dir))


def unfinished(parent_log_dir: str, options: SubmitOptions) -> tuple[tuple[Dialect, Submit], ...]:
    """What is still to be submitted in a log directory.

    A run whose submission broke off may have a job all the same: the scheduler is asked, and what it knows is
    recorded instead.
    """
    left = [run for run in submitted_runs(parent_log_dir) if _is_left(run)]
    left = [run for run in left if not _found_at_the_scheduler(run)]
    return tuple(_requests(left, options))


def _is_left(run: SubmittedRun) -> bool:
    return run.info.attempt == 0 and isinstance(run.info.submission, Submitting | Unsubmitted | None)


def _found_at_the_scheduler(run: SubmittedRun) -> bool:
    match run.info.submission:
        case Submitting(script=script, place=place):
            task = None if place is None else str(place + run.dialect.array_first)
            for seen in scripts_seen(run.dialect).values():
                if seen.job.script == script and (task is None or seen.job.task in (None, task)):
                    job_id = run.dialect.identity(seen.job.job, task)
                    add_event(Path(run.run_dir), Submitted(at=now(), scheduler=run.dialect.name, job_id=job_id))
                    return True
    return False


def _requests(runs: Iterable[SubmittedRun], options: SubmitOptions) -> Iterator[tuple[Dialect, Submit]]:
    """An array is submitted again as a whole: it was taken as a whole or not at all."""
    by_script: dict[str, list[SubmittedRun]] = {}
    for run in runs:
        by_script.setdefault(_script_of(run.info.submission) or run.script, []).append(run)
    for script, members in by_script.items():
        dialect = members[0].dialect
        is_array = all(_place_of(run.info.submission) is not None for run in members)
        ordered = sorted(members, key=lambda run: _place_of(run.info.submission) or 0)
        if os.path.isfile(script):
            run_dirs = [run.run_dir for run in ordered]
            yield dialect, request_for(dialect, options, script, run_dirs, is_array=is_array)


def _script_of(submission: Submission | None) -> str | None:
    return submission.script if isinstance(submission, Submitting | Unsubmitted) else None


def _place_of(submission: Submission | None) -> int | None:
    return submission.place if isinstance(submission, Submitting | Unsubmitted) else None
