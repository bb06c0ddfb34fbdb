"""The jobs of a sweep run one after the other, and what comes back."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, overload

from attrs import frozen
from msgspec.structs import replace

from mlxp_fn.config.settings import structured
from mlxp_fn.config.sweeps import Sweep, check
from mlxp_fn.effects import terminal
from mlxp_fn.errors import LaunchError, SweepFailedError
from mlxp_fn.launching.execution import Launch, Outcome, execute, pass_signal_on
from mlxp_fn.launching.preparation import placed, task_config
from mlxp_fn.launching.tracebacks import without_our_frames
from mlxp_fn.launching.version_manager import Executed, make_version
from mlxp_fn.records import Run, Settings

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from mlxp_fn.launching.best import Best
    from mlxp_fn.results.frame import Frame

CHECKED_JOBS = 10_000
"""How many jobs of a sweep are composed before the first one starts, to find an error in the last."""


@frozen(repr=False)
class Runs(Sequence[Run]):
    """The runs of a sweep, in its order; `where`, `group_by` and the other steps take it as they take a frame."""

    _runs: tuple[Run, ...]

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> Runs: ...
    def __getitem__(self, index: int | slice) -> Run | Runs:
        """One run by its place in the sweep, or several."""
        return Runs(self._runs[index]) if isinstance(index, slice) else self._runs[index]

    def __len__(self) -> int:
        """How many runs there were."""
        return len(self._runs)

    @property
    def failed(self) -> Runs:
        """Those that did not complete."""
        return Runs(tuple(run for run in self._runs if run.failed))

    def frame(self) -> Frame:
        """What the log directory holds of them, by id. Runs that were not logged are not in it."""
        # Reading is not launching: a task does not pay for it.
        from mlxp_fn.effects.store import read_runs
        from mlxp_fn.results.frame import Frame

        logged = [Path(run.dir) for run in self._runs if run.dir]
        parents = {path.parent for path in logged}
        if len(parents) > 1:
            raise LaunchError(f"these runs lie in {len(parents)} log directories; read each with mlxp_fn.runs(...)")
        return read_runs(parents.pop(), {int(path.name) for path in logged}) if parents else Frame.from_rows(())

    def __repr__(self) -> str:
        """How many there are and which failed."""
        failed = f", failed: {names(self.failed)}" if self.failed else ""
        return f"Runs({len(self)} runs: {names(self)}{failed})"

    def _repr_html_(self) -> str:
        return self.frame()._repr_html_()


def run_all(launching: Launch, sweep: Sweep, jobs: int | None = None, executor: Executor | None = None) -> Runs:
    """Run every job of a sweep and return the runs; a warning names those that failed.

    In turn, or `jobs` at a time in processes of their own, or in those of an `executor`.

    Raises what interrupted it, and with `fail_fast` a `SweepFailedError` from what the first failing task raised.
    """
    outcomes = tuple(outcomes_of(launching, sweep, jobs, executor))
    failed = [outcome.run for outcome in outcomes if outcome.failed]
    last = outcomes[-1] if outcomes else None
    if last:
        pass_signal_on(last)
    error = last.error if last else None
    if error and not isinstance(error, Exception | SystemExit):
        raise without_our_frames(error)
    message = failure(failed, len(sweep))
    if last and error and last.fail_fast:
        raise SweepFailedError(f"{message}; with fail_fast the sweep ends there") from without_our_frames(error)
    if failed:
        warnings.warn(message, stacklevel=3)
    return Runs(tuple(outcome.run for outcome in outcomes))


def outcomes_of(
    launching: Launch, sweep: Sweep, jobs: int | None = None, executor: Executor | None = None
) -> Iterator[Outcome]:
    """Run the jobs of a sweep. A signal that asks to leave, and a failure under `fail_fast`, end it early.

    Raises a `ConfigError` before the first job starts where any of them cannot be composed. Only the outcome that
    ends a sweep keeps its error: an error holds its frames, and these what the task had in memory.
    """
    total = len(sweep)
    watch = _refuse_what_cannot_start(launching, sweep, total)
    if jobs is not None or executor is not None:
        from mlxp_fn.launching.parallel import outcomes_at_once  # most sweeps run in turn

        yield from outcomes_at_once(launching, sweep, watch, jobs, executor)
        return
    with terminal.progress(total, launching.label) as bar:
        version: Executed | None = None
        for job in sweep:
            version = version or make_version(placed(structured(job.settings), launching.beside), launching.home)
            outcome = execute(launching, job, version)
            watch = watch and watch.among(outcome.run)
            bar.advance(outcome.broke, watch.words if watch else "")
            if outcome.ends_sweep:
                yield outcome
                return
            outcome = replace(outcome, error=None)
            yield outcome


def _refuse_what_cannot_start(launching: Launch, sweep: Sweep, total: int) -> Best | None:
    """Raise what is wrong with any job of a sweep; return what is watched of its runs, as the first one says."""
    if total == 1:
        return None  # it is composed next, and nothing is made before its config and settings are checked
    if total > CHECKED_JOBS:
        check(sweep)
    forced: set[int] = set()
    first: Settings | None = None
    for job in islice(sweep, CHECKED_JOBS):
        settings = structured(job.settings)
        task_config(settings, job.config, seeded=launching.seeded, config_type=launching.config_type)
        first = first or settings
        refuse_different_code((first, settings))
        identity = settings.logger.forced_log_id
        if identity in forced:
            raise LaunchError(f"several jobs want run {identity} (forced_log_id); a run has one config")
        if identity >= 0:
            forced.add(identity)
    if first is None or first.watch is None:
        return None
    from mlxp_fn.launching.best import watched  # reading is not launching: a task does not pay for it

    return watched(first.watch)


def refuse_different_code(settings: Iterable[Settings]) -> None:
    """Raise `LaunchError` where the jobs of one launch would run different versions of the code."""
    codes = [(each.use_version_manager, each.version_manager) for each in settings]
    if any(code != codes[0] for code in codes):
        raise LaunchError(
            "the jobs of a sweep run the same code; use_version_manager and version_manager cannot vary in it"
        )


def failure(failed: Sequence[Run], total: int) -> str:
    """Which runs of so many failed, for a message."""
    if total == 1:
        return f"run {names(failed)} failed"
    return f"{len(failed)} of {total} runs failed: {names(failed)}"


def names(runs: Sequence[Run]) -> str:
    """The ids of runs, for a message."""
    return ", ".join(str(run.id) if run.id is not None else "(not logged)" for run in runs)
