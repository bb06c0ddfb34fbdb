"""`mlxp resubmit`: another attempt of runs, in jobs."""

from __future__ import annotations

import sys

import click

from mlxp_fn.cli.options import NAMED, selecting, some


@click.command(name="resubmit", short_help="Let runs go on, in new jobs.", epilog=NAMED)
@selecting
def command(words: tuple[str, ...], query: str | None) -> None:
    """Submit runs once more: next attempts in their directories."""
    from mlxp_fn.submitting.managing import resubmitted
    from mlxp_fn.views.submissions import reports_text

    asked = some(words, query)
    reports = resubmitted(str(asked.logs), asked.ids())
    click.echo(reports_text([(each.run_dir, each.job_id, ()) for each in reports]))
    if refused := next((each.reason for each in reports if each.job_id is None), None):
        click.echo(f"error: {refused}", err=True)
        sys.exit(1)
