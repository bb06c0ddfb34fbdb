"""What the statistics over runs have in common: which values enter, and how curves are laid side by side."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import Attribute, field, frozen

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.aggregating import Aggregate, Tell, Values
from mlxp_fn.results.cells import order
from mlxp_fn.results.moments import Moments, is_curve, is_there
from mlxp_fn.results.readings import Reading

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

_BLOCK = 1024


def is_name(_: Any, attribute: Attribute[str], value: Any) -> None:
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise InvalidMapError(f"{attribute.name}={value!r} is no name of a column")


@frozen
class Last(Aggregate):
    """The last value of each run, as a list; around a key in another aggregate, what that is made of."""

    key: str = field(validator=is_name)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Only the end of each file."""
        return (Reading(self.key, last=True),)

    @property
    def names(self) -> tuple[str, ...]:
        """`<key>_last`."""
        return (f"{self.key}_last",)

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """The last values."""
        return ([value for value in values[self.readings[0]] if is_there(value)],)


def _one_of(*choices: str) -> Any:
    def check(_: Any, attribute: Attribute[str], value: Any) -> None:
        if value not in choices:
            raise InvalidMapError(f"{attribute.name}={value!r} is none of {', '.join(map(repr, choices))}")

    return check


def share(what: str) -> Any:
    """What refuses a number that is no part of 1."""

    def check(_: Any, attribute: Attribute[float], value: Any) -> None:
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise InvalidMapError(f"{what} lies between 0 and 1, not {value!r}")

    return check


def _is_key(_: Any, attribute: Attribute[Any], value: Any) -> None:
    if not isinstance(value, str | Last):
        raise InvalidMapError(f"a statistic is of a column's name or of Last(name), not of {value!r}")


@frozen
class Statistic(Aggregate):
    """An aggregate that is a function of an array whose first axis are the runs.

    Curves are laid side by side place by place, or where the column `on` of the same log is equal: then the
    results begin with the values of `on`. Where some runs have no value at a place, `unequal` says what becomes of
    it: `cut` leaves the place out, `union` takes the runs that have one, `error` raises. A NaN makes the result NaN
    (`keep`), or is left out like a missing value (`skip`).
    """

    key: str | Last = field(validator=_is_key)
    on: str | None = field(default=None, kw_only=True)
    unequal: str = field(default="cut", kw_only=True, validator=_one_of("cut", "union", "error"))
    nan: str = field(default="keep", kw_only=True, validator=_one_of("keep", "skip"))
    suffixes: ClassVar[tuple[str, ...]]

    @abstractmethod
    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The results, from one number or one curve of each run."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The key's numbers."""
        if isinstance(self.key, Last):
            return (Reading(self.key.key, last=True, numeric=True),)
        return (Reading(self.key, numeric=True, on=self.on),)

    @property
    def names(self) -> tuple[str, ...]:
        """The key with a suffix for each result."""
        names = tuple(f"{self.readings[0].name}_{suffix}" for suffix in self._suffixes())
        return names if self.on is None else (self.on, *names)

    def entered(self, values: Values) -> list[int]:
        """The rows with a value, and where NaN is left out, one that is a number."""
        rows = super().entered(values)
        return rows if self.nan == "keep" else [row for row in rows if _is_number(values[self.readings[0]][row])]

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """A number for each name where the runs have numbers, a list where they have curves."""
        present = [value for value in values[self.readings[0]] if is_there(value)]
        if not present:
            return (None,) * len(self.names)
        if self.on is not None:
            return self._of_places(
                present, sorted({place for points in present for place in points}, key=order), tell
            )
        curves = [is_curve(value) for value in present]
        if not any(curves):
            return self._of_numbers(present)
        if not all(curves):
            raise InvalidMapError(f"some runs have a curve of {self.readings[0].key} and some a number")
        return self._of_curves(present, tell)

    def _suffixes(self) -> tuple[str, ...]:
        return self.suffixes

    def _of_numbers(self, values: Sequence[Any]) -> tuple[Any, ...]:
        import numpy as np

        chosen = [value for value in values if value == value] if self.nan == "skip" else values
        if not chosen:
            return (None,) * len(self._suffixes())
        with np.errstate(all="ignore"):
            return tuple(np.asarray(result).item() for result in self.of(np.asarray(chosen)))

    def _of_curves(self, curves: Sequence[Numbers], tell: Tell) -> tuple[Any, ...]:
        import numpy as np

        simple = self.unequal == "cut" and self.nan == "keep"
        if not simple or any(curve.dtype == object for curve in curves):
            points = [dict(enumerate(curve.tolist())) for curve in curves]
            return self._of_places(points, range(max(map(len, curves))), tell)
        cut = shortest(map(len, curves), self.readings[0].key, tell)
        # Some places at a time: all curves once more in one array would double the memory.
        with np.errstate(all="ignore"):
            blocks = [
                self.of(np.stack([curve[start : min(start + _BLOCK, cut)] for curve in curves]))
                for start in range(0, cut, _BLOCK)
            ]
        return tuple(np.concatenate(parts).tolist() for parts in zip(*blocks, strict=True))

    def _of_places(
        self, runs: Sequence[Mapping[Any, Any]], places: Sequence[Any], tell: Tell
    ) -> tuple[list[Any], ...]:
        """The results place by place, from what each run has there; a None holds a place and counts for nothing."""
        key = self.readings[0].key
        whole = [place for place in places if all(place in run for run in runs)]
        if len(whole) < len(places) and self.unequal == "error":
            raise InvalidMapError(f"the curves of {key} are of unequal length; take unequal='cut' or 'union'")
        if len(whole) < len(places) and self.unequal == "cut":
            tell(f"not all curves of {key} have the same places; {len(whole)} of {len(places)} are kept")
            places = whole
        present = ([value for run in runs if (value := run.get(place)) is not None] for place in places)
        results = [self._of_numbers(values) for values in present]
        columns = [list(column) for column in zip(*results, strict=True)] or [[] for _ in self._suffixes()]
        return tuple(columns) if self.on is None else (list(places), *columns)


@frozen
class Streamed(Statistic):
    """A statistic that needs of curves only their moments: however many runs there are, one curve is in memory."""

    @abstractmethod
    def of_moments(self, moments: Moments) -> tuple[Numbers, ...]:
        """The results at each place, from moments that have a count of at least 1 there."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The key's numbers; of curves that are cut to the shortest, the moments."""
        if isinstance(self.key, Last) or self.on is not None or self.unequal != "cut" or self.nan != "keep":
            return super().readings
        return (Reading(self.key, numeric=True, summed=True),)

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """As of every statistic."""
        read = values[self.readings[0]]
        if not isinstance(read, Moments):
            return super().results(values, tell)
        if not read.lengths:
            return self._of_numbers(read.numbers)
        if read.numbers:
            raise InvalidMapError(f"some runs have a curve of {self.readings[0].key} and some a number")
        shortest(read.lengths, self.readings[0].key, tell)
        missing = (read.count == 0).nonzero()[0].tolist()
        return tuple(_with_none(result.tolist(), missing) for result in self.of_moments(read))


def _is_number(value: Any) -> bool:
    """Whether a value that was read, or a part of it, is no NaN."""
    parts = value.values() if isinstance(value, dict) else value.tolist() if is_curve(value) else (value,)
    return any(part is not None and part == part for part in parts)


def shortest(lengths: Iterable[int], key: str, tell: Tell) -> int:
    """The least of the lengths; that curves are cut to it is told."""
    all_of_them = set(lengths)
    least = min(all_of_them)
    if len(all_of_them) > 1:
        tell(f"the curves of {key} have {least} to {max(all_of_them)} values; cut to the shortest")
    return least


def standard_error(deviation: Any, count: Any) -> Any:
    """The standard error from the population deviation of `count` values; NaN for a single one."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 1, deviation / np.sqrt(count - 1), math.nan)


def _with_none(values: list[Any], missing: Sequence[int]) -> list[Any]:
    for place in missing:
        values[place] = None
    return values
