"""`mlxp tag`: what a run is called, said later."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlxp_fn.records import RunInfo


@click.command(name="tag", short_help="Name a run, tag it, take a note of it.")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--add", metavar="TAG", multiple=True, help="Add a tag; may be given several times.")
@click.option("--remove", metavar="TAG", multiple=True, help="Take a tag away; may be given several times.")
@click.option("--name", help="Call the run so; '' takes its name away.")
@click.option("--notes", help="Keep these notes instead of those there were; '' takes them away.")
def command(run: Path, add: tuple[str, ...], remove: tuple[str, ...], name: str | None, notes: str | None) -> None:
    """Name a run, tag it, take a note of it; without options, show what there is.

    RUN is a run's directory, as logs/7.
    """
    from mlxp_fn.effects.later_events import read_info
    from mlxp_fn.upkeep import tag

    said = add or remove or name is not None or notes is not None
    info = tag(run, add=add, remove=remove, name=name, notes=notes) if said else read_info(run)
    click.echo(rendered(info))


def rendered(info: RunInfo) -> str:
    """Name, tags and notes, each on a line of its own."""
    return f"name:  {info.name or '-'}\ntags:  {', '.join(info.tags) or '-'}\nnotes: {info.notes or '-'}"
