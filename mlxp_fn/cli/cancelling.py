"""`mlxp cancel`: jobs taken back."""

from __future__ import annotations

import click

from mlxp_fn.cli.listing import ids


@click.command(name="cancel", short_help="Take the jobs of runs back from their scheduler.")
@click.argument("query", metavar="QUERY")
@click.argument("logs", metavar="[LOGS]", default="./logs")
def command(query: str, logs: str) -> None:
    """Take back the jobs of the runs in LOGS (./logs) for which QUERY holds: waiting or running."""
    from mlxp_fn.submitting.managing import cancelled

    runs = cancelled(logs, ids(query, logs))
    for run in runs:
        click.echo(f"{run.job_id}  {run.run_dir}")
    if not runs:
        click.echo("none of these runs has a job that could be cancelled")
