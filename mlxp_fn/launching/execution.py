"""One job from its config to its recorded end: claim, record, call the task, record what became of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from msgspec import Struct

from mlxp_fn import jsonl, layout
from mlxp_fn.config.settings import structured
from mlxp_fn.config.sweeps import Job
from mlxp_fn.effects import environment
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.heartbeat import beating
from mlxp_fn.errors import LaunchError, MetricsError
from mlxp_fn.launching.preparation import begin, make_logger, make_version, placed, task_config
from mlxp_fn.launching.tracebacks import formatted, writable
from mlxp_fn.records import (
    Completed,
    Event,
    Failed,
    Interrupted,
    Run,
    RunInfo,
    Settings,
    TaskError,
)


@frozen(kw_only=True)
class Context:
    """What a task is handed.

    `config` is the job's configuration, `mlxp` the settings, `info` the state of the run as it began,
    `logger` what it writes its results with (None where `use_logger` is false).
    """

    config: Any
    mlxp: Settings
    info: RunInfo
    logger: Any = None


Task = Callable[[Context], Any]


class Launch(Struct, frozen=True, kw_only=True):
    """What the jobs of one launch have in common.

    Relative directories in the settings lie beside `home`; `config_type` is the class the task is given its
    config in; `show` is told what a task raised, while the run's streams are still copied.
    """

    task: Task
    home: Path
    file: str = ""
    seeding_function: Callable[[Any], Any] | None = None
    config_type: type | None = None
    show: Callable[[BaseException], None] | None = None

    @property
    def seeded(self) -> bool:
        """Whether each job needs a seed."""
        return self.seeding_function is not None


class Outcome(Struct, frozen=True, kw_only=True):
    """A finished run: what it became, whether this attempt of it failed, and what its task raised."""

    run: Run
    failed: bool
    fail_fast: bool
    error: BaseException | None = None

    @property
    def ends_sweep(self) -> bool:
        """Whether no further job is to begin: after Ctrl-C and the like, and a failure under `fail_fast`."""
        return (self.failed and self.fail_fast) or not isinstance(self.error, Exception | SystemExit | None)


def execute(launch: Launch, job: Job) -> Outcome:
    """Run one job now, in this process. What the task raises is recorded and returned, not raised.

    Raises a `MlxpError`, with no run claimed, where the settings or the seed do not allow a start.
    """
    settings = placed(structured(job.settings), launch.home)
    config = task_config(settings, job.config, seeded=launch.seeded, config_type=launch.config_type)
    if settings.use_scheduler:
        raise LaunchError("use_scheduler: true cannot submit yet; set it to false to run here")
    version, work_dir = make_version(settings)
    logger = make_logger(settings)
    history = begin(
        logger,
        job,
        lambda attempt: evolve(environment.started(now(), attempt, launch.file, work_dir), version_manager=version),
    )
    context = Context(config=config, mlxp=settings, info=history.info, logger=logger)
    process = os.getpid()
    with ExitStack() as stack:
        stack.callback(history.close)
        if logger:
            stack.callback(logger.close)
        result, error = _call(launch, context, stack, work_dir)
        if os.getpid() != process:
            environment.end_forked(error)
        end = _end(result, error)
        failed = not isinstance(end, Completed)
        info = history.happened(end)
        if launch.show and error and failed and not isinstance(error, KeyboardInterrupt):
            launch.show(error)
    run = Run(
        id=logger.log_id if logger else None,
        dir=logger.log_dir if logger else None,
        config=job.config,
        info=info,
        result=result,
    )
    return Outcome(run=run, failed=failed, fail_fast=settings.fail_fast, error=error)


def _call(launch: Launch, context: Context, stack: ExitStack, work_dir: str) -> tuple[Any, BaseException | None]:
    """What the task returned or raised; its surroundings last as long as `stack`."""
    try:
        stack.enter_context(beating(_events_file(context)))
        if context.logger and context.mlxp.logger.log_streams_to_file:
            from mlxp_fn.effects.streams import copied_to

            stack.enter_context(copied_to(Path(context.logger.log_dir)))
        stack.enter_context(_standing_in(work_dir))
        if launch.seeding_function:
            launch.seeding_function(context.config["seed"] if launch.config_type is None else context.config.seed)
        return launch.task(context), None
    except BaseException as error:  # whatever ends a task is recorded; what is not its failure is raised later
        return None, error


def _events_file(context: Context) -> Path | None:
    return Path(context.logger.log_dir) / layout.events_file(context.info.attempt) if context.logger else None


def _end(result: Any, error: BaseException | None) -> Event:
    match error:
        case None:
            return Completed(at=now(), result=_recordable(result))
        case SystemExit(code=None | 0):
            return Completed(at=now())
        case KeyboardInterrupt():
            return Interrupted(at=now(), signal="SIGINT")
        case _:
            kind = type(error)
            name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
            return Failed(
                at=now(), error=TaskError(type=name, message=_text(error), traceback=writable(formatted(error)))
            )


def _text(error: BaseException) -> str:
    try:
        return writable(str(error))
    except Exception as unprintable:  # of the user's `__str__`
        return f"(its text cannot be had: {type(unprintable).__name__})"


def _recordable(result: Any) -> Any:
    """What JSON holds of a result: itself as it would be read back, or None."""
    try:
        return jsonl.decode(jsonl.encode(result))
    except MetricsError:
        return None


@contextmanager
def _standing_in(work_dir: str) -> Iterator[None]:
    """Change into a version's directory while the task runs, and back from wherever the task went."""
    before = environment.working_directory()
    if work_dir != before:
        os.chdir(work_dir)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):  # a task may have removed where it stood
            os.chdir(before)
