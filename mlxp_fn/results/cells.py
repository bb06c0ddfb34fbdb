"""What stands in one place of a frame: a value, nothing, or a reference to a file that is read when asked.

References hold what opens the file, never an open file, so a cell can be read again and again, and pickled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from typing import Any, Final, Literal, Protocol

from attrs import field, frozen


class _Absent(Enum):
    """A type with one value, which stays itself when it is pickled."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final[Literal[_Absent.ABSENT]] = _Absent.ABSENT
"""Stands where a run lacks a column; `None` is a value that somebody gave."""

METRIC, ARTIFACT = "METRIC", "ARTIFACT"
"""What is shown in the place of what is not read, as in MLXP."""


class MetricStore(Protocol):
    """Reads metric files; `effects` has the one that reads the disk."""

    def series(self, path: str, keys: Collection[str]) -> Mapping[str, list[Any]]:
        """The present values of each key, in the order of the file, which is read once."""

    def last(self, path: str, key: str) -> Any:
        """The last present value of a key, or ABSENT."""

    def at(self, path: str, key: str, row: int) -> Any:
        """The value of a key in the line of that number, from 0, or ABSENT."""


@frozen
class MetricRef:
    """One key of one metric file."""

    path: str
    key: str
    store: MetricStore = field(repr=False)

    def values(self) -> list[Any]:
        """All present values, oldest first."""
        return self.store.series(self.path, (self.key,)).get(self.key, [])

    def last(self) -> Any:
        """The last present value, or ABSENT; only the end of the file is read."""
        return self.store.last(self.path, self.key)

    def at(self, row: int) -> Any:
        """The value in the line of that number, from 0, or ABSENT."""
        return self.store.at(self.path, self.key, row)


@frozen(kw_only=True)
class Artifact:
    """A file in the folder `path` of a run; `size` and `sha256` are None where MLXP 1.0.5 wrote it."""

    name: str
    path: str
    type: str
    size: int | None = None
    sha256: str | None = None
    loader: Callable[[Artifact], Any] = field(repr=False, eq=False)

    @property
    def file(self) -> str:
        """The path of the file itself."""
        return f"{self.path}/{self.name}"

    def load(self) -> Any:
        """The object that was logged. Loading a pickle runs the code in it: load only what you trust."""
        return self.loader(self)


@frozen
class ArtifactRefs:
    """The artifacts of one type in one folder of a run."""

    artifacts: tuple[Artifact, ...]

    def by_name(self) -> dict[str, Artifact]:
        """The artifacts by the names of their files."""
        return {artifact.name: artifact for artifact in self.artifacts}


def read(cell: Any) -> Any:
    """The value behind a cell; this is where a metric file is read. Nothing reads as `None`."""
    if isinstance(cell, MetricRef):
        return cell.values()
    if isinstance(cell, ArtifactRefs):
        return cell.by_name()
    return None if cell is ABSENT else cell


def read_together(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The values behind the cells of one run, each metric file read once."""
    wanted: dict[tuple[str, MetricStore], list[str]] = {}
    for cell in cells.values():
        if isinstance(cell, MetricRef):
            wanted.setdefault((cell.path, cell.store), []).append(cell.key)
    series = {(path, store): store.series(path, keys) for (path, store), keys in wanted.items()}
    return {
        name: series[cell.path, cell.store].get(cell.key, []) if isinstance(cell, MetricRef) else read(cell)
        for name, cell in cells.items()
    }


def mark(cell: Any) -> Any:
    """What is shown for a cell: its value, or the mark of what has not been read."""
    if isinstance(cell, MetricRef):
        return METRIC
    return ARTIFACT if isinstance(cell, ArtifactRefs) else cell


def identity(value: Any) -> Any:
    """Something hashable that is equal for equal values; every NaN is the same, lists and tuples too.

    >>> identity([1, {"a": float("nan")}]) == identity((1, {"a": float("nan")}))
    True
    """
    if isinstance(value, list | tuple):
        return tuple(map(identity, value))
    if isinstance(value, Mapping):
        return frozenset((key, identity(item)) for key, item in value.items())
    return math.nan if isinstance(value, float) and value != value else value


def order(value: Any) -> tuple[Any, ...]:
    """A key that sorts any values together: numbers, NaN, texts, lists, and what else there is by its repr.

    >>> sorted(["b", 2, float("nan"), 1.5, [3], "a"], key=order)
    [1.5, 2, nan, 'a', 'b', [3]]
    """
    if isinstance(value, int | float):
        return (1,) if value != value else (0, value)
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, list | tuple):
        return (3, tuple(map(order, value)))
    return (4, repr(value))
