"""Curves as few points that look like all of them: no spike is lost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]


def as_curve(values: Sequence[float]) -> Numbers:
    """Numbers as floats; integers beyond all floats are infinite."""
    import numpy as np

    try:
        return np.array(values, dtype=float)
    except OverflowError:
        return np.array([_as_float(value) for value in values])


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def thinned(values: Numbers, limit: int) -> list[int]:
    """At most `limit` places of a curve, 4 or more, in their order: its ends, and of stretches of equal length the
    lowest and the highest. Of a stretch without any number one place stays, so that the gap does.

    >>> import numpy as np
    >>> thinned(np.array([0, 1, 9, 1, 0, -5, 0, 0]), 6)
    [0, 1, 2, 4, 5, 7]
    """
    import numpy as np

    last = len(values) - 1
    if last < limit:
        return list(range(len(values)))
    finite = np.isfinite(values)
    low, high = np.where(finite, values, np.inf), np.where(finite, values, -np.inf)
    edges = np.linspace(1, last, limit // 2).astype(int).tolist()
    kept = {0, last}
    for start, end in pairwise(edges):
        kept.add(start + int(low[start:end].argmin()))
        kept.add(start + int(high[start:end].argmax()))
    return sorted(kept)
