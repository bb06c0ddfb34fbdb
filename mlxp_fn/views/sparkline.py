"""A curve as a small picture that stands in a line of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from mlxp_fn.views.table import as_text
from mlxp_fn.views.thinning import as_curve, thinned

WIDTH, HEIGHT, MARGIN = 140, 26, 2


def sparkline(values: Sequence[Any]) -> str:
    """The SVG of a curve, with gaps where it is not finite; an empty text for what cannot be drawn.

    >>> [sparkline(curve).count("<polyline") for curve in ([1, 3, 2], [1, float("nan"), 2, 3], ["a"])]
    [1, 2, 0]
    """
    import numpy as np

    if not values or not all(isinstance(value, int | float) for value in values):
        return ""
    curve = as_curve(values)
    finite = np.isfinite(curve)
    if not finite.any():
        return ""
    places = thinned(curve, WIDTH)
    low, high = float(curve[finite].min()), float(curve[finite].max())
    across = (WIDTH - 2 * MARGIN) / max(len(curve) - 1, 1)
    # Divided before it is subtracted: the ends may be further apart than any float.
    scale = max(abs(low), abs(high)) or 1.0
    down = (HEIGHT - 2 * MARGIN) / ((high / scale - low / scale) or 1.0)
    points = [
        (MARGIN + place * across, MARGIN + (high / scale - curve[place] / scale) * down) if finite[place] else None
        for place in places
    ]
    parts = (part for there, part in groupby(points, lambda point: point is not None) if there)
    lines = "".join(f'<polyline points="{_joined(part)}"/>' for part in parts)
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" stroke="currentColor" '
        f'stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" role="img">{lines}</svg>'
    )


def html_curves(curves: Mapping[str, Sequence[Any]]) -> str:
    """Names, pictures and last values of curves below each other, everything escaped."""
    if not curves:
        return ""
    lines = (
        f"<tr><th>{escape(as_text(name))}</th><td>{sparkline(values)}</td>"
        f"<td>{escape(as_text(values[-1])) if values else ''}</td></tr>"
        for name, values in curves.items()
    )
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def _joined(points: Iterable[tuple[float, float] | None]) -> str:
    found = [f"{point[0]:.1f},{point[1]:.1f}" for point in points if point]
    return " ".join(found * 2 if len(found) == 1 else found)
