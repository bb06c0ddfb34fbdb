"""One job from its config to its recorded end: claim, record, call the task, record what became of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from signal import Signals
from typing import Any

from attrs import field, frozen
from msgspec import Struct, structs

from mlxp_fn import layout
from mlxp_fn.config.settings import structured
from mlxp_fn.config.sweeps import Job
from mlxp_fn.effects import environment, signals
from mlxp_fn.effects.active_runs import active
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.heartbeat import beating
from mlxp_fn.effects.history import History
from mlxp_fn.effects.printed import kept_apart
from mlxp_fn.effects.produced import products
from mlxp_fn.effects.signals import Preemption, Watch
from mlxp_fn.errors import LaunchError, LogDirError
from mlxp_fn.launching.ending import end_of, let_go, record, worth_showing
from mlxp_fn.launching.launched import LaunchedRun
from mlxp_fn.launching.preparation import begin, depended_on, make_logger, placed, task_config
from mlxp_fn.launching.version_manager import Executed, make_version
from mlxp_fn.logger import DefaultLogger, Logger, connect, leave
from mlxp_fn.records import Completed, Failed, Interrupted, Run, RunInfo, Settings, Started, Status, Warned


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
    preemption: Preemption = field(factory=Preemption, repr=False, eq=False)

    @property
    def preempted(self) -> bool:
        """Whether a signal has asked the task to leave. A task that asks leaves by itself: no signal raises in it.

        A second signal of the same kind does raise.
        """
        return self.preemption.asked()


Task = Callable[[Context], Any]


class Launch(Struct, frozen=True, kw_only=True):
    """What the jobs of one launch have in common.

    `script` are the words that start the script again, where a command line launched it. `home` is where the task's
    code lies, and relative directories in the settings lie in `beside`: the same, but for a task that runs from a
    copy. `config_type` is the class the task is given its config in; `settings` hold where nobody says otherwise,
    and `logger` is the class that MLXP's name for its own means; `show` is told what a task raised, while the run's
    streams are still copied; with `handle_signals` a signal that asks a run to leave is recorded before it has its
    effect.
    """

    task: Task
    home: Path
    beside: Path
    file: str = ""
    script: tuple[str, ...] = ()
    seeding_function: Callable[[Any], Any] | None = None
    config_type: type | None = None
    settings: Mapping[str, Any] = {}
    logger: type[Logger] = DefaultLogger
    show: Callable[[BaseException], None] | None = None
    handle_signals: bool = False

    @property
    def seeded(self) -> bool:
        """Whether each job needs a seed."""
        return self.seeding_function is not None

    @property
    def label(self) -> str:
        """What its progress is called: the script, where it is one and no cell of a notebook."""
        file = Path(self.file)
        return "runs" if file.parent.name.startswith("ipykernel_") else file.name or "runs"


class Outcome(Struct, frozen=True, kw_only=True):
    """A finished run: what it became, whether this attempt of it failed, what its task raised, and the signal that
    came meanwhile, which is to be delivered again.
    """

    run: Run
    failed: bool
    fail_fast: bool
    error: BaseException | None = None
    signal: int | None = None

    @property
    def ends_sweep(self) -> bool:
        """Whether no further job is to begin: after Ctrl-C and the like, and a failure under `fail_fast`."""
        if (self.failed and self.fail_fast) or self.signal is not None:
            return True
        return not isinstance(self.error, Exception | SystemExit | None)

    @property
    def broke(self) -> bool:
        """Whether this attempt failed by itself, and was not told to leave."""
        return self.failed and self.run.status is not Status.INTERRUPTED

    @property
    def interrupted_by(self) -> str | None:
        """The name of the signal that came during the run."""
        if self.signal is not None:
            return Signals(self.signal).name
        return "SIGINT" if isinstance(self.error, KeyboardInterrupt) else None


def execute(launch: Launch, job: Job, version: Executed | None = None) -> Outcome:
    """Run one job now, in this process. What the task raises is recorded and returned, not raised.

    `version` is that of the code where it is known, as for the second job of a sweep.

    Raises a `MlxpError`, with no run claimed, where the settings or the seed do not allow a start.
    """
    settings = placed(structured(job.settings), launch.beside)
    config = task_config(settings, job.config, seeded=launch.seeded, config_type=launch.config_type)
    refuse_to_run_here(settings.use_scheduler)
    version = version or make_version(settings, launch.home)
    preemption = Preemption(settings.cooperative)
    warnings = signals.numbered(settings.warning_signal)
    with signals.watching(preemption, signals.ALWAYS if launch.handle_signals else (), warnings) as watch:
        outcome = _watched(launch, job, settings, config, version, watch)
    return structs.replace(outcome, signal=next(iter(watch.received), None))


def refuse_to_run_here(use_scheduler: bool) -> None:
    """Raise `LaunchError` where this process is to compose only, or the settings want a scheduler's job.

    In a job a run is run: it is never submitted from there.
    """
    if environment.submission_address():
        raise LaunchError("mlxpsub submits what a command line launches, not what a script runs by itself")
    if use_scheduler and environment.scheduler_job() is None:
        raise LaunchError(
            "use_scheduler: true submits what a script's command line launches, `python main.py`: launch it so, or "
            "put it into a script and submit that with `mlxpsub SCRIPT`, or set it to false to run here"
        )


def _watched(launch: Launch, job: Job, settings: Settings, config: Any, version: Executed, watch: Watch) -> Outcome:
    rank = environment.rank(settings.rank_variable)
    of_rank = make_logger(settings, rank, launch.logger)
    logger = of_rank if rank == 0 else None
    facts = depended_on(logger, job, settings, launch.file)
    history = begin(logger, job, settings, partial(_started, launch, settings, version, facts))
    context = Context(config=config, mlxp=settings, info=history.info, logger=of_rank, preemption=watch.preemption)
    process = os.getpid()
    with kept_apart(), ExitStack() as stack:
        stack.callback(history.close)
        if logger:
            connect(logger, history.happened)
            stack.callback(connect, logger, None)
            stack.callback(logger.close)
        result, error = _call(launch, context, history, stack, watch, version.work_dir)
        if os.getpid() != process:
            environment.end_forked(error)
        end = end_of(result, error, watch.preemption)
        unwritten = _recorded(history, logger, end)
        if launch.show:
            for shown in worth_showing(error if isinstance(end, Failed) else None, unwritten):
                launch.show(shown)
    run = LaunchedRun(
        id=logger.log_id if logger else None,
        dir=logger.log_dir if logger else None,
        config=job.config,
        info=history.info,
        result=result,
    )
    failed = unwritten is not None or not isinstance(end, Completed)
    return Outcome(run=run, failed=failed, fail_fast=settings.fail_fast, error=error or unwritten)


def _started(
    launch: Launch, settings: Settings, version: Executed, facts: Mapping[str, Any] | None, attempt: int
) -> Started:
    return structs.replace(
        environment.started(now(), attempt, launch.file, version.work_dir),
        version_manager=version.info,
        step_columns=settings.step_columns,
        script=launch.script,
        environment=facts,
    )


def _recorded(history: History, logger: Logger | None, end: Completed | Failed | Interrupted) -> LogDirError | None:
    """Record how the attempt ended, and all that it produced; returns the error of a disk that did not take it."""
    if logger:
        leave(logger)
        end = structs.replace(end, products=products(Path(logger.log_dir)))
    return record(history, end)


def _call(
    launch: Launch, context: Context, history: History, stack: ExitStack, watch: Watch, work_dir: str
) -> tuple[Any, BaseException | None]:
    """What the task returned or raised; its surroundings last as long as `stack`."""
    try:
        history.begin()
        stack.enter_context(beating(_events_file(context)))
        if context.logger and context.logger.writes and context.mlxp.logger.log_streams_to_file:
            from mlxp_fn.effects.streams import copied_to

            stack.enter_context(copied_to(Path(context.logger.log_dir)))
        stack.enter_context(environment.standing_in(work_dir))
        stack.enter_context(active(Path(context.logger.log_dir) if context.logger else None))
        watch.note = lambda name: history.happened(Warned(at=now(), signal=name))
        watch.settle()
        if launch.seeding_function:
            launch.seeding_function(context.config["seed"] if launch.config_type is None else context.config.seed)
        result = launch.task(context)
        watch.note = None
        return result, None
    except BaseException as error:  # whatever ends a task is recorded; what is not its failure is raised later
        watch.note = None
        if isinstance(error, MemoryError):
            let_go(error)
        return None, error


def pass_signal_on(outcome: Outcome) -> None:
    """Deliver the signal again that came during a run; return where that does not end the process.

    Ctrl-C is raised anyhow where the task was ended by it.
    """
    if outcome.signal is not None and not isinstance(outcome.error, KeyboardInterrupt):
        signals.deliver(outcome.signal)


def _events_file(context: Context) -> Path | None:
    if context.logger and context.logger.writes:
        return Path(context.logger.log_dir) / layout.events_file(context.info.attempt)
    return None
