"""`mlxp cancel`: jobs taken back."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import NAMED, in_form, selecting, some


@click.command(name="cancel", short_help="Take the jobs of runs back from their scheduler.", epilog=NAMED)
@selecting
@in_form
def command(words: tuple[str, ...], query: str | None, form: str | None) -> None:
    """Take back the jobs of runs, waiting or running; the exit status is 1 where none has one."""
    from mlxp_fn.effects.screen import put_rows, tell
    from mlxp_fn.results.frame import Frame
    from mlxp_fn.submitting.managing import cancelled

    asked = some(words, query)
    taken = cancelled(str(asked.logs), asked.ids())
    if taken or form:
        put_rows(Frame({"job": [job for _, job in taken], "run": [run.run_dir for run, _ in taken]}), form)
    if not taken:
        tell("none of these runs has a job that could be cancelled")
        raise click.exceptions.Exit(1)
