"""Running sums over curves, place by place: what averages and deviations need, without keeping the curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlxp_fn.results.cells import ABSENT

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]


def is_there(value: Any) -> bool:
    """Whether a run has a value: neither nothing, nor None, nor a curve without a point."""
    if type(value) is float:  # as most are
        return True
    return value is not None and value is not ABSENT and not (is_curve(value) and len(value) == 0)


def is_curve(value: Any) -> bool:
    """Whether a value that was read as numbers is several."""
    return type(value) is not float and hasattr(value, "ndim") and value.ndim == 1


class Moments:
    """Takes the values of a column row by row, as a list does, and keeps of curves no more than one is long.

    `numbers` are the single numbers; of the curves, cut to the shortest, there are for each place the `count`, the
    `mean`, the sum `m2` of the squared distances from it (Welford's), and the ends `low` and `high`. A None in a
    curve is left out at its place.
    """

    def __init__(self) -> None:
        """Nothing was taken yet."""
        self.numbers: list[Any] = []
        self.lengths: set[int] = set()
        self.rows: list[int] = []
        self._taken = 0

    def append(self, value: Any) -> None:
        """Take the value of the next row; one that is not there counts for nothing."""
        if is_there(value):
            self.rows.append(self._taken)
            if is_curve(value):
                self._add(value)
            else:
                self.numbers.append(value)
        self._taken += 1

    def _add(self, curve: Numbers) -> None:
        import numpy as np

        if not self.lengths:
            self.count, self.total, self.m2 = (np.zeros(len(curve), dtype) for dtype in (int, float, float))
            self.low, self.high = _filled(curve, np.inf), _filled(curve, -np.inf)
        self.lengths.add(len(curve))
        self._cut(min(self.lengths))
        curve = curve[: len(self.count)]
        present, before = _present(curve), self.mean
        values = _filled(curve, 0).astype(float)
        self.count = self.count + present
        with np.errstate(all="ignore"):  # a diverged loss is infinite
            self.total = self.total + values
            self.m2 = self.m2 + np.where(present, (values - before) * (values - self.mean), 0)
        self.low = np.minimum(self.low, _filled(curve, np.inf))
        self.high = np.maximum(self.high, _filled(curve, -np.inf))

    @property
    def mean(self) -> Numbers:
        """The average at each place; 0 where there is nothing."""
        import numpy as np

        return self.total / np.maximum(self.count, 1)

    @property
    def deviation(self) -> Numbers:
        """The population deviation at each place."""
        import numpy as np

        return np.sqrt(self.m2 / np.maximum(self.count, 1))

    def _cut(self, length: int) -> None:
        for name in ("count", "total", "m2", "low", "high"):
            setattr(self, name, getattr(self, name)[:length])


def _present(curve: Numbers) -> Any:
    return curve != None if curve.dtype == object else True  # noqa: E711  element by element


def _filled(curve: Numbers, value: float) -> Numbers:
    """The curve with `value` where it has None."""
    import numpy as np

    return np.where(_present(curve), curve, value).astype(float) if curve.dtype == object else curve
