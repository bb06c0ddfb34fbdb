"""Options that commands share, each with one name and one meaning."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

    from mlxp_fn.browsing.choice import Choice

Command = Callable[..., Any]

NAMED = (
    "RUNS are ids (3), ranges (5:9, 5:), last, last:3, or directories of runs (logs/7). A log directory may stand "
    "among them, instead of ./logs."
)
"""How runs are named, for the end of a command's help."""

RUNS = f"{NAMED} Without any run all are meant."


def _all_of(*options: Command) -> Callable[[Command], Command]:
    """The options as one decorator, to be shown in this order."""
    return lambda function: reduce(lambda made, option: option(made), reversed(options), function)


QUERY = click.option(
    "-q", "--where", "query", metavar="QUERY", help="Only runs for which this holds, as 'config.lr < 0.1'."
)


def completed_by(offer: str) -> Command:
    """Completion by a function of `completing`, which is imported when somebody presses Tab."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> Any:
        from mlxp_fn.cli import completing

        return getattr(completing, offer)(context, parameter, incomplete)

    return complete


completed_metrics = completed_by("offered_metrics")

column_option = partial(click.option, shell_complete=completed_by("offered_columns"))
"""An option that names columns, completed by Tab."""


def naming(metavar: str, name: str = "words", **settings: Any) -> Command:
    """An argument that names runs, completed by Tab."""
    return click.argument(name, metavar=metavar, shell_complete=completed_by("offered_runs"), **settings)


selecting = _all_of(naming("[RUNS]...", nargs=-1), QUERY)
"""Gives `words` and `query`: which runs are meant."""


def some(words: tuple[str, ...], query: str | None) -> Choice:
    """The runs that are asked for, where all of them are never meant by saying nothing. Or `UsageError`."""
    from mlxp_fn.browsing.choice import choice

    asked = choice(words, query)
    if not asked.selection.parts and query is None:
        raise click.UsageError("which runs? Name them (3, 5:9, last), or say -q QUERY")
    return asked


def one_run(word: str) -> Path:
    """The directory of the one run that a word names. Raises `SelectionError` for a word that means several."""
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.errors import SelectionError

    asked = choice([word]).or_last()
    ids = asked.ids()
    if len(ids) != 1:
        raise SelectionError(f"one run, please; {word!r} names {len(ids)}")
    return asked.place / str(ids[0])


in_form = _all_of(
    click.option("--json", "form", flag_value="json", help="Print JSON."),
    click.option("--csv", "form", flag_value="csv", help="Print CSV."),
    click.option("--md", "form", flag_value="md", help="Print Markdown."),
)
"""Gives `form`: how rows are printed."""

only_changed = click.option("--only-changed", is_flag=True, help="Leave out what is the same in all runs.")

shaping = _all_of(
    column_option("--columns", metavar="NAMES", help="These columns: 'id,lr,config.model.*,min(train.loss)'."),
    column_option("--sort", metavar="NAME", help="Order by a column; -NAME in descending order."),
    click.option("--limit", metavar="N", type=click.IntRange(min=0), help="N rows: the first, unsorted the last."),
    only_changed,
)
"""Gives `columns`, `sort`, `limit` and `only_changed`: what a table shows."""

removing = _all_of(
    click.option("-y", "--yes", is_flag=True, help="Do not ask."),
    click.option("--dry-run", is_flag=True, help="Tell what would be done; do nothing."),
)
"""Gives `yes` and `dry_run`, for what takes something away."""


def split(names: str | None) -> list[str]:
    """Names that commas separate, but for commas in parentheses."""
    import re

    found = re.findall(r"(?:[^,()]|\([^()]*\))+", names or "")
    return [name.strip() for name in found if name.strip()]
