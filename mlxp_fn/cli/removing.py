"""`mlxp rm`, `restore` and `gc`: runs taken away, brought back, removed for good."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mlxp_fn.cli.options import NAMED, removing, selecting, some

if TYPE_CHECKING:
    from mlxp_fn.effects.trash import Thrown


@click.command(name="rm", short_help="Move runs into the trash.", epilog=NAMED)
@selecting
@click.option("--force", is_flag=True, help="Also runs that wait or may be running.")
@removing
def rm(words: tuple[str, ...], query: str | None, force: bool, yes: bool, dry_run: bool) -> None:
    """Move runs into the trash of their log directory. `mlxp restore` brings them back; nobody gets their ids."""
    from mlxp_fn.browsing.removal import thrown_away, to_throw
    from mlxp_fn.effects.screen import put

    asked = some(words, query)
    runs = to_throw(asked)
    if agreed("move to the trash", runs, yes, dry_run):
        thrown_away(asked, runs, busy=force)
        put(f"moved {spoken(runs)} of {asked.logs} to the trash")


@click.command(name="restore", short_help="Bring runs back from the trash.", epilog=NAMED)
@click.argument("words", metavar="RUNS...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Tell what would be done; do nothing.")
def restore(words: tuple[str, ...], dry_run: bool) -> None:
    """Bring runs back from the trash; `mlxp ls --trash` lists what is there."""
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.removal import brought_back
    from mlxp_fn.effects.screen import put

    places = brought_back(choice(words, trash=True), dry_run=dry_run)
    put("\n".join(f"{'would restore' if dry_run else 'restored'} {place}" for place in places))


@click.command(name="gc", short_help="Remove for good what is in the trash.", epilog=NAMED)
@click.argument("words", metavar="[RUNS]...", nargs=-1)
@click.option("--trash", is_flag=True, help="Empty the trash.")
@removing
def gc(words: tuple[str, ...], trash: bool, yes: bool, dry_run: bool) -> None:
    """Remove runs in the trash for good, all of them or those that are named."""
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.removal import removed, to_remove
    from mlxp_fn.effects.screen import put

    if not trash:
        raise click.UsageError("what is to be removed? mlxp gc --trash")
    asked = choice(words, trash=True)
    runs = to_remove(asked)
    if not runs:
        put(f"the trash of {asked.logs} is empty")
    elif agreed("remove for good", runs, yes, dry_run):
        removed(asked, runs)
        put(f"removed {spoken(runs)} for good")


def agreed(what: str, runs: Sequence[Thrown], yes: bool, dry_run: bool) -> bool:
    """Whether it shall be done: asked on a terminal, unless `yes`. `UsageError` where nobody can."""
    from mlxp_fn.views.rows import size_text

    size = size_text(sum(run.size for run in runs))
    asked = f"{what}: {spoken(runs)} ({sum(run.files for run in runs)} files, {size})"
    if dry_run:
        click.echo(f"would {asked}")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError(f"nobody can be asked whether to {asked}; say -y, or --dry-run")
    return click.confirm(f"{asked}?")


def spoken(runs: Sequence[Thrown]) -> str:
    """Runs in words.

    >>> from mlxp_fn.effects.trash import Thrown
    >>> spoken([Thrown(id=3, files=1, size=1), Thrown(id=5, files=1, size=1)])
    'runs 3, 5'
    """
    return f"run{'s' if len(runs) != 1 else ''} {', '.join(str(run.id) for run in runs)}"
