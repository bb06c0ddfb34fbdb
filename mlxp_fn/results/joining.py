"""Frames side by side: rows that agree in some columns become one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.cells import ABSENT, identity
from mlxp_fn.results.frame import Frame

HOWS = ("left", "inner")


def joined(left: Frame, right: Frame, on: Sequence[str], how: str = "left") -> Frame:
    """The rows of `left`, each with the columns of the row of `right` that has the same values in `on`.

    A row without such a one lacks these columns, or with `how="inner"` is left out. Raises `UnknownColumnError`,
    and `InvalidMapError` where several rows of `right` agree, or both frames have a column that is not in `on`.

    >>> runs = Frame({"config.lr": [0.1, 0.2], "info.logger.log_id": [1, 2]})
    >>> averages = Frame({"config.lr": [0.1], "loss_mean": [3.0]})
    >>> joined(runs, averages, ["config.lr"])["loss_mean"]
    [3.0, None]
    """
    if how not in HOWS:
        raise InvalidMapError(f"how={how!r} is none of {', '.join(map(repr, HOWS))}")
    both = [name for name in right.keys() if left.has(name) and name not in on]  # noqa: SIM118  not a mapping
    if both:
        raise InvalidMapError(f"both frames have {', '.join(both)}; select the columns that are wanted of each")
    place_of: dict[tuple[Any, ...], int] = {}
    for place, values in enumerate(_values(right, on)):
        if place_of.setdefault(values, place) != place:
            rows = f"rows {place_of[values]} and {place}"
            raise InvalidMapError(f"{rows} of the other frame have the same {', '.join(on)}")
    places = [place_of.get(values) for values in _values(left, on)]
    if how == "inner":
        left = left.take(row for row, place in enumerate(places) if place is not None)
        places = [place for place in places if place is not None]
    added = {}
    for name in right.keys():  # noqa: SIM118  not a mapping
        if name not in on:
            cells = right.cells(name)
            added[name] = [ABSENT if place is None else cells[place] for place in places]
    origins = right.row_origins()
    return left.with_columns(added, [{} if place is None else origins[place] for place in places])


def _values(frame: Frame, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """What rows are told apart by: as among the keys of groups, a missing value is None."""
    columns = [[identity(None if cell is ABSENT else cell) for cell in frame.cells(name)] for name in names]
    return list(zip(*columns, strict=True))
