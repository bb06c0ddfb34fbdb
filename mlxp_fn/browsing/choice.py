"""The runs that somebody asks for: by words of a command line, and by a query."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import evolve, frozen

from mlxp_fn import layout
from mlxp_fn.effects.run_list import run_ids, trashed_ids
from mlxp_fn.effects.store import read_runs
from mlxp_fn.errors import NoRunError, SelectionError
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.selection import ALL, One, Selection, is_selection, selection
from mlxp_fn.results.steps import where

LOGS = Path("logs")
"""Where runs lie unless somebody says otherwise."""


@frozen(kw_only=True)
class Choice:
    """Runs of one log directory, or of its trash: those that are selected and for which the query holds."""

    logs: Path
    selection: Selection = ALL
    query: str | None = None
    trash: bool = False

    @property
    def place(self) -> Path:
        """The directory that the runs lie in."""
        return self.logs / layout.TRASH if self.trash else self.logs

    def or_last(self) -> Choice:
        """The same, but the last run where no other was asked for."""
        asked = self.selection.parts or self.query
        return self if asked else evolve(self, selection=selection("last"))

    def ids(self) -> list[int]:
        """The ids of the runs, in the order in which they were asked for. Raises `NoRunError`."""
        if self.query is not None:
            return [int(run) for run in self.runs()["info.logger.log_id"]]
        return self._selected()

    def runs(self) -> Frame:
        """The runs, in the order in which they were asked for.

        Raises `NoRunError` for an id that is not there and where no run is left, `QueryError` for a text that is no
        query, `LogDirError` where there is no log directory.
        """
        step = where(self.query) if self.query is not None else None
        # The trash has no index, and is read run by run.
        chosen = self._selected() if self.selection.parts or self.trash else None
        found = read_runs(self.place, None if chosen is None else frozenset(chosen)) if chosen != [] else Frame({})
        if chosen and len(found):
            places, ids = {run: number for number, run in enumerate(chosen)}, found["info.logger.log_id"]
            found = found.take(sorted(range(len(found)), key=lambda row: places[ids[row]]))
        found = step(found) if step else found
        if not len(found):
            raise NoRunError(f"no run in {self.place} is what was asked for")
        return found

    def _selected(self) -> list[int]:
        ids = trashed_ids(self.logs) if self.trash else run_ids(self.logs)
        try:
            return self.selection.among(ids)
        except NoRunError as error:
            asked = {part.id for part in self.selection.parts if isinstance(part, One)}
            trashed = set() if self.trash else asked.intersection(trashed_ids(self.logs))
            if not trashed:
                raise NoRunError(f"{error} in {self.place}") from error
            run = min(trashed)
            raise NoRunError(f"run {run} of {self.logs} is in the trash; see mlxp restore") from error


def choice(words: Sequence[str], query: str | None = None, *, trash: bool = False) -> Choice:
    """What is asked for by words, each a selection as `5:9`, a run's directory as `logs/7`, or a log directory.

    With `trash` the runs in the trash of that directory are meant. Raises `SelectionError` for a word that is none
    of these, and for runs of several log directories.
    """
    places, named = [], []
    for word in words:
        place = None if is_selection(word) else _place(word)
        if place is None:
            named.append(word)
        elif layout.is_run_name(place.name):
            places.append(place.parent)
            named.append(place.name)
        else:
            places.append(place)
    if len({place.absolute() for place in places}) > 1:
        raise SelectionError(f"runs of one log directory, please, not of {' and '.join(map(str, places))}")
    logs = places[0] if places else LOGS
    return Choice(logs=logs, selection=selection(*named), query=query, trash=trash)


def _place(word: str) -> Path:
    path = Path(word) if Path(word).name.strip(".") else Path(word).resolve()  # "." may be a run's
    if not word or not path.is_dir():
        raise SelectionError(
            f"{word!r} names no run and no directory; write ids (3), ranges (5:9, 5:), last, last:3, a run's "
            "directory (logs/7) or a log directory (logs)"
        )
    return path
