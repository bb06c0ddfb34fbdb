"""The other side of `mlxpsub`: a script that is started to compose its jobs and make their runs, not to run them.

It answers one line of JSON with one line: first all its command lines are composed, then the runs of each are made
when `mlxpsub` knows that every launch of the whole script is understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from mlxp_fn import jsonl
from mlxp_fn.config.argv import Flags, parse_argv
from mlxp_fn.config.settings import structured
from mlxp_fn.config.sweeps import Job
from mlxp_fn.effects.conversation import connected
from mlxp_fn.effects.environment import interpreter
from mlxp_fn.effects.run_ids import hints_at_the_end
from mlxp_fn.errors import LaunchError, MlxpError
from mlxp_fn.launching.execution import Launch
from mlxp_fn.launching.preparation import give_birth_unstarted, make_logger, placed, task_config
from mlxp_fn.launching.sweeping import refuse_different_code
from mlxp_fn.launching.version_manager import moved_command
from mlxp_fn.versions.marks import mark_text

LoggedJobs = tuple[Job, ...]


def answer(launching: Launch, address: str, jobs_of: Callable[[Flags], tuple[Job, ...]]) -> None:
    """Serve `mlxpsub` until it hangs up: `jobs_of` composes what flags mean."""
    with connected(address) as (questions, reply):
        launches: list[LoggedJobs] = []
        for line in questions:
            question = jsonl.decode(line)
            if "compose" in question:
                described = []
                for argv in question["compose"]:
                    jobs, description = _composed(argv, jobs_of, launching)
                    launches.append(jobs)
                    described.append(description)
                reply({"launches": described})
            elif "copy" in question:
                reply(_copied(launches[question["copy"]], launching))
            else:
                with hints_at_the_end():
                    reply({"run_dirs": list(_born(launches[question["bear"]], launching.beside))})


def _composed(
    argv: Sequence[str], jobs_of: Callable[[Flags], tuple[Job, ...]], launching: Launch
) -> tuple[LoggedJobs, dict[str, Any]]:
    try:
        flags = parse_argv(argv)
        _refuse_what_is_no_launch(flags)
        found = jobs_of(flags)
        for job in found:
            task_config(
                structured(job.settings), job.config, seeded=launching.seeded, config_type=launching.config_type
            )
        return tuple(map(_logged, found)), _description(found, launching.beside)
    except MlxpError as error:
        return (), {"error": str(error)}


def _refuse_what_is_no_launch(flags: Flags) -> None:
    for name in ("help", "hydra_help", "version", "cfg", "info", "dry_run", "shell_completion", "recorded"):
        if getattr(flags, name):
            raise LaunchError(f"--{name.replace('_', '-')} runs nothing that could be submitted")


def _logged(job: Job) -> Job:
    """A job that is submitted has a directory, whatever the settings say."""
    return evolve(job, settings={**job.settings, "use_logger": True})


def _description(jobs: Sequence[Job], home: Path) -> dict[str, Any]:
    settings = [placed(structured(job.settings), home) for job in jobs]
    forced = sum(each.logger.forced_log_id >= 0 for each in settings)
    if forced:
        raise LaunchError("forced_log_id: mlxpsub makes new runs; `mlxp resubmit` goes on with one that is there")
    return {
        "jobs": [
            {"overrides": list(job.overrides), "parent": each.logger.parent_log_dir}
            for job, each in zip(jobs, settings, strict=True)
        ],
        "warn_before": max((each.warn_before for each in settings), default=0),
        "warning_signal": next((each.warning_signal for each in settings), None),
        "scheduler": next((dict(each.scheduler) for each in settings), {}),
        "from_copy": any(each.use_version_manager for each in settings),
        "use_logger": all(each.use_logger for each in settings),
    }


def _copied(jobs: LoggedJobs, launching: Launch) -> dict[str, Any]:
    """How a launch is started from a copy of its code, made now: what is edited later does not reach its jobs."""
    try:
        refuse_different_code(structured(job.settings) for job in jobs)
        settings = placed(structured(jobs[0].settings), launching.beside) if jobs else None
        moved = moved_command(settings, launching.home) if settings else None
    except MlxpError as error:
        return {"error": str(error)}
    if moved is None:
        return {"moved": None}
    script = None if moved.script is None else moved.argv[moved.script]
    return {
        "moved": {
            "directory": moved.directory,
            "script": script,
            "python": interpreter(),
            "mark": mark_text(moved.mark),
            "copy": moved.mark.copy,
            "root": moved.mark.root,
        }
    }


def _born(jobs: LoggedJobs, home: Path) -> Iterator[str]:
    for job in jobs:
        settings = placed(structured(job.settings), home)
        logger = make_logger(settings)
        if logger is None:  # never: a submitted job has a logger
            raise LaunchError("a job without a logger has no directory")
        give_birth_unstarted(logger, job, settings)
        yield logger.log_dir
