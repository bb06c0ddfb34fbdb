"""Looking after runs from outside: what they are called, and what became of those that never said."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from attrs import frozen

from mlxp_fn.effects.clock import moment_of, now
from mlxp_fn.effects.inputs import ChangedInput, changed_inputs, fingerprint
from mlxp_fn.effects.later_events import add_event
from mlxp_fn.effects.lookout import Look, last_sign, lookout, true_status
from mlxp_fn.effects.remarks import warn
from mlxp_fn.effects.run_dirs import read_info
from mlxp_fn.effects.run_list import run_dirs_of
from mlxp_fn.errors import LogDirError, RunBusyError
from mlxp_fn.jobs.description import described
from mlxp_fn.records import Lost, Moment, RunInfo, Status

T = TypeVar("T")


def tag(
    run_dir: str | os.PathLike[str],
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    name: str | None = None,
    notes: str | None = None,
) -> RunInfo:
    """Give a run tags, a name or notes, or take some away (an empty text does), and return what it is then.

    What is said here stands above what settings and tasks say, whenever they say it. Raises `LogDirError` where
    `run_dir` is no run of ours.
    """
    place = Path(run_dir).absolute()
    before = read_info(place)
    event = described(now(), by_hand=True, name=name, notes=notes, add=add, remove=remove)
    add_event(place, event)
    return before.after(event)


@frozen(kw_only=True)
class Doubtful:
    """A run that is recorded as running and is LOST or STALE; `last_seen` is its last sign of life."""

    run_dir: Path
    status: Status
    info: RunInfo
    last_seen: Moment


def doubtful_runs(parent_log_dir: str | os.PathLike[str]) -> tuple[Doubtful, ...]:
    """The runs of a log directory that are LOST or STALE, by id; one that cannot be read is named in a warning."""
    look = lookout()
    asked = _asked_of_runs(parent_log_dir, lambda run_dir: _doubtful(run_dir, read_info(run_dir), look))
    return tuple(doubtful for _, doubtful in asked if doubtful)


def runs_with_changed_inputs(
    parent_log_dir: str | os.PathLike[str],
) -> tuple[tuple[Path, tuple[ChangedInput, ...]], ...]:
    """The runs of a log directory whose inputs are not what they were, by id, each with those inputs.

    What many runs read is looked at once. A run that cannot be read is named in a warning.
    """
    measured = cache(fingerprint)
    asked = _asked_of_runs(parent_log_dir, lambda run_dir: changed_inputs(run_dir, measured))
    return tuple((run_dir, changed) for run_dir, changed in asked if changed)


def settle(run_dir: str | os.PathLike[str], *, stale: bool = False) -> RunInfo:
    """Record of a LOST run that its attempt has ended, so that it is INTERRUPTED, and return what it is then.

    Nobody can know of a STALE run: it is settled only with `stale=True`. If its attempt lives after all, the end
    that it will record counts. Raises `RunBusyError` for any other run.
    """
    place = Path(run_dir).absolute()
    info = read_info(place)
    doubtful = _doubtful(place, info, lookout())
    if doubtful is None:
        raise RunBusyError(f"run {place.name} in {place.parent} is {info.status.value}; there is nothing to settle")
    if doubtful.status is Status.STALE and not stale:
        raise RunBusyError(
            f"run {place.name} in {place.parent} is STALE: it may live on {info.hostname}, which cannot be asked "
            "from here; look there, or settle it with --stale (stale=True)"
        )
    event = Lost(at=now(), attempt=info.attempt, last_seen=doubtful.last_seen)
    add_event(place, event)
    return info.after(event)


def _asked_of_runs(parent_log_dir: str | os.PathLike[str], ask: Callable[[Path], T]) -> Iterator[tuple[Path, T]]:
    """What is answered of each run, by id; a run that cannot be read is named in a warning and left out."""
    for run_dir in run_dirs_of(Path(parent_log_dir).absolute()):
        try:
            answer = ask(run_dir)
        except LogDirError as error:
            warn(str(error))
            continue
        yield run_dir, answer


def _doubtful(run_dir: Path, info: RunInfo, look: Look) -> Doubtful | None:
    if info.status is not Status.RUNNING:
        return None
    status = true_status(info, run_dir, look)
    if status is Status.RUNNING:
        return None
    seen = moment_of(last_sign(info, run_dir))
    if info.start and info.start.time > seen.time:  # a file's time is coarse, and on NFS another clock's
        seen = info.start
    return Doubtful(run_dir=run_dir, status=status, info=info, last_seen=seen)
