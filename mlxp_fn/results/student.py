"""Student's distribution, by its finite sum for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 4)."""

from __future__ import annotations

import math

from mlxp_fn.errors import InvalidMapError


def student_t(level: float, freedom: int) -> float:
    """Half the width of the interval that holds `level` of Student's distribution; NaN for no freedom.

    >>> round(student_t(0.95, 4), 3)
    2.776
    """
    if not 0 < level < 1:
        raise InvalidMapError(f"a level of confidence lies between 0 and 1, not {level!r}")
    if freedom < 1:
        return math.nan
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_held(middle, freedom) < level else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def _student_held(angle: float, freedom: int) -> float:
    """How much of the distribution lies within t = sqrt(freedom) tan(angle), by its finite sum of cosines."""
    cosine, odd = math.cos(angle), freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cosine**2 * (k - 1) / k
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total
