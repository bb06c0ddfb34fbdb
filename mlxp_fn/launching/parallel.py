"""The jobs of a sweep, several at a time: in processes of their own, or by an executor that the user brings.

Whoever launches makes the runs, so that ids follow the order of the sweep, and starts each when there is room.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attrs import evolve, field, frozen
from msgspec.structs import replace

from mlxp_fn.config.settings import structured, with_logger
from mlxp_fn.config.sweeps import Job, Sweep
from mlxp_fn.effects.board import SECONDS_BETWEEN_LOOKS, board
from mlxp_fn.effects.clock import monotonic
from mlxp_fn.effects.crew import Processes, received_signals
from mlxp_fn.effects.machine import usable_processors
from mlxp_fn.effects.printed import kept_apart
from mlxp_fn.effects.run_dirs import read_info
from mlxp_fn.errors import LaunchError, MlxpError
from mlxp_fn.launching.execution import Launch, Outcome, execute
from mlxp_fn.launching.preparation import give_birth_unstarted, make_logger, placed
from mlxp_fn.launching.tracebacks import formatted
from mlxp_fn.records import Run, RunInfo, Status

if TYPE_CHECKING:
    from mlxp_fn.launching.best import Best


@frozen(kw_only=True)
class Assignment:
    """A job with the run that was made for it."""

    job: Job
    run_dir: str | None
    fail_fast: bool
    begun: float = field(factory=monotonic)

    @property
    def name(self) -> str:
        """What it is called in a table."""
        run = Path(self.run_dir).name if self.run_dir else "-"
        return f"{run}  {' '.join(self.job.overrides)}".strip()


class Crew(Protocol):
    """Whoever carries assignments out."""

    def start(self, place: int, work: Callable[[], Any], run_dir: str | None) -> None:
        """Begin with one."""

    def ended(self, patience: float) -> Iterable[tuple[int, Any]]:
        """What has come of those that ended meanwhile; an error in the place of an outcome says how one broke."""

    def interrupt(self, number: int) -> None:
        """Pass a signal on."""


def outcomes_at_once(
    launching: Launch,
    sweep: Sweep,
    watch: Best | None,
    limit: int | None,
    executor: Executor | None = None,
) -> Iterator[Outcome]:
    """The outcomes of all jobs that were begun, in the order of the sweep, never more than `limit` at a time.

    `watch` is what is watched of the runs. Each is in a process of its own, unless an executor runs them; without
    a limit, as many as there are CPUs. Raises `LaunchError` for a limit below 1, and behind the outcomes what
    kept a job from beginning.
    """
    if limit is not None and limit < 1:
        raise LaunchError(f"jobs={limit}: at least one run at a time")
    limit = limit or usable_processors()
    if executor is not None:
        yield from _overseen(launching, sweep, watch, limit, ExecutorCrew(executor))
        return
    with kept_apart(), Processes() as processes:
        yield from _overseen(replace(launching, handle_signals=True), sweep, watch, limit, processes)


def _overseen(launching: Launch, jobs: Sweep, watch: Best | None, limit: int, crew: Crew) -> Iterator[Outcome]:
    """Begin a job where there is room; pass a signal on that asks to leave, and begin no more then."""
    total = len(jobs)
    waiting = iter(enumerate(jobs))
    at_work: dict[int, Assignment] = {}
    done: dict[int, Outcome] = {}
    over, refused = False, None
    with board(total, launching.label) as shown, received_signals() as received:
        while True:
            number = received.take()
            if number is not None:
                over = True
                crew.interrupt(number)
            while not over and len(at_work) < limit and (following := next(waiting, None)):
                place, job = following
                try:
                    at_work[place] = _begin(launching, crew, place, job)
                except MlxpError as error:  # those at work are waited for
                    over, refused = True, error
            if not at_work:
                break
            shown.show([(each.name, each.begun) for each in at_work.values()])
            for place, result in crew.ended(SECONDS_BETWEEN_LOOKS):
                outcome = _outcome(at_work.pop(place), result)
                if launching.show and outcome.error and outcome.broke:
                    launching.show(outcome.error)
                watch = watch and watch.among(outcome.run)
                shown.advance(outcome.broke, watch.words if watch else "")
                over = over or (outcome.failed and outcome.fail_fast)
                done[place] = outcome
    ordered = [done[place] for place in sorted(done)]
    if ordered and received.first is not None:
        ordered[-1] = replace(ordered[-1], signal=received.first)
    yield from ordered
    if refused:
        raise refused


def _begin(launching: Launch, crew: Crew, place: int, job: Job) -> Assignment:
    settings = placed(structured(job.settings), launching.beside)
    run_dir = None
    if logger := make_logger(settings):
        if not Path(logger.metadata_dir).is_dir():
            give_birth_unstarted(logger, job, settings)
        run_dir = logger.log_dir
        chosen = with_logger(job.settings, parent_log_dir=logger.parent_log_dir, forced_log_id=logger.log_id)
        job = evolve(job, settings=chosen)
    assignment = Assignment(job=job, run_dir=run_dir, fail_fast=settings.fail_fast)
    crew.start(place, _Work(replace(launching, show=None), job), run_dir)
    return assignment


@frozen
class _Work:
    """What is done elsewhere; it travels as a pickle where it must."""

    launching: Launch
    job: Job

    def __call__(self) -> Outcome:
        """The outcome, of which all can be sent back."""
        outcome = execute(self.launching, self.job)
        return replace(outcome, error=outcome.error and _sendable(outcome.error), run=_sendable_run(outcome.run))


class RemoteError(Exception):
    """What a task raised in another process, where the error itself cannot be sent: its traceback."""


def _sendable(error: BaseException) -> BaseException:
    text = formatted(error)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # of whatever the user's classes do when they are pickled
        return RemoteError(text)
    error.__cause__ = RemoteError(text)
    return error


def _sendable_run(run: Run) -> Run:
    try:
        pickle.dumps(run.result)
    except Exception:  # as above
        return evolve(run, result=None)
    return run


def _outcome(assignment: Assignment, result: Any) -> Outcome:
    """What came back, or what is known of a run whose process broke."""
    if isinstance(result, Outcome):
        return replace(result, signal=None)
    run_dir = assignment.run_dir
    info = read_info(Path(run_dir)) if run_dir else RunInfo()
    if info.status not in (Status.COMPLETE, Status.FAILED, Status.INTERRUPTED):
        info = evolve(info, status=Status.LOST)
    run = Run(id=int(Path(run_dir).name) if run_dir else None, dir=run_dir, config=assignment.job.config, info=info)
    error = result if isinstance(result, BaseException) else LaunchError(str(result))
    return Outcome(run=run, failed=True, fail_fast=assignment.fail_fast, error=error)


class ExecutorCrew:
    """An executor of the user's, of whichever kind."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._places: dict[Future[Any], int] = {}

    def start(self, place: int, work: Callable[[], Any], run_dir: str | None) -> None:
        """Hand one over."""
        self._places[self._executor.submit(work)] = place

    def ended(self, patience: float) -> Iterator[tuple[int, Any]]:
        """What has come back."""
        for future in wait(self._places, timeout=patience, return_when=FIRST_COMPLETED).done:
            place = self._places.pop(future)
            error = future.exception()
            yield place, future.result() if error is None else error

    def interrupt(self, number: int) -> None:
        """Nothing: the terminal interrupts the workers of a pool by itself, and nobody else can be reached."""
