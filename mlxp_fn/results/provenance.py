"""Which runs are behind a number: kept by place, and looked up when somebody asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from mlxp_fn.results.columns import Columns
    from mlxp_fn.results.frame import Frame

_COMMITS = ("info.version_manager.commit_hash", "info.git.commit")
"""The columns that tell which code a run executed, the most certain first."""


@frozen(kw_only=True)
class Source:
    """A run that a number was made from; what its record does not tell is None."""

    id: int | None
    dir: str | None
    commit: str | None


@frozen(eq=False, repr=False)
class Origin:
    """The rows of a frame, and the columns of them, that a result was made from."""

    frame: Frame
    rows: Sequence[int]
    columns: tuple[str, ...]

    def sources(self) -> Iterator[Source]:
        """The runs; of rows that are results themselves, theirs."""
        for row in self.rows:
            for column in self.columns:
                yield from self.frame.provenance(row, column)


@frozen(eq=False, repr=False)
class Itself:
    """The origin of a row that is a run, or made of one: behind the values in these columns it is alone."""

    frame: Columns
    row: int
    columns: Collection[str]

    def sources(self) -> Iterator[Source]:
        """The run."""
        yield source_of(self.frame[self.row])


ITSELF = ""
"""Stands for the columns of `Itself` among the origins of a row."""

Origins = Mapping[str, Origin | Itself]
"""The origin of each result in a row, by the names of their columns."""


@frozen(eq=False, repr=False)
class RowsThemselves(Sequence[Origins]):
    """The origins of rows that are made of one run each, looked up when somebody asks."""

    frame: Columns
    columns: Collection[str]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.frame)

    def __getitem__(self, row: Any) -> Any:
        """The origins of one row."""
        return {ITSELF: Itself(self.frame, range(len(self))[row], self.columns)}


def named(origins: Origins, columns: Iterable[str]) -> Origins:
    """The same for these columns of the row alone."""
    itself = origins.get(ITSELF)
    return origins if itself is None else {**dict.fromkeys(columns, itself), **_without_itself(origins)}


def behind(origins: Origins, column: str) -> tuple[Source, ...]:
    """The runs behind a column of a row, each once; of a column that has no origin, all that are behind the row."""
    itself = origins.get(ITSELF)
    if isinstance(itself, Itself) and column in itself.columns:
        origins = {column: itself, **_without_itself(origins)}
    found = [origins[column]] if column in origins else origins.values()
    return tuple(dict.fromkeys(source for origin in found for source in origin.sources()))


def _without_itself(origins: Origins) -> Origins:
    return {name: origin for name, origin in origins.items() if name != ITSELF}


def source_of(run: Mapping[str, Any]) -> Source:
    """What the row of a run says of it."""
    commit = next((run[name] for name in _COMMITS if run.get(name)), None)
    return Source(id=run.get("info.logger.log_id"), dir=run.get("info.logger.log_dir"), commit=commit)
