"""What an aggregate reads of each run: a whole curve, or only its last value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.cells import ABSENT, MetricRef, bare, read, read_together
from mlxp_fn.results.moments import Moments

if TYPE_CHECKING:
    from mlxp_fn.results.frame import Frame


@frozen
class Reading:
    """A column, whether only the last value of a metric is meant, and whether it must be numbers.

    Of numbers, curves may be `summed` as they are read; or each is read with the column `on` of the same log, as
    pairs from the lines that have both.
    """

    key: str
    last: bool = False
    numeric: bool = False
    summed: bool = False
    on: str | None = None

    @property
    def name(self) -> str:
        """What results made from it are called after."""
        return f"{self.key}_last" if self.last else self.key


def gather(frame: Frame, readings: Iterable[Reading]) -> dict[Reading, Any]:
    """For each reading its value in every row, ABSENT where there is none; row by row, so that of a curve that
    must be numbers no more is kept than the numbers, and of a `summed` one only its `Moments`."""
    columns = {reading: frame.cells(reading.key) for reading in readings}
    for axis in (reading.on for reading in columns if reading.on is not None):
        frame.cells(axis)  # which says so if there is no such column
    gathered: dict[Reading, Any] = {
        reading: _each(reading, column) for reading, column in columns.items() if not _is_whole(reading)
    }
    whole = {reading: column for reading, column in columns.items() if reading not in gathered}
    gathered |= {reading: Moments() if reading.summed else [] for reading in whole}
    for row in range(len(frame) if whole else 0):
        values = read_together({reading.key: column[row] for reading, column in whole.items()})
        for reading, column in whole.items():
            value = ABSENT if column[row] is ABSENT else values[reading.key]
            gathered[reading].append(_numbers(value, reading) if reading.numeric else value)
    return gathered


def _is_whole(reading: Reading) -> bool:
    """Whether it is of a whole curve, which others may be in the same file with."""
    return not reading.last and reading.on is None


def _each(reading: Reading, column: Sequence[Any]) -> list[Any]:
    if reading.on is not None:
        return [ABSENT if cell is ABSENT else _pairs(cell, reading.key, reading.on) or ABSENT for cell in column]
    values = [cell.last() if type(cell) is MetricRef else _last_of(cell) for cell in column]
    return [_numbers(value, reading) for value in values] if reading.numeric else values


def _pairs(cell: Any, key: str, on: str) -> dict[Any, Any]:
    """What a curve has at each value of the column `on`, the later where one comes twice."""
    if not isinstance(cell, MetricRef):
        raise InvalidMapError(f"{key} is no metric, and has no values on {on}")
    log = key.removesuffix(f".{cell.key}")
    if not on.startswith(f"{log}."):
        raise InvalidMapError(f"{on} is no column of the log of {key}; on is one like {log}.iter")
    return dict(points(cell.against(on.removeprefix(f"{log}.")), key, on, (int, float, str)))


def points(
    pairs: Iterable[tuple[Any, Any]], key: str, on: str, kinds: tuple[type, ...]
) -> Iterator[tuple[Any, Any]]:
    """The values of a curve of `key` with their places `on` an axis, but those that have none.

    Raises `InvalidMapError` for a place of no such kind, and for what is no number.
    """
    for place, value in pairs:
        if place is None or place != place:
            continue
        if not isinstance(place, kinds):
            raise InvalidMapError(f"{on} is no axis: a run has {str(place)[:60]!r} in it")
        if not is_atom(value):
            raise InvalidMapError(f"{key} is no number and no curve of numbers: {str(value)[:60]!r}")
        yield place, value


def _last_of(cell: Any) -> Any:
    value = ABSENT if cell is ABSENT else bare(read(cell))
    if not isinstance(value, list | tuple):
        return value
    return value[-1] if value else ABSENT


def _numbers(value: Any, reading: Reading) -> Any:
    """A number, or a numpy array of one dimension, in which only a missing value may stand beside numbers."""
    if type(value) is float or value is ABSENT or is_atom(value):
        return value
    value = bare(value)
    if is_atom(value):
        return value
    if isinstance(value, list | tuple):
        array = _array(value)
        if array is not None:
            return array
    raise InvalidMapError(f"{reading.key} is no number and no curve of numbers: {str(value)[:60]!r}")


def _array(values: Sequence[Any]) -> Any:
    import numpy as np

    try:
        array = np.asarray(values)
    except ValueError:  # lists of different lengths
        return None
    if array.ndim == 1 and array.dtype.kind in "biuf":
        return array
    return np.asarray(values, dtype=object) if all(map(is_atom, values)) else None


def is_atom(value: Any) -> bool:
    """Whether it is nothing, or a number within the range of floats."""
    return value is None or isinstance(value, float) or (isinstance(value, int) and value.bit_length() < 1024)
