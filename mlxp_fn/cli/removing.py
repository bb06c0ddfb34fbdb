"""`mlxp rm`, `restore` and `gc`: runs taken away, brought back, removed for good."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlxp_fn.cli.options import NAMED, naming, removing, selecting, some

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
    if agreed(f"move to the trash: {measured_text(runs)}", yes, dry_run):
        thrown_away(asked, runs, busy=force)
        put(f"moved {spoken(runs)} of {asked.logs} to the trash")


@click.command(name="restore", short_help="Bring runs back from the trash.", epilog=NAMED)
@naming("RUNS...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Tell what would be done; do nothing.")
def restore(words: tuple[str, ...], dry_run: bool) -> None:
    """Bring runs back from the trash; `mlxp ls --trash` lists what is there."""
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.removal import brought_back
    from mlxp_fn.effects.screen import put

    places = brought_back(choice(words, trash=True), dry_run=dry_run)
    put("\n".join(f"{'would restore' if dry_run else 'restored'} {place}" for place in places))


@click.command(name="gc", short_help="Remove for good what is in the trash, or code that no run needs.")
@naming("[RUNS or LOGS]...", nargs=-1)
@click.option("--trash", is_flag=True, help="Empty the trash.")
@click.option("--code", is_flag=True, help="Remove copies and snapshots of the code that no run needs.")
@click.option("--gone", is_flag=True, help="With --code: also where the log directory is unknown or not there.")
@removing
def gc(words: tuple[str, ...], trash: bool, code: bool, gone: bool, yes: bool, dry_run: bool) -> None:
    """Remove runs in the trash for good, all of them or those that are named; or code that no run needs.

    With --code the versions are listed that the repository in which you stand keeps for runs, and who needs each: a
    run of ./logs, of the log directories that you name or of those where its runs were logged, in the trash, too;
    a process; a launch within the last hour. The others are removed.
    """
    if trash == code or (gone and not code):
        raise click.UsageError("what is to be removed? mlxp gc --trash, or mlxp gc --code")
    if trash:
        _empty_trash(words, yes, dry_run)
    else:
        _clear_code(words, gone, yes, dry_run)


def _empty_trash(words: tuple[str, ...], yes: bool, dry_run: bool) -> None:
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.removal import removed, to_remove
    from mlxp_fn.effects.screen import put

    asked = choice(words, trash=True)
    runs = to_remove(asked)
    if not runs:
        put(f"the trash of {asked.logs} is empty")
    elif agreed(f"remove for good: {measured_text(runs)}", yes, dry_run):
        removed(asked, runs)
        put(f"removed {spoken(runs)} for good")


def _clear_code(words: tuple[str, ...], gone: bool, yes: bool, dry_run: bool) -> None:
    from mlxp_fn.browsing.choice import LOGS
    from mlxp_fn.browsing.clearing import clear, kept_versions
    from mlxp_fn.effects.screen import put
    from mlxp_fn.views.kept_code import amount_text, count_text, kept_text

    logs = [Path(word) for word in words] or [place for place in (LOGS,) if place.is_dir()]
    for place in logs:
        if not place.is_dir():
            raise click.UsageError(f"{place} is no log directory")
    kept = kept_versions(".", logs, even_gone=gone)
    if kept.found:
        put(kept_text(kept.found))
    if not kept.unneeded:
        put("there is no code that nobody needs")
    elif agreed(f"remove {amount_text(kept.unneeded)}", yes, dry_run):
        clear(kept)
        put(f"removed {count_text(kept.unneeded)}")


def agreed(asked: str, yes: bool, dry_run: bool) -> bool:
    """Whether it shall be done: asked on a terminal, unless `yes`. `UsageError` where nobody can."""
    if dry_run:
        click.echo(f"would {asked}")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError(f"nobody can be asked whether to {asked}; say -y, or --dry-run")
    return click.confirm(f"{asked}?")


def measured_text(runs: Sequence[Thrown]) -> str:
    """Runs in words, and how much there is of them."""
    from mlxp_fn.views.rows import size_text

    size = size_text(sum(run.size for run in runs))
    return f"{spoken(runs)} ({sum(run.files for run in runs)} files, {size})"


def spoken(runs: Sequence[Thrown]) -> str:
    """Runs in words.

    >>> from mlxp_fn.effects.trash import Thrown
    >>> spoken([Thrown(id=3, files=1, size=1), Thrown(id=5, files=1, size=1)])
    'runs 3, 5'
    """
    return f"run{'s' if len(runs) != 1 else ''} {', '.join(str(run.id) for run in runs)}"
