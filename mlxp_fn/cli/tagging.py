"""`mlxp tag`: what runs are called, said later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlxp_fn.cli.options import NAMED, selecting, some
from mlxp_fn.views.printable import printable

if TYPE_CHECKING:
    from mlxp_fn.records import RunInfo


@click.command(name="tag", short_help="Name runs, tag them, take a note of them.", epilog=NAMED)
@selecting
@click.option("--add", metavar="TAG", multiple=True, help="Add a tag; may be given several times.")
@click.option("--remove", metavar="TAG", multiple=True, help="Take a tag away; may be given several times.")
@click.option("--name", help="Call them so; '' takes the name away.")
@click.option("--notes", help="Keep these notes instead of those there were; '' takes them away.")
def command(
    words: tuple[str, ...],
    query: str | None,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    name: str | None,
    notes: str | None,
) -> None:
    """Name runs, tag them, take a note of them; without options, show what there is."""
    from mlxp_fn.effects.run_dirs import read_info
    from mlxp_fn.effects.screen import put
    from mlxp_fn.upkeep import tag

    said = add or remove or name is not None or notes is not None
    asked = some(words, query)
    ids = asked.ids()
    for run in ids:
        run_dir = asked.place / str(run)
        info = tag(run_dir, add=add, remove=remove, name=name, notes=notes) if said else read_info(run_dir)
        put(f"run {run}\n{rendered(info)}" if len(ids) > 1 else rendered(info))


def rendered(info: RunInfo) -> str:
    """Name, tags and notes, each on a line of its own."""
    said = {"name:  ": info.name, "tags:  ": ", ".join(info.tags), "notes: ": info.notes}
    return "\n".join(f"{label}{printable(words or '-')}" for label, words in said.items())
