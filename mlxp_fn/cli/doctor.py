"""`mlxp doctor`: runs that never said how they ended, and runs whose data has changed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlxp_fn.effects.inputs import ChangedInput
    from mlxp_fn.upkeep import Doubtful


@click.command(name="doctor", short_help="List runs that are lost, and settle them.")
@click.argument("logs", metavar="[LOGS]", default="logs", type=click.Path(path_type=Path))
@click.option("--settle", "settling", is_flag=True, help="Record of LOST runs that they have ended.")
@click.option("--stale", metavar="RUN", multiple=True, type=int, help="Settle this STALE run: you know it is dead.")
@click.option("--inputs", is_flag=True, help="List the inputs that have changed since their runs, too.")
def command(logs: Path, settling: bool, stale: tuple[int, ...], inputs: bool) -> None:
    """List the runs of LOGS (./logs) that are recorded as running and are not, or may not be.

    LOST: the process is gone. STALE: its host cannot be asked from here, and it has given no sign of life for
    minutes. Settled runs are INTERRUPTED, and can be gone on with.
    """
    from mlxp_fn.records import Status
    from mlxp_fn.upkeep import doubtful_runs, runs_with_changed_inputs, settle

    found = doubtful_runs(logs)
    click.echo(rendered(found) or f"no run in {logs} is LOST or STALE")
    for identity in stale:
        settle(logs / str(identity), stale=True)
    lost = [each.run_dir for each in found if each.status is Status.LOST and settling]
    for run_dir in lost:
        settle(run_dir)
    settled = [*stale, *(int(run_dir.name) for run_dir in lost if int(run_dir.name) not in stale)]
    if settled:
        click.echo(f"settled: {', '.join(map(str, settled))}")
    if inputs:
        click.echo(changes(runs_with_changed_inputs(logs)) or f"no input of a run in {logs} has changed")


def rendered(found: Iterable[Doubtful]) -> str:
    """A line for each run: which, since when, where, and when it was last heard of."""
    return "\n".join(map(_line, found))


def changes(found: Iterable[tuple[Path, Iterable[ChangedInput]]]) -> str:
    """A line for each input that is not what it was."""
    return "\n".join(
        f"run {run_dir.name}: {one.path} was {one.sha256[:12]}, now {(one.now or 'unreadable')[:12]}: {one.problem}"
        for run_dir, changed in found
        for one in changed
    )


def _line(each: Doubtful) -> str:
    info = each.info
    since = info.start.time if info.start else "?"
    return (
        f"run {each.run_dir.name}: {each.status.value}, attempt {info.attempt} since {since} as process "
        f"{info.process_id} on {info.hostname or '?'}, last sign of life {each.last_seen.time}"
    )
