"""The other side of `mlxpsub`: a script that is started to compose its jobs and make their runs, not to run them.

It answers one line of JSON with one line: first all its command lines are composed, then the runs of each are made
when `mlxpsub` knows that every launch of the whole script is understood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from mlxp_fn.logger import Logger
from mlxp_fn.versions.marks import mark_text

LoggedJobs = tuple[Job, ...]


def answer(launching: Launch, address: str, jobs_of: Callable[[Flags], tuple[Job, ...]]) -> None:
    """Serve `mlxpsub` until it hangs up: `jobs_of` composes what flags mean."""
    launches: list[LoggedJobs] = []
    loggers: dict[int, list[Logger]] = {}
    with connected(address) as (questions, reply):
        for line in questions:
            match jsonl.decode(line):
                case {"compose": command_lines}:
                    composed = [_composed(argv, jobs_of, launching) for argv in command_lines]
                    launches += [jobs for jobs, _ in composed]
                    reply({"launches": [description for _, description in composed]})
                case question:
                    reply(_obeyed(question, launches, loggers, launching))


def _obeyed(
    question: Any, launches: Sequence[LoggedJobs], loggers: dict[int, list[Logger]], launching: Launch
) -> dict[str, Any]:
    try:
        match question:
            case {"copy": number}:
                return {"moved": _copied(launches[number], launching)}
            case {"claim": number}:
                loggers[number] = _claimed(launches[number], launching.beside)
                return {"run_dirs": [logger.log_dir for logger in loggers[number]]}
            case {"bear": number}:
                for job, logger in zip(launches[number], loggers[number], strict=True):
                    give_birth_unstarted(logger, job, structured(job.settings))
    except MlxpError as error:
        return {"error": str(error)}
    return {}


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
        return tuple(map(_logged, found)), _description(found, flags, launching.beside)
    except MlxpError as error:
        return (), {"error": str(error)}


def _refuse_what_is_no_launch(flags: Flags) -> None:
    for name in ("help", "hydra_help", "version", "cfg", "info", "dry_run", "shell_completion", "recorded"):
        if getattr(flags, name):
            raise LaunchError(f"--{name.replace('_', '-')} runs nothing that could be submitted")


def _logged(job: Job) -> Job:
    """A job that is submitted has a directory, whatever the settings say."""
    return evolve(job, settings={**job.settings, "use_logger": True})


def _description(jobs: Sequence[Job], flags: Flags, home: Path) -> dict[str, Any]:
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
        "at_a_time": flags.jobs,
    }


def _copied(jobs: LoggedJobs, launching: Launch) -> dict[str, Any] | None:
    """How a launch is started from a copy of its code, made now: what is edited later does not reach its jobs."""
    refuse_different_code(structured(job.settings) for job in jobs)
    settings = placed(structured(jobs[0].settings), launching.beside) if jobs else None
    moved = moved_command(settings, launching.home) if settings else None
    if moved is None:
        return None
    return {
        "directory": moved.directory,
        "script": None if moved.script is None else moved.argv[moved.script],
        "python": interpreter(),
        "mark": mark_text(moved.mark),
        "copy": moved.mark.copy,
        "root": moved.mark.root,
    }


def _claimed(jobs: LoggedJobs, home: Path) -> list[Logger]:
    """A logger for each job, with a directory that is no run yet."""
    with hints_at_the_end():
        loggers = [make_logger(placed(structured(job.settings), home)) for job in jobs]
    return [logger for logger in loggers if logger is not None]  # none is: a submitted job has a logger
