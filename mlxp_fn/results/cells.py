"""What stands in one place of a frame: a value, nothing, or a reference to a file that is read when asked.

References hold what opens the file, never an open file, so a cell can be read again and again, and pickled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Literal, Protocol

from attrs import field, frozen

from mlxp_fn.errors import InvalidArtifactError
from mlxp_fn.results.attempts import Resumed


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

    def curve(self, path: str, resumed: Resumed) -> Sequence[Mapping[str, Any]]:
        """All lines of a file that several attempts wrote, as one curve."""

    def last(self, path: str, key: str) -> Any:
        """The last present value of a key, or ABSENT; read from the end."""


@frozen
class MetricRef:
    """One key of one metric file; `resumed` where several attempts of the run wrote it."""

    path: str
    key: str
    store: MetricStore = field(repr=False)
    resumed: Resumed | None = field(default=None, repr=False)

    def lines(self) -> Sequence[Mapping[str, Any]]:
        """All lines of the file, of every key."""
        return self.store.lines(self.path) if self.resumed is None else self.store.curve(self.path, self.resumed)

    def values(self) -> list[Any]:
        """All present values, oldest first."""
        return _present(self.lines(), self.key)

    def last(self) -> Any:
        """The last present value, or ABSENT; only the end of the file is read, unless its last line may be of an
        earlier step than one that stands before it."""
        if self.resumed is None:
            return self.store.last(self.path, self.key)
        return next((line[self.key] for line in reversed(self.lines()) if self.key in line), ABSENT)

    def at(self, row: int) -> Any:
        """The value in the line of that number, from 0, or ABSENT."""
        lines = self.lines()
        return lines[row].get(self.key, ABSENT) if row < len(lines) else ABSENT

    def loaded(self, lines: Sequence[Mapping[str, Any]]) -> MetricRef:
        """The same key, read from lines of the file that are at hand."""
        return MetricRef(self.path, self.key, _AtHand(lines))

    def against(self, other: str) -> list[tuple[Any, Any]]:
        """The values of the key `other` and of this one, from the lines that have both."""
        lines = self.lines()
        return [(line[other], line[self.key]) for line in lines if other in line and self.key in line]


@frozen(eq=False)
class _AtHand:
    """The store of one metric file that has been read."""

    rows: Sequence[Mapping[str, Any]]

    def lines(self, path: str) -> Sequence[Mapping[str, Any]]:
        return self.rows

    def curve(self, path: str, resumed: Resumed) -> Sequence[Mapping[str, Any]]:
        return self.rows

    def last(self, path: str, key: str) -> Any:
        return next((row[key] for row in reversed(self.rows) if key in row), ABSENT)


class ArtifactStore(Protocol):
    """Reads artifacts' files; `effects` has the one that reads the disk."""

    def load(self, artifact: Artifact, loader: Callable[[str], Any] | None, safe: bool) -> Any:
        """The object in the file."""

    def sha256(self, artifact: Artifact) -> str:
        """The digest of the file as it is now."""


@frozen(kw_only=True)
class Artifact:
    """A file `name` in the folder `path` of a run.

    `size` and `sha256` are what was recorded when it was logged; MLXP 1.0.5 recorded neither, and they are None.
    """

    name: str
    path: str
    type: str
    size: int | None = None
    sha256: str | None = None
    root: str = field(repr=False)
    store: ArtifactStore = field(repr=False)

    @property
    def file(self) -> str:
        """The path of the file itself."""
        return f"{self.path}/{self.name}"

    def load(self, loader: Callable[[str], Any] | None = None, *, safe: bool = False) -> Any:
        """The object that was logged, or what `loader` makes of the file's path.

        A type of your own needs a `loader`: none is ever taken from the log directory. Loading a pickle runs the
        code in it; with `safe` it is refused, and so is all else that might run code (of `torch` the weights are
        loaded). Raises `InvalidArtifactError`, and `MissingArtifactError` where the file is gone.
        """
        return self.store.load(self, loader, safe)

    def verify(self) -> None:
        """Read the file and compare. Raises `InvalidArtifactError` where it is not what was recorded."""
        if self.sha256 is None:
            raise InvalidArtifactError(f"no SHA-256 was recorded of {self.file}")
        found = self.store.sha256(self)
        if found != self.sha256:
            raise InvalidArtifactError(
                f"{self.file} is not what was logged: its SHA-256 is {found}, recorded is {self.sha256}"
            )


@frozen
class ArtifactRefs:
    """The artifacts of one type in one folder of a run."""

    artifacts: tuple[Artifact, ...]

    def by_name(self) -> dict[str, Artifact]:
        """The artifacts by the names of their files."""
        return {artifact.name: artifact for artifact in self.artifacts}


def artifacts_of(cells: Mapping[str, Any]) -> dict[str, Artifact]:
    """The artifacts of a run, a row of a frame, by `<type>/<name>`."""
    found = (artifact for cell in cells.values() if isinstance(cell, ArtifactRefs) for artifact in cell.artifacts)
    return {artifact.file.removeprefix(f"{artifact.root}/"): artifact for artifact in found}


def read(cell: Any) -> Any:
    """The value behind a cell; this is where a metric file is read. Nothing reads as `None`."""
    if isinstance(cell, MetricRef):
        return cell.values()
    if isinstance(cell, ArtifactRefs):
        return cell.by_name()
    return None if cell is ABSENT else cell


def read_together(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The values behind the cells of one run, each metric file read once."""
    files: dict[tuple[str, MetricStore, Resumed | None], Sequence[Mapping[str, Any]]] = {}
    values = {}
    for name, cell in cells.items():
        if isinstance(cell, MetricRef):
            file = (cell.path, cell.store, cell.resumed)
            if file not in files:
                files[file] = cell.lines()
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


def bare(value: Any) -> Any:
    """A scalar or an array of numpy's or torch's, which a user's function may give, as Python's own."""
    return value.tolist() if hasattr(value, "tolist") else value


def identity(value: Any) -> Any:
    """Something hashable that is equal for equal values; every NaN is the same, lists and tuples too.

    >>> identity([1, {"a": float("nan")}]) == identity((1, {"a": float("nan")}))
    True
    """
    if isinstance(value, list | tuple):
        return tuple(map(identity, value))
    if isinstance(value, Mapping):
        return _Pairs((key, identity(item)) for key, item in value.items())
    if isinstance(value, float):
        return math.nan if value != value else value
    return identity(value.tolist()) if hasattr(value, "tolist") else value


class _Pairs(frozenset[tuple[Any, Any]]):
    """The identity of a mapping."""


def plain(known: Any) -> Any:
    """A value of this identity, of lists and dicts.

    >>> plain(identity([1, {"a": (2, 3)}]))
    [1, {'a': [2, 3]}]
    """
    if isinstance(known, tuple):
        return list(map(plain, known))
    return {key: plain(item) for key, item in known} if isinstance(known, _Pairs) else known


def is_deep(value: Any, levels: int) -> bool:
    """Whether lists and mappings stand in one another more than so many times.

    >>> is_deep([[1], 2], 2), is_deep([[{}], 2], 2)
    (False, True)
    """
    within = [value]
    for _ in range(levels + 1):
        nested = [one for one in within if isinstance(one, list | dict)]
        if not nested:
            return False
        within = [item for one in nested for item in (one.values() if isinstance(one, dict) else one)]
    return True


def propagating(function: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Any]:
    """The function of the values, or NaN if one of them is: Python's own minimum depends on their order."""

    def call(values: Sequence[Any]) -> Any:
        return next((value for value in values if value != value), None) or function(values)

    return call


def ranked(values: Sequence[Any], descending: bool = False) -> list[int]:
    """The places of values in their order, equal ones as they stand; None and NaN come last either way.

    >>> ranked([None, 1, float("nan"), 2], descending=True)
    [3, 1, 0, 2]
    """
    keys = {place: order(value) for place, value in enumerate(values) if value is not None}
    keys = {place: key for place, key in keys.items() if key != _NAN}
    missing = [place for place in range(len(values)) if place not in keys]
    return [*sorted(keys, key=keys.__getitem__, reverse=descending), *missing]


_NAN = (1,)


def order(value: Any) -> tuple[Any, ...]:
    """A key that sorts any values together: numbers, NaN, texts, lists, and what else there is by its repr.

    >>> sorted(["b", 2, float("nan"), 1.5, [3], "a"], key=order)
    [1.5, 2, nan, 'a', 'b', [3]]
    """
    if isinstance(value, int | float):
        return _NAN if value != value else (0, value)
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, list | tuple):
        return (3, tuple(map(order, value)))
    return order(value.tolist()) if hasattr(value, "tolist") else (4, repr(value))
