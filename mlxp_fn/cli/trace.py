"""`mlxp trace`: what a figure was made from."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mlxp_fn.cli.options import in_form


@click.command(name="trace", short_help="Tell what a figure was made from.")
@click.argument("figure", type=click.Path(path_type=Path))
@click.argument("logs", metavar="[LOGS]", required=False, type=click.Path(path_type=Path))
@in_form
def command(figure: Path, logs: Path | None, form: str | None) -> None:
    """Tell the query, the runs and the commits behind a FIGURE that mlxp plot drew, and whether the runs are as
    they were; the exit status is 1 where they are not. They are looked for in LOGS, or where the figure says.
    """
    from mlxp_fn.browsing.plotting import trace
    from mlxp_fn.effects.screen import put, put_rows
    from mlxp_fn.views.rows import runs_text

    traced = trace(figure, logs)
    if not form:
        made = traced.made
        put(f"{made.metric} of {runs_text(len(made.runs))} in {traced.logs}")
        facts = {"query": made.query, "by": ", ".join(made.by), "x": made.x, "band": made.band}
        put("".join(f"{name}: {fact}\n" for name, fact in facts.items() if fact))
    put_rows(traced.runs, form)
    sys.exit(not traced.holds)
