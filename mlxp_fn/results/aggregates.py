"""The aggregates: statistics over the runs of a group, of numbers or of whole curves.

One rule for each difficulty: runs that lack the value, or have None, are left out; one NaN makes the result NaN;
curves are taken element by element and cut to the shortest, with a warning; where no run has a value, the result
is None. `unequal=`, `nan=` and `on=` choose other rules, see `Statistic`. `AvgStd(Last("train.loss"))` is the
statistic of the last values. `Frame.provenance` tells which runs entered a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.aggregating import Aggregate, Tell, Values
from mlxp_fn.results.cells import order
from mlxp_fn.results.moments import Moments, is_there
from mlxp_fn.results.readings import Reading
from mlxp_fn.results.statistic import Last as Last
from mlxp_fn.results.statistic import Statistic, Streamed, is_name, share, standard_error
from mlxp_fn.results.student import student_t

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]


@frozen
class AvgStd(Streamed):
    """Average and population deviation: `<key>_avg`, `<key>_std`."""

    suffixes = ("avg", "std")

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The two."""
        return values.mean(axis=0), values.std(axis=0)

    def of_moments(self, moments: Moments) -> tuple[Numbers, ...]:
        """The two."""
        return moments.mean, moments.deviation


@frozen
class Mean(Streamed):
    """The average: `<key>_mean`."""

    suffixes = ("mean",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The average."""
        return (values.mean(axis=0),)

    def of_moments(self, moments: Moments) -> tuple[Numbers, ...]:
        """The average."""
        return (moments.mean,)


@frozen
class Std(Streamed):
    """The population deviation: `<key>_std`."""

    suffixes = ("std",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The deviation."""
        return (values.std(axis=0),)

    def of_moments(self, moments: Moments) -> tuple[Numbers, ...]:
        """The deviation."""
        return (moments.deviation,)


@frozen
class Sem(Streamed):
    """The standard error of the average, from the sample deviation: `<key>_sem`, NaN for a single run."""

    suffixes = ("sem",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The error."""
        return (standard_error(values.std(axis=0), len(values)),)

    def of_moments(self, moments: Moments) -> tuple[Numbers, ...]:
        """The error."""
        return (standard_error(moments.deviation, moments.count),)


@frozen
class CI(Streamed):
    """The confidence interval of the average, by Student's t: `<key>_low`, `<key>_high`; NaN for a single run."""

    level: float = field(default=0.95, validator=share("a level of confidence"))
    suffixes = ("low", "high")

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """Its ends."""
        return self._around(values.mean(axis=0), values.std(axis=0), len(values))

    def of_moments(self, moments: Moments) -> tuple[Numbers, ...]:
        """Its ends."""
        return self._around(moments.mean, moments.deviation, moments.count)

    def _around(self, mean: Any, deviation: Any, count: Any) -> tuple[Any, Any]:
        import numpy as np

        quantiles = np.vectorize(lambda runs: student_t(self.level, int(runs) - 1), otypes=[float])
        distinct, places = np.unique(count, return_inverse=True)
        half = standard_error(deviation, count) * quantiles(distinct)[places].reshape(np.shape(count))
        return mean - half, mean + half


@frozen
class Median(Statistic):
    """The median: `<key>_median`. It needs all curves in memory at once."""

    suffixes = ("median",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The median."""
        import numpy as np

        return (np.median(values, axis=0),)


@frozen
class Quantile(Statistic):
    """The quantile `q`, between values in proportion: `<key>_q0.9`. It needs all curves in memory at once."""

    q: float = field(validator=share("a quantile"))

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The quantile."""
        import numpy as np

        return (np.quantile(values.astype(float), self.q, axis=0),)

    def _suffixes(self) -> tuple[str, ...]:
        return (f"q{self.q:g}",)


@frozen
class Min(Streamed):
    """The least value: `<key>_min`."""

    suffixes = ("min",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The least."""
        return (values.min(axis=0),)

    def of_moments(self, moments: Moments) -> tuple[Numbers, ...]:
        """The least."""
        return (moments.low,)


@frozen
class Max(Streamed):
    """The greatest value: `<key>_max`."""

    suffixes = ("max",)

    def of(self, values: Numbers) -> tuple[Any, ...]:
        """The greatest."""
        return (values.max(axis=0),)

    def of_moments(self, moments: Moments) -> tuple[Numbers, ...]:
        """The greatest."""
        return (moments.high,)


@frozen
class Count(Aggregate):
    """How many runs have a value: `<key>_count`."""

    key: str = field(validator=is_name)

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
        return (sum(map(is_there, values[self.readings[0]])),)


@frozen
class Best(Aggregate):
    """The value of `key` in the run in which `by` is least, or greatest with `mode="max"`: `<key>_best`.

    Of metrics the last values count. A run in which `by` is missing or NaN is never the best; of equal ones the
    first is. Without a key it is the id of the run.

    >>> from mlxp_fn.results.frame import Frame
    >>> frame = Frame({"config.lr": [0.1, 0.2, 0.3], "loss": [3.0, 1.0, 2.0]})
    >>> frame.aggregate(Best("config.lr", by="loss"))["config.lr_best"]
    [0.2]
    """

    key: str = field(default="info.logger.log_id", validator=is_name)
    by: str = field(kw_only=True, validator=is_name)
    mode: str = field(default="min", kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse another mode."""
        if self.mode not in ("min", "max"):
            raise InvalidMapError(f"mode={self.mode!r} is neither 'min' nor 'max'")

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The last values of both."""
        return (Reading(self.by, last=True), Reading(self.key, last=True))

    @property
    def names(self) -> tuple[str, ...]:
        """`<key>_best`."""
        return (f"{self.key}_best",)

    def entered(self, values: Values) -> list[int]:
        """The one run."""
        measured, wanted = (values[reading] for reading in self.readings)
        rows = [
            row
            for row, value in enumerate(measured)
            if is_there(value) and value == value and is_there(wanted[row])
        ]
        choose = min if self.mode == "min" else max
        return [choose(rows, key=lambda row: order(measured[row]))] if rows else []

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """Its value; None where no run has one."""
        best = self.entered(values)
        return (values[self.readings[1]][best[0]] if best else None,)


def MinLast(key: str) -> Min:  # noqa: N802  an aggregate like the others
    """The least of the last values: `<key>_last_min`."""
    return Min(Last(key))


__all__ = [
    "CI", "AvgStd", "Best", "Count", "Last", "Max", "Mean", "Median", "Min", "MinLast", "Quantile", "Sem", "Std",
]  # fmt: skip
