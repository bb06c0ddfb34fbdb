"""`mlxp tail`: the end of what a run prints, or logs."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import naming


@click.command(name="tail", short_help="Show the end of what a run prints or logs.")
@naming("[RUN]", nargs=-1)
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until the run has ended.")
@click.option("-n", "--lines", metavar="N", default=10, type=click.IntRange(min=0), help="So many (10).")
@click.option("--log", metavar="NAME", help="The lines of this metric log, as train.")
@click.option("--stderr", is_flag=True, help="What it prints as errors.")
def command(words: tuple[str, ...], follow: bool, lines: int, log: str | None, stderr: bool) -> None:
    """Show the end of what a run prints (with log_streams_to_file), or else of its first metric log.

    RUN is an id (3), last, or a run's directory (logs/7); without any it is the last one. Progress bars are shown
    in their last state, and colours not at all.
    """
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.tailing import following, tail, tail_file
    from mlxp_fn.effects.screen import put
    from mlxp_fn.views.streams import plain_line

    if log and stderr:
        raise click.UsageError("--log shows metrics and --stderr what is printed; choose one")
    run_dir, file = tail_file(choice(words).or_last(), log=log, stderr=stderr)
    found = tail(file, lines)
    unfinished = [] if follow or not found.rest else [found.rest]
    for line in (*found.lines, *unfinished):
        put(plain_line(line))
    if follow:
        for line in following(run_dir, file, found.end):
            put(plain_line(line))
