"""Curves drawn with characters, for a terminal or a log file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from mlxp_fn.views.printable import printable
from mlxp_fn.views.rows import runs_text

MARKS = "●+x○*#@%"
"""One for each curve; they begin again after the last."""


class Line(Protocol):
    """A curve."""

    @property
    def label(self) -> str: ...
    @property
    def runs(self) -> int: ...
    @property
    def x(self) -> Sequence[float]: ...
    @property
    def middle(self) -> Sequence[float]: ...


def sketch(
    curves: Sequence[Line], y: str, x: str, *, width: int = 80, height: int = 20, log_y: bool = False
) -> str:
    """The middles of curves as text of that size, what they are called below; what is not finite is left out.

    With `log_y` so is what is not above zero.
    """
    scale = math.log10 if log_y else float
    points = [
        (number, float(place), scale(value))
        for number, curve in enumerate(curves)
        for place, value in zip(curve.x, curve.middle, strict=True)
        if math.isfinite(value) and math.isfinite(place) and (value > 0 or not log_y)
    ]
    if not points:
        return f"{printable(y)} has no value that can be drawn"
    rows = max(3, height - len(curves) - 4)
    low, high = min(point[2] for point in points), max(point[2] for point in points)
    first, last = min(point[1] for point in points), max(point[1] for point in points)
    ends = [f"{10**value if log_y else value:.4g}" for value in (high, low)]
    margin = max(map(len, ends))
    columns = max(10, width - margin - 3)
    cells = [[" "] * columns for _ in range(rows)]
    for number, place, value in reversed(points):
        row = _place(high - value, high - low, rows)
        cells[row][_place(place - first, last - first, columns)] = MARKS[number % len(MARKS)]
    names = [ends[0], *[""] * (rows - 2), ends[1]]
    lines = [f"{name.rjust(margin)} ┤{''.join(row)}".rstrip() for name, row in zip(names, cells, strict=True)]
    feet = f"{first:g}".ljust(columns - len(f"{last:g}")) + f"{last:g}"
    return "\n".join(
        [
            f"{printable(y)}{' (log)' if log_y else ''}",
            *lines,
            f"{' ' * margin} └{'─' * columns}",
            f"{' ' * margin}  {feet}  ".rstrip() + f"\n{' ' * margin}  {printable(x)}",
            *(f"{' ' * margin}  {_legend(number, curve)}" for number, curve in enumerate(curves)),
        ]
    )


def _place(distance: float, whole: float, count: int) -> int:
    return round(distance / whole * (count - 1)) if whole else 0


def _legend(number: int, curve: Line) -> str:
    return f"{MARKS[number % len(MARKS)]} {printable(curve.label)} ({runs_text(curve.runs)})".replace("  ", " ")
