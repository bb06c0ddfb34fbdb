"""What a plot shows: for each group of runs the middle of their curves and the band in which they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.aggregates import CI, AvgStd, Max, Mean, Min, Sem
from mlxp_fn.results.cells import ABSENT, MetricRef, bare, read
from mlxp_fn.results.readings import points

if TYPE_CHECKING:
    import numpy as np

    from mlxp_fn.results.frame import Frame

    Numbers = np.ndarray[Any, Any]

Point = tuple[Any, Any]


@frozen(kw_only=True)
class Curve:
    """The curves of a group as one; `low` and `high` are empty where no band was asked for."""

    label: str
    runs: int
    x: list[float]
    middle: list[float]
    low: list[float]
    high: list[float]


def _around(half: Numbers, middle: Numbers) -> tuple[Numbers, Numbers]:
    return middle - half, middle + half


BANDS: Mapping[str, Callable[[Numbers], tuple[Any, ...]]] = {
    "std": lambda values: _around(AvgStd("").of(values)[1], values.mean(axis=0)),
    "sem": lambda values: _around(Sem("").of(values)[0], values.mean(axis=0)),
    "ci": CI("").of,
    "minmax": lambda values: (*Min("").of(values), *Max("").of(values)),
}
"""What a band shows, from an array whose first axis are the runs."""


def curves(
    frame: Frame, key: str, by: str | Sequence[str] | None = None, x: str | None = None, band: str | None = "std"
) -> list[Curve]:
    """The curves of `key`, one for each group `by`, in the order of the groups' values.

    Against `x`, another column of the same log, runs are averaged where x is the same; without it by their place,
    cut to the shortest. Raises `InvalidMapError` for a band of another name and for what is no curve.
    """
    if band is not None and band not in BANDS:
        raise InvalidMapError(f"band {band!r} is none of {', '.join(BANDS)}, and not None")
    keys = [] if by is None else [by] if isinstance(by, str) else list(by)
    grouped = frame.sort(keys).groupby(keys)
    made = (_curve(group.frame(), key, x, band, group_label(keys, values)) for values, group in grouped.items())
    return [curve for curve in made if curve.runs]


def _curve(group: Frame, key: str, x: str | None, band: str | None, label: str) -> Curve:
    abscissae = group.cells(x) if x else [None] * len(group)
    runs = [
        list(_points(cell, other, key, x or "")) for cell, other in zip(group.cells(key), abscissae, strict=True)
    ]
    runs = [run for run in runs if run]
    if x is None and len(set(map(len, runs))) > 1:
        shortest, longest = min(map(len, runs)), max(map(len, runs))
        group.tell(
            f"the curves of {key} have {shortest} to {longest} values; cut to the shortest, which drawing them "
            "against a column x does not"
        )
        runs = [run[:shortest] for run in runs]
    places: dict[float, list[float]] = {}
    for run in runs:
        for place, value in run:
            if value is not None:
                places.setdefault(place, []).append(value)
    statistics = [_statistics(places[place], band) for place in sorted(places)]
    middle, low, high = ([numbers[part] for numbers in statistics] for part in range(3))
    return Curve(
        label=label,
        runs=len(runs),
        x=sorted(places),
        middle=middle,
        low=low if band else [],
        high=high if band else [],
    )


def _points(cell: Any, x: Any, key: str, axis: str) -> Iterable[Point]:
    """Places and values of one run."""
    if cell is ABSENT or x is ABSENT:
        return []
    if x is not None:
        if not isinstance(cell, MetricRef) or not isinstance(x, MetricRef) or x.path != cell.path:
            raise InvalidMapError(f"x must be a column of the same log as {key}")
        return points(cell.against(x.key), key, axis, (int, float))
    values = bare(read(cell))
    if not isinstance(values, list | tuple):
        raise InvalidMapError(f"{key} is no curve: a run has {repr(values)[:60]}")
    return points(enumerate(values), key, axis, (int,))


def _statistics(values: Sequence[float], band: str | None) -> tuple[float, float, float]:
    import numpy as np

    array = np.asarray(values, dtype=float)
    with np.errstate(all="ignore"):  # a diverged loss is infinite
        low, high = BANDS[band](array) if band else (np.nan, np.nan)
        return float(*Mean("").of(array)), float(low), float(high)


def group_label(keys: Sequence[str], values: Sequence[Any]) -> str:
    """The values of a group, as short as can be."""
    return ", ".join(
        f"{key.removeprefix('config.')}={value:g}"
        if isinstance(value, float)
        else f"{key.removeprefix('config.')}={value}"
        for key, value in zip(keys, values, strict=True)
    )
