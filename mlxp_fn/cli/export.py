"""`mlxp export`: runs as a file for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from mlxp_fn.cli.options import RUNS, column_option, selecting, split


@click.command(name="export", short_help="Write runs into a CSV, JSON or Parquet file.", epilog=RUNS)
@selecting
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), required=True, help="Where to.")
@click.option("--format", "form", type=click.Choice(["csv", "json", "parquet"]), help="Unless FILE's name says it.")
@column_option("--columns", metavar="NAMES", help="Only these columns, or with --curves these metrics.")
@click.option("--curves", is_flag=True, help="A row for every value that was logged, instead of one for a run.")
def command(
    words: tuple[str, ...], query: str | None, output: Path, form: str | None, columns: str | None, curves: bool
) -> None:
    """Write configs, what is known of runs, and metrics' last values into a file, a row for each run."""
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.export import exported, format_of, write_export
    from mlxp_fn.effects.screen import tell

    format = format_of(output, form)
    table = exported(choice(words, query), columns=split(columns), curves=curves)
    write_export(table, output, format)
    tell(f"wrote {len(table)} rows of {len(table.keys())} columns into {output}")
