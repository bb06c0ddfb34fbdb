"""Rows to columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from mlxp_fn.results.cells import ABSENT


def transposed(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The columns of these rows, in the order in which they first appear; ABSENT stands where a row has no cell.

    >>> transposed([{"a": 1}, {"a": 2, "b": None}])
    {'a': [1, 2], 'b': [ABSENT, None]}
    """
    shapes = set(map(tuple, rows))
    if len(shapes) == 1:  # most runs have the same columns
        return dict(zip(shapes.pop(), map(list, zip(*(row.values() for row in rows), strict=True)), strict=True))
    names = dict.fromkeys(chain.from_iterable(rows))
    return {name: [row.get(name, ABSENT) for row in rows] for name in names}
