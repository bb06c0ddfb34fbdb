"""`mlxp diff`: what is not the same in two runs."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import in_form


@click.command(name="diff", short_help="Show in what two runs differ.")
@click.argument("words", metavar="RUN OTHER", nargs=-1, required=True)
@in_form
def command(words: tuple[str, ...], form: str | None) -> None:
    """Show in what two runs differ: config, commit, packages, hardware, last values.

    Each run is an id (3), last, or a run's directory (logs/7); last:2 is both.
    """
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.differing import difference
    from mlxp_fn.effects.screen import put_rows, tell

    found = difference(choice(words))
    if len(found) or form:
        put_rows(found, form)
    else:
        tell("these runs do not differ")
