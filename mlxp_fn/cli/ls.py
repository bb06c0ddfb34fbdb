"""`mlxp ls`: the runs as a table."""

from __future__ import annotations

from typing import Any

import click

from mlxp_fn.cli.options import RUNS, in_form, selecting, shaping, split


@click.command(name="ls", short_help="List runs.", epilog=RUNS)
@selecting
@click.option("--trash", is_flag=True, help="List the runs in the trash.")
@shaping
@in_form
def command(words: tuple[str, ...], query: str | None, trash: bool, form: str | None, **shape: Any) -> None:
    """List runs: what they are called, how they ended, what varies in their configs, their metrics' last values."""
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.effects.screen import put_rows
    from mlxp_fn.results.overview import overview

    runs = choice(words, query, trash=trash).runs()
    put_rows(overview(runs, split(shape.pop("columns")), **shape), form)
