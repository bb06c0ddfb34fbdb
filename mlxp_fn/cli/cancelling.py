"""`mlxp cancel`: jobs taken back."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import NAMED, selecting, some


@click.command(name="cancel", short_help="Take the jobs of runs back from their scheduler.", epilog=NAMED)
@selecting
def command(words: tuple[str, ...], query: str | None) -> None:
    """Take back the jobs of runs, waiting or running."""
    from mlxp_fn.submitting.managing import cancelled

    asked = some(words, query)
    runs = cancelled(str(asked.logs), asked.ids())
    for run in runs:
        click.echo(f"{run.job_id}  {run.run_dir}")
    if not runs:
        click.echo("none of these runs has a job that could be cancelled")
