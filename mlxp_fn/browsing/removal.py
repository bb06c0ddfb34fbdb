"""Runs taken away, brought back and removed for good."""

from __future__ import annotations

from mlxp_fn.browsing.choice import Choice
from mlxp_fn.effects.trash import Thrown, bring_back, measured, remains, remove_for_good, throw_away
from mlxp_fn.errors import NoRunError


def to_throw(asked: Choice) -> tuple[Thrown, ...]:
    """What would go into the trash."""
    return measured(asked.logs, asked.ids())


def thrown_away(asked: Choice, runs: tuple[Thrown, ...], *, busy: bool = False) -> None:
    """Move runs into the trash. Raises `RunBusyError` at the first that may run; those before it are there then."""
    for run in runs:
        throw_away(asked.logs, run.id, busy=busy)


def brought_back(asked: Choice, *, dry_run: bool = False) -> tuple[str, ...]:
    """Move runs out of the trash; returns their directories."""
    ids = asked.ids()
    if not ids:
        raise NoRunError(f"there is no run in the trash of {asked.logs}")
    if dry_run:
        return tuple(str(asked.logs / str(run)) for run in ids)
    return tuple(str(bring_back(asked.logs, run)) for run in ids)


def to_remove(asked: Choice) -> tuple[Thrown, ...]:
    """What is in the trash of a log directory, of those runs if any are named."""
    return measured(asked.place, asked.selection.among(remains(asked.logs)))


def removed(asked: Choice, runs: tuple[Thrown, ...]) -> None:
    """Remove runs in the trash for good; their ids are not given again."""
    for run in runs:
        remove_for_good(asked.logs, run.id)
