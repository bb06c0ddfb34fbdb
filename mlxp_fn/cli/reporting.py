"""`mlxp report`: runs as one page to look at and to send."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import RUNS, column_option, selecting

BANDS = {"std": "std", "sem": "sem", "ci95": "ci", "none": None}


@click.command(name="report", short_help="Write a page on runs.", epilog=RUNS)
@selecting
@click.option("-o", "--output", metavar="FILE", default="report.html", help="Write it here, not to report.html.")
@column_option("--by", metavar="NAME", multiple=True, help="Average curves by this column; may be repeated.")
@click.option("--band", type=click.Choice(list(BANDS)), default="std", help="Drawn around means at first (std).")
@click.option("--title", help="What stands on top.")
def command(
    words: tuple[str, ...], query: str | None, output: str, by: tuple[str, ...], band: str, title: str | None
) -> None:
    """Write one HTML page on runs that needs no network: what varied, a table, curves, and what failed.

    The page holds each run's config, record, error, and the end of what it printed, and its pictures.
    """
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.reports import report
    from mlxp_fn.effects.screen import put, tell
    from mlxp_fn.views.rows import runs_text

    asked = choice(words, query)
    title = title or f"Runs in {asked.place}"
    made = report(asked.runs(), output, by=by, band=BANDS[band], title=title, query=query or "")
    for remark in made.remarks:
        tell(f"note: {remark}")
    put(f"{made.path}: {runs_text(made.runs)}, {made.size / 1e6:.2f} MB")
