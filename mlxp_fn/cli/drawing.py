"""`mlxp plot`: curves of runs."""

from __future__ import annotations

from pathlib import Path

import click

from mlxp_fn.cli.options import RUNS, column_option, completed_metrics, selecting, split

BANDS = {"std": "std", "sem": "sem", "ci95": "ci", "minmax": "minmax", "none": None}


@click.command(name="plot", short_help="Draw curves of runs.", epilog=RUNS)
@click.argument("metric", shell_complete=completed_metrics)
@selecting
@column_option("--by", metavar="NAMES", help="A curve for each value of these columns, as config.optimizer.lr.")
@click.option("--x", metavar="NAME", help="Against this column of the same log, as train.iter.")
@click.option("--band", type=click.Choice(list(BANDS)), default="std", help="What is drawn around the mean (std).")
@click.option("--log-y", is_flag=True, help="A logarithmic scale.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="A .png, .pdf or .svg.")
def command(
    metric: str,
    words: tuple[str, ...],
    query: str | None,
    by: str | None,
    x: str | None,
    band: str,
    log_y: bool,
    output: Path | None,
) -> None:
    """Draw the mean of METRIC, as train.loss, over runs: into a file, or as a sketch in the terminal.

    A file holds what it was made from, which mlxp trace reads.
    """
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.plotting import PlotOptions, drawn_curves, write_plot
    from mlxp_fn.effects.screen import put, size, tell
    from mlxp_fn.views.rows import runs_text
    from mlxp_fn.views.sketch import sketch

    asked = choice(words, query)
    options = PlotOptions(by=split(by), x=x, band=BANDS[band], log_y=log_y)
    if output:
        made = write_plot(asked, metric, options, output)
        tell(f"drew {metric} of {runs_text(len(made.runs))} into {output}")
        return
    columns, lines = size()
    curves = drawn_curves(asked, metric, options)
    put(sketch(curves, metric, x or "place in the log", width=columns, height=min(lines - 1, 24), log_y=log_y))
