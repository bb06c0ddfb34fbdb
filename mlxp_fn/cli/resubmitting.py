"""`mlxp resubmit`: another attempt of runs, in jobs."""

from __future__ import annotations

import sys

import click

from mlxp_fn.cli.listing import ids


@click.command(name="resubmit", short_help="Let runs go on, in new jobs.")
@click.argument("query", metavar="QUERY")
@click.argument("logs", metavar="[LOGS]", default="./logs")
def command(query: str, logs: str) -> None:
    """Submit the runs in LOGS (./logs) for which QUERY holds once more: next attempts in their directories."""
    from mlxp_fn.submitting.managing import resubmitted
    from mlxp_fn.views.submissions import reports_text

    reports = resubmitted(logs, ids(query, logs))
    if not reports:
        click.echo("there are no such runs")
        return
    click.echo(reports_text([(each.run_dir, each.job_id, ()) for each in reports]))
    if refused := next((each.reason for each in reports if each.job_id is None), None):
        click.echo(f"error: {refused}", err=True)
        sys.exit(1)
