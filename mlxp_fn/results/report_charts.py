"""The charts of a report: groups of runs with their bands, and each run's own curve, in few points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.bands import Band, bands, places_of
from mlxp_fn.results.cells import ABSENT, identity, order
from mlxp_fn.results.curves import group_label
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.run_curves import Metric, RunCurve
from mlxp_fn.results.student import student_t
from mlxp_fn.views.printable import printable
from mlxp_fn.views.report.parts import Chart, Curve, Group, Numbers
from mlxp_fn.views.thinning import thinned

CHARTS = 24
"""How many metrics have a chart."""

PLACES = 150
"""At how many places of a chart groups are averaged."""

CHOICES = ("std", "sem", "ci", None)
"""The bands that a reader may choose from."""

_QUANTILES = 100
"""For how many degrees of freedom the page is told Student's quantiles; beyond that it computes them."""

_POINTS, _FEWEST, _MOST = 300_000, 8, 300
"""How many points the curves of runs have together, as far as none has fewer or more than these."""

_GROUPS = range(2, 13)
"""How many groups can be told apart in a chart."""

_MANY = 40
"""How many groups are drawn where somebody asks for them."""

_CHOICES = 6
"""Between how many groupings a reader may choose."""


@frozen(kw_only=True)
class Grouping:
    """Runs by the values of some columns: the number of each run's group, by its place, and the groups' labels."""

    label: str
    numbers: Sequence[int]
    labels: Sequence[str]


def groupings(frame: Frame, by: Sequence[str]) -> list[Grouping]:
    """By the columns `by`; or unless these are given, by all of the config that varies but seeds, by each of these
    keys, and all runs together.

    Raises `UnknownColumnError`, and `InvalidMapError` for more groups than anybody can tell apart.
    """
    if by:
        made = _grouping(frame, by)
        if len(made.labels) > _MANY:
            names = " and ".join(by)
            raise InvalidMapError(f"{names} make {len(made.labels)} groups; a chart shows {_MANY} at most")
        return [made]
    keys = [name for name in frame.diff() if not name.endswith("seed")]
    apart = [name for name in keys if len(set(map(identity, frame.cells(name)))) in _GROUPS]
    wanted = [apart, *([name] for name in apart)] if len(apart) > 1 else [[name] for name in apart]
    fit = [made for made in (_grouping(frame, names) for names in wanted) if len(made.labels) in _GROUPS]
    return [*fit[: _CHOICES - 1], _grouping(frame, [])]


def _grouping(frame: Frame, keys: Sequence[str]) -> Grouping:
    columns = [[None if cell is ABSENT else cell for cell in frame.cells(name)] for name in keys]
    rows = list(zip(*columns, strict=True)) if keys else [()] * len(frame)
    distinct = {identity(row): row for row in rows}
    ordered = sorted(distinct.items(), key=lambda item: tuple(map(order, item[1])))
    numbers = {key: number for number, (key, _) in enumerate(ordered)}
    return Grouping(
        label=", ".join(name.removeprefix("config.") for name in keys) or "all runs",
        numbers=[numbers[identity(row)] for row in rows],
        labels=[printable(group_label(keys, row)) or "all runs" for _, row in ordered],
    )


def quantiles() -> list[float]:
    """Half the widths of the intervals that hold 95% of Student's distributions, from one degree of freedom on.

    >>> quantiles()[:2]
    [12.706, 4.303]
    """
    return [round(student_t(0.95, freedom), 3) for freedom in range(1, _QUANTILES + 1)]


def charts_of(metrics: Sequence[Metric], chosen: Sequence[Grouping], runs: int) -> list[Chart]:
    """A chart for each of the first metrics that have a curve."""
    drawn = [metric for metric in metrics if metric.curves][:CHARTS]
    points = points_each(drawn)
    return [_chart(metric, chosen, runs, points) for metric in drawn]


def points_each(metrics: Iterable[Metric]) -> int:
    """How many points a run's curve has at most."""
    return min(_MOST, max(_FEWEST, _POINTS // max(1, sum(len(metric.curves) for metric in metrics))))


def _chart(metric: Metric, chosen: Sequence[Grouping], runs: int, points: int) -> Chart:
    places = places_of(list(metric.curves.values()), PLACES)
    return Chart(
        name=printable(metric.name),
        axis=printable(metric.x) if metric.x else "place in the log",
        x=_numbers(places),
        groupings=[_groups(metric.curves, grouping, places) for grouping in chosen],
        curves=[_thin(metric.curves.get(run), points) for run in range(runs)],
    )


def _groups(curves: Mapping[int, RunCurve], grouping: Grouping, places: Any) -> list[Group]:
    behind = [0] * len(grouping.labels)
    for run in curves:
        behind[grouping.numbers[run]] += 1
    made = zip(grouping.labels, behind, bands(curves, grouping.numbers, places), strict=True)
    return [_group(label, runs, band) for label, runs, band in made if runs]


def _group(label: str, runs: int, band: Band) -> Group:
    return Group(
        label=label,
        runs=runs,
        middle=_numbers(band.means),
        low=_numbers(band.means - band.deviations),
        high=_numbers(band.means + band.deviations),
        counts=band.counts.tolist(),
    )


def _thin(curve: RunCurve | None, points: int) -> Curve | None:
    if curve is None:
        return None
    kept = thinned(curve.y, points)
    return Curve(_numbers(curve.x[kept]), _numbers(curve.y[kept]))


def _numbers(values: Any) -> Numbers:
    """With five digits; integers whole."""
    return [_number(value) for value in values.tolist()]


def _number(value: float) -> int | float | None:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e12 else float(f"{value:.5g}")
