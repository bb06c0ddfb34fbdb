"""Which runs are behind a number: kept by place, and looked up when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
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


Origins = Mapping[str, Origin]
"""The origin of each result in a row, by the names of their columns."""


def source_of(run: Mapping[str, Any]) -> Source:
    """What the row of a run says of it."""
    commit = next((run[name] for name in _COMMITS if run.get(name)), None)
    return Source(id=run.get("info.logger.log_id"), dir=run.get("info.logger.log_dir"), commit=commit)
