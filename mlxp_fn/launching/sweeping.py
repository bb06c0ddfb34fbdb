"""The jobs of a sweep run one after the other, and what comes back."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, overload

from attrs import frozen

from mlxp_fn.config.settings import structured
from mlxp_fn.config.sweeps import Sweep, check
from mlxp_fn.effects import terminal
from mlxp_fn.errors import LaunchError, SweepFailedError
from mlxp_fn.launching.execution import Launch, Outcome, execute
from mlxp_fn.launching.preparation import task_config
from mlxp_fn.launching.tracebacks import without_our_frames
from mlxp_fn.records import Run

if TYPE_CHECKING:
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


def run_all(launching: Launch, sweep: Sweep) -> Runs:
    """Run every job of a sweep in turn and return the runs; a warning names those that failed.

    Raises what interrupted it, and with `fail_fast` what the first failing task raised.
    """
    outcomes = tuple(outcomes_of(launching, sweep))
    runs = Runs(tuple(outcome.run for outcome in outcomes))
    for outcome in outcomes:
        if isinstance(outcome.error, KeyboardInterrupt):
            raise without_our_frames(outcome.error)
    if runs.failed:
        message = f"{len(runs.failed)} of {len(sweep)} runs failed: {names(runs.failed)}"
        if len(outcomes) < len(sweep):
            raise SweepFailedError(f"{message}; fail_fast left out the rest") from outcomes[-1].error
        warnings.warn(message, stacklevel=3)
    return runs


def outcomes_of(launching: Launch, sweep: Sweep) -> Iterator[Outcome]:
    """Run the jobs of a sweep in turn. Ctrl-C, and a failure under `fail_fast`, end it early.

    Raises a `ConfigError` before the first job starts where any of them cannot be composed.
    """
    check(sweep, limit=0)
    for job in islice(sweep, CHECKED_JOBS):
        task_config(
            structured(job.settings), job.config, seeded=launching.seeded, config_type=launching.config_type
        )
    with terminal.progress(len(sweep), Path(launching.file).name) as bar:
        for job in sweep:
            outcome = execute(launching, job)
            bar.advance(failed=outcome.run.failed)
            yield outcome
            if isinstance(outcome.error, KeyboardInterrupt):
                return
            if outcome.run.failed and structured(job.settings).fail_fast:
                return


def names(runs: Sequence[Run]) -> str:
    """The ids of runs, for a message."""
    return ", ".join(str(run.id) if run.id is not None else "(not logged)" for run in runs)
