"""What stands in one place of a frame: a value, nothing, or a reference to a file that is read when asked.

References hold what opens the file, never an open file, so a cell can be read again and again, and pickled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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

    def lines(self, path: str) -> Sequence[Mapping[str, Any]]:
        """All lines of a file, oldest first."""

    def last(self, path: str, key: str) -> Any:
        """The last present value of a key, or ABSENT; read from the end."""


@frozen
class MetricRef:
    """One key of one metric file."""

    path: str
    key: str
    store: MetricStore = field(repr=False)

    def values(self) -> list[Any]:
        """All present values, oldest first."""
        return _present(self.store.lines(self.path), self.key)

    def last(self) -> Any:
        """The last present value, or ABSENT; only the end of the file is read."""
        return self.store.last(self.path, self.key)

    def at(self, row: int) -> Any:
        """The value in the line of that number, from 0, or ABSENT."""
        lines = self.store.lines(self.path)
        return lines[row].get(self.key, ABSENT) if row < len(lines) else ABSENT

    def against(self, other: str) -> list[tuple[Any, Any]]:
        """The values of the key `other` and of this one, from the lines that have both."""
        lines = self.store.lines(self.path)
        return [(line[other], line[self.key]) for line in lines if other in line and self.key in line]


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
    files: dict[tuple[str, MetricStore], Sequence[Mapping[str, Any]]] = {}
    values = {}
    for name, cell in cells.items():
        if isinstance(cell, MetricRef):
            file = (cell.path, cell.store)
            if file not in files:
                files[file] = cell.store.lines(cell.path)
            values[name] = _present(files[file], cell.key)
        else:
            values[name] = read(cell)
    return values


def _present(lines: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    return [line[key] for line in lines if key in line]


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
