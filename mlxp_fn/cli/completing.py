"""What a shell offers for runs, metrics and columns when somebody presses Tab."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from mlxp_fn.browsing.choice import Choice
    from mlxp_fn.results.frame import Frame
    from mlxp_fn.results.row import Row

DESCRIBED = 50
"""How many runs are described at most, for they are read for it."""

Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def offered_runs(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids, the latest first, each with how the run ended and what varies; else directories."""
    offered: list[CompletionItem] = []
    with _in_silence():
        asked = _asked(context)
        ids = [run for run in reversed(asked.ids()) if str(run).startswith(incomplete)]
        said = _descriptions(asked, ids[:DESCRIBED])
        offered = [CompletionItem(str(run), help=said.get(run)) for run in ids]
        if "last".startswith(incomplete):
            offered.append(CompletionItem("last", help="the run with the highest id"))
    return offered or [CompletionItem(incomplete, type="dir")]


def offered_metrics(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The metrics of the runs that are there."""
    from mlxp_fn.results.overview import metric_names

    return _offered(context, incomplete, metric_names)


def offered_columns(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The columns of the runs that are there; of the config also without `config.`, where no other begins so."""
    found = _offered(context, incomplete, lambda runs: list(runs.names()))
    return found or _offered(context, incomplete, _keys)


def _keys(runs: Frame) -> list[str]:
    return [name.removeprefix("config.") for name in runs.names() if name.startswith("config.")]


def _offered(context: click.Context, incomplete: str, names: Callable[[Frame], list[str]]) -> list[CompletionItem]:
    found: list[str] = []
    with _in_silence():
        found = names(_asked(context).runs())
    # A name that a terminal would act on, or a shell take for two, is left to be typed.
    return [CompletionItem(name) for name in found if name.startswith(incomplete) and name.isprintable()]


def _asked(context: click.Context) -> Choice:
    """All runs of the place that the words before lead to."""
    from mlxp_fn.browsing.choice import Choice, choice

    trash = context.info_name == "restore" or bool(context.params.get("trash"))
    words: Any = context.params.get("words") or ()
    return Choice(logs=choice(words, trash=trash).logs, trash=trash)


def _descriptions(asked: Choice, ids: list[int]) -> dict[int, str]:
    from mlxp_fn.effects.store import read_runs
    from mlxp_fn.views.table import as_text

    runs = read_runs(asked.place, frozenset(ids))
    varied = runs.diff("config.")

    def described(row: Row) -> str:
        said = [as_text(row.get("info.status")), as_text(row.get("info.name") or "", 30)]
        said += [f"{as_text(key.removeprefix('config.'))}={as_text(row[key], 20)}" for key in varied if key in row]
        return " ".join(filter(None, said))

    return {row["info.logger.log_id"]: described(row) for row in runs}


@contextmanager
def _in_silence() -> Iterator[None]:
    """Whatever cannot be read is no matter here: the command itself will say so."""
    from mlxp_fn.errors import MlxpError

    with warnings.catch_warnings(), suppress(MlxpError):
        warnings.simplefilter("ignore")
        yield
