"""`mlxp compare`: many runs beside each other."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import RUNS, in_form, only_changed, selecting


@click.command(name="compare", short_help="Show runs beside each other.", epilog=RUNS)
@selecting
@only_changed
@in_form
def command(words: tuple[str, ...], query: str | None, only_changed: bool, form: str | None) -> None:
    """Show configs, environments and last values of runs beside each other, a column for each run."""
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.effects.screen import put_rows
    from mlxp_fn.results.comparison import comparison

    put_rows(comparison(choice(words, query).runs(), only_changed=only_changed), form)
