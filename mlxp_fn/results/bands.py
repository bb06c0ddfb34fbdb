"""Groups of curves as one line and a band each, at few places: what a report draws of many runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mlxp_fn.results.run_curves import RunCurve

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]


@frozen(eq=False)
class Band:
    """For each place how many values a group has there, their mean and their standard deviation; NaN for none."""

    counts: Numbers
    means: Numbers
    deviations: Numbers


def places_of(curves: Sequence[RunCurve], limit: int) -> Numbers:
    """The places where some curve has a value; of more than `limit`, so many, evenly, with both ends."""
    import numpy as np

    found: Numbers = np.unique(np.concatenate([curve.x for curve in curves]))
    if len(found) <= limit:
        return found
    chosen: Numbers = found[np.linspace(0, len(found) - 1, limit).round().astype(int)]
    return chosen


def bands(curves: Mapping[int, RunCurve], groups: Sequence[int], places: Numbers) -> list[Band]:
    """The band of each group, in the order of their numbers; `groups` are those of the runs, by their places.

    A place of a group is averaged over those of its runs that have a value there. A NaN among them makes it NaN.

    >>> import numpy as np
    >>> short, long = RunCurve(np.arange(1), np.array([2.0])), RunCurve(np.arange(2), np.array([4.0, 5.0]))
    >>> (band,) = bands({0: short, 1: long}, [0, 0], np.arange(2))
    >>> band.counts.tolist(), band.means.tolist(), band.deviations.tolist()
    ([2, 1], [3.0, 5.0], [1.0, 0.0])
    """
    import numpy as np

    shape = (max(groups, default=-1) + 1, len(places))
    cells, values = _cells(curves, groups, places)
    size = shape[0] * shape[1]
    counts = np.bincount(cells, minlength=size)
    with np.errstate(all="ignore"):
        means = np.bincount(cells, values, size) / counts
        deviations = np.sqrt(np.bincount(cells, (values - means[cells]) ** 2, size) / counts)
    tables = (table.reshape(shape) for table in (counts, means, deviations))
    return [Band(*rows) for rows in zip(*tables, strict=True)]


def _cells(curves: Mapping[int, RunCurve], groups: Sequence[int], places: Numbers) -> tuple[Numbers, Numbers]:
    """All values that stand at one of the places, and for each the number of its group and place."""
    import numpy as np

    cells, values = [np.zeros(0, dtype=int)], [np.zeros(0)]
    for run, curve in curves.items():
        found = np.searchsorted(places, curve.x).clip(max=len(places) - 1)
        there = places[found] == curve.x
        cells.append(groups[run] * len(places) + found[there])
        values.append(curve.y[there])
    return np.concatenate(cells), np.concatenate(values)
