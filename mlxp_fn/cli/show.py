"""`mlxp show`: all that is known of a run."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import QUERY, naming


@click.command(name="show", short_help="Show all that is known of a run.")
@naming("[RUN]", nargs=-1)
@QUERY
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(words: tuple[str, ...], query: str | None, as_json: bool) -> None:
    """Show status, config, metrics, artifacts, inputs and error of a run, the last one unless another is named.

    RUN is an id (3), last, or a run's directory (logs/7).
    """
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.pages import page_of
    from mlxp_fn.effects.screen import put
    from mlxp_fn.views.pages import page_json, page_text

    page = page_of(choice(words, query).or_last())
    put(page_json(page) if as_json else page_text(page))
