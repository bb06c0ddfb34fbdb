"""`mlxp doctor`: runs that never said how they ended, and runs whose data has changed."""

from __future__ import annotations

from pathlib import Path

import click

from mlxp_fn.cli.options import in_form


@click.command(name="doctor", short_help="List runs that are lost, and settle them.")
@click.argument("logs", metavar="[LOGS]", default="logs", type=click.Path(path_type=Path))
@click.option("--settle", "settling", is_flag=True, help="Record of LOST runs that they have ended.")
@click.option("--stale", metavar="RUN", multiple=True, type=int, help="Settle this STALE run: you know it is dead.")
@click.option("--inputs", is_flag=True, help="List the inputs that have changed since their runs, too.")
@in_form
def command(logs: Path, settling: bool, stale: tuple[int, ...], inputs: bool, form: str | None) -> None:
    """List the runs of LOGS (./logs) that are recorded as running and are not, or may not be.

    LOST: the process is gone. STALE: its host cannot be asked from here, and it has given no sign of life for
    minutes. Settled runs are INTERRUPTED, and can be gone on with. The exit status is 1 while anything is left.
    """
    from mlxp_fn.browsing.diagnosis import diagnosed, treated
    from mlxp_fn.effects.screen import put_rows, tell

    found = diagnosed(logs, inputs=inputs)
    settled = treated(found, settling=settling, stale=stale)
    rows = found.rows()
    if len(rows) or form:
        put_rows(rows, form)
    else:
        tell(f"no run in {logs} is LOST or STALE{', and no input of one has changed' if inputs else ''}")
    if settled:
        tell(f"settled: {', '.join(map(str, settled))}")
    if found.is_left(settled):
        raise click.exceptions.Exit(1)
