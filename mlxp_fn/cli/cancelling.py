"""`mlxp cancel`: jobs taken back."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import NAMED, in_form, selecting, some


@click.command(name="cancel", short_help="Take the jobs of runs back from their scheduler.", epilog=NAMED)
@selecting
@click.option("--dry-run", is_flag=True, help="Tell what would be done; do nothing.")
@in_form
def command(words: tuple[str, ...], query: str | None, dry_run: bool, form: str | None) -> None:
    """Take back the jobs of runs, waiting or running; the exit status is 1 where none has one."""
    from mlxp_fn.effects.screen import put_rows, tell
    from mlxp_fn.results.frame import Frame
    from mlxp_fn.submitting.managing import cancelled, to_cancel

    asked = some(words, query)
    jobs = to_cancel(str(asked.logs), asked.ids())
    if not dry_run:
        cancelled(jobs)
    if jobs or form:
        runs = [run for run, _ in jobs]
        ids, places = [run.id for run in runs], [run.run_dir for run in runs]
        put_rows(Frame({"id": ids, "job": [job for _, job in jobs], "run": places}), form)
    if not jobs:
        tell("none of these runs has a job that could be cancelled")
        raise click.exceptions.Exit(1)
    if dry_run:
        tell("nothing was cancelled: --dry-run")
