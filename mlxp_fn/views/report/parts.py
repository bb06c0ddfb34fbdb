"""What a report shows, as plain parts: the page's script is given them as JSON.

Runs are known by their places, in every part the same. All texts are harmless already: no control characters.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

Cell = int | float | str | None
"""What is shown of a value; None where there is nothing to show."""

Numbers = list[int | float | None]
"""Numbers of few digits; None where one is not finite."""


class Column(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column by its distinct values; `codes` are their places for each run, -1 for none, and absent where all
    runs have the first."""

    name: str
    label: str
    values: list[Cell]
    codes: list[int] | None = None
    in_table: bool = False
    varies: bool = False


class Curve(Struct, frozen=True):
    """Some points of a run's curve."""

    x: Numbers
    y: Numbers


class Group(Struct, frozen=True, kw_only=True):
    """The mean of a group's curves at the places of a chart, the band around it, and how many values are behind."""

    label: str
    runs: int
    middle: Numbers
    low: Numbers
    high: Numbers
    counts: list[int]


class Chart(Struct, frozen=True, kw_only=True):
    """A metric: its groups, for each of the report's groupings, at the places `x`, and the curves of all runs."""

    name: str
    axis: str
    x: Numbers
    groupings: list[list[Group]]
    curves: list[Curve | None]


class Stream(Struct, frozen=True, kw_only=True):
    """The end of what a run printed; `left_out` bytes stood before it."""

    name: str
    text: str
    left_out: int


class Product(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An artifact of a run; `picture` is its content as a data URI, where that is one and there is room."""

    name: str
    size: int | None = None
    picture: str = ""


class RunParts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is shown of one run alone."""

    traceback: str = ""
    streams: tuple[Stream, ...] = ()
    products: tuple[Product, ...] = ()


class Data(Struct, frozen=True, kw_only=True):
    """What the script of the page is given.

    `contents` are the packages and hardware behind their digests, `band` is what it draws around means first, and
    `quantiles` are Student's, with which it makes intervals of deviations.
    """

    columns: list[Column]
    groupings: list[str]
    charts: list[Chart]
    band: str
    quantiles: list[float]
    runs: list[RunParts]
    contents: Mapping[str, Mapping[str, str]]


class Varied(Struct, frozen=True, kw_only=True):
    """A key that is not the same in all runs: its values, and how many runs have each."""

    label: str
    values: tuple[tuple[str, int], ...]


class Failure(Struct, frozen=True, kw_only=True):
    """Runs that ended in the same way for the same reason."""

    status: str
    reason: str
    ids: tuple[int, ...]


class Report(Struct, frozen=True, kw_only=True):
    """A report: what stands in the page itself, and the data of its table, charts and pages of runs."""

    title: str
    query: str
    made: str
    statuses: tuple[tuple[str, int], ...]
    varied: tuple[Varied, ...]
    failures: tuple[Failure, ...]
    remarks: tuple[str, ...]
    data: Data
