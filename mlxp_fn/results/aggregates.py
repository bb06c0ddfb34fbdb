"""The aggregates: statistics over the runs of a group, of numbers or of whole curves.

One rule for each difficulty: runs that lack the value, or have None, are left out; one NaN makes the result NaN;
curves are taken element by element and cut to the shortest, with a warning; where no run has a value, the result
is None. `AvgStd(Last("train.loss"))` is the statistic of the last values.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import field, frozen, validators

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.aggregating import Aggregate, Tell, Values
from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.readings import Reading
from mlxp_fn.results.student import student_t

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]


_BLOCK = 1024


@frozen
class Last(Aggregate):
    """The last value of each run, as a list; around a key in another aggregate, what that is made of."""

    key: str

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
        return ([value for value in values[self.readings[0]] if _is_there(value)],)


@frozen
class Statistic(Aggregate):
    """An aggregate that is a function of an array whose first axis are the runs."""

    key: str | Last = field(validator=validators.instance_of((str, Last)))
    suffixes: ClassVar[tuple[str, ...]]

    @abstractmethod
    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The results, from one number or one curve of each run."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The key's numbers."""
        if isinstance(self.key, Last):
            return (Reading(self.key.key, last=True, numeric=True),)
        return (Reading(self.key, numeric=True),)

    @property
    def names(self) -> tuple[str, ...]:
        """The key with a suffix for each result."""
        return tuple(f"{self.readings[0].name}_{suffix}" for suffix in self._suffixes())

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """A number for each name where the runs have numbers, a list where they have curves."""
        present = [value for value in values[self.readings[0]] if _is_there(value)]
        if not present:
            return self._of_nothing()
        curves = [_is_curve(value) for value in present]
        if not any(curves):
            return self._of_numbers(present)
        if not all(curves):
            raise InvalidMapError(f"some runs have a curve of {self.readings[0].key} and some a number")
        return self._of_curves(_cut(present, self.readings[0].key, tell))

    def _suffixes(self) -> tuple[str, ...]:
        return self.suffixes

    def _of_nothing(self) -> tuple[Any, ...]:
        return (None,) * len(self._suffixes())

    def _of_numbers(self, values: Sequence[Any]) -> tuple[Any, ...]:
        import numpy as np

        return tuple(np.asarray(result).item() for result in self.of(np.asarray(values)))

    def _of_curves(self, curves: Sequence[Numbers]) -> tuple[Any, ...]:
        import numpy as np

        if not any(curve.dtype == object for curve in curves):
            # Some places at a time: all curves once more in one array would double the memory.
            blocks = [
                self.of(np.stack([curve[start : start + _BLOCK] for curve in curves]))
                for start in range(0, len(curves[0]), _BLOCK)
            ]
            return tuple(np.concatenate(parts).tolist() for parts in zip(*blocks, strict=True))
        # Somewhere in a curve stands a None: every place has runs of its own.
        present = [[value for value in place if value is not None] for place in zip(*curves, strict=True)]
        results = [self._of_numbers(place) if place else self._of_nothing() for place in present]
        return tuple(list(column) for column in zip(*results, strict=True))


@frozen
class AvgStd(Statistic):
    """Average and population deviation: `<key>_avg`, `<key>_std`."""

    suffixes = ("avg", "std")

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The two."""
        return values.mean(axis=0), values.std(axis=0)


@frozen
class Mean(Statistic):
    """The average: `<key>_mean`."""

    suffixes = ("mean",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The average."""
        return (values.mean(axis=0),)


@frozen
class Std(Statistic):
    """The population deviation: `<key>_std`."""

    suffixes = ("std",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The deviation."""
        return (values.std(axis=0),)


@frozen
class Sem(Statistic):
    """The standard error of the average, from the sample deviation: `<key>_sem`, NaN for a single run."""

    suffixes = ("sem",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The error."""
        return (_standard_error(values),)


@frozen
class CI(Statistic):
    """The confidence interval of the average, by Student's t: `<key>_low`, `<key>_high`; NaN for a single run."""

    level: float = 0.95
    suffixes = ("low", "high")

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """Its ends."""
        mean = values.mean(axis=0)
        half = _standard_error(values) * student_t(self.level, len(values) - 1)
        return mean - half, mean + half


@frozen
class Median(Statistic):
    """The median: `<key>_median`."""

    suffixes = ("median",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The median."""
        import numpy as np

        return (np.median(values, axis=0),)


@frozen
class Quantile(Statistic):
    """The quantile `q`, between values in proportion: `<key>_q0.9`."""

    q: float = field(validator=[validators.ge(0), validators.le(1)])

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The quantile."""
        import numpy as np

        return (np.quantile(values, self.q, axis=0),)

    def _suffixes(self) -> tuple[str, ...]:
        return (f"q{self.q:g}",)


@frozen
class Min(Statistic):
    """The least value: `<key>_min`."""

    suffixes = ("min",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The least."""
        return (values.min(axis=0),)


@frozen
class Max(Statistic):
    """The greatest value: `<key>_max`."""

    suffixes = ("max",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The greatest."""
        return (values.max(axis=0),)


@frozen
class Count(Aggregate):
    """How many runs have a value: `<key>_count`."""

    key: str

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The end of each file tells."""
        return (Reading(self.key, last=True),)

    @property
    def names(self) -> tuple[str, ...]:
        """`<key>_count`."""
        return (f"{self.key}_count",)

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """The number of runs."""
        return (sum(map(_is_there, values[self.readings[0]])),)


def MinLast(key: str) -> Min:  # noqa: N802  an aggregate like the others
    """The least of the last values: `<key>_last_min`."""
    return Min(Last(key))


def _standard_error(values: Numbers) -> Any:
    if len(values) < 2:
        return values.mean(axis=0) * math.nan
    return values.std(axis=0, ddof=1) / math.sqrt(len(values))


def _is_there(value: Any) -> bool:
    return value is not None and value is not ABSENT and not (_is_curve(value) and len(value) == 0)


def _is_curve(value: Any) -> bool:
    return hasattr(value, "ndim") and value.ndim == 1


def _cut(curves: Sequence[Numbers], key: str, tell: Tell) -> list[Numbers]:
    lengths = {len(curve) for curve in curves}
    if len(lengths) > 1:
        tell(f"the curves of {key} have {min(lengths)} to {max(lengths)} values; cut to the shortest")
    return [curve[: min(lengths)] for curve in curves]
