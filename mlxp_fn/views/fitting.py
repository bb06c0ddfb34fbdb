"""Which columns of a table are shown where not all of them have room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

GAP = 2
"""The space between columns."""


LEAST = 11
"""How narrow the columns of runs beside each other may become: `INTERRUPTED`."""


def narrowed(widths: Mapping[str, int], room: int) -> dict[str, int]:
    """The widths of columns where all runs beside each other have a share; of other tables they stay.

    >>> narrowed({"key": 6, "1": 40, "2": 3}, 40)
    {'key': 6, '1': 15, '2': 3}
    """
    if "key" not in widths:
        return dict(widths)
    share = max(LEAST, (room - widths["key"]) // max(1, len(widths) - 1) - GAP)
    return {name: width if name == "key" else min(width, share) for name, width in widths.items()}


def fitting(columns: Mapping[str, Sequence[str]], widths: Mapping[str, int], room: int) -> list[str]:
    """The columns that fit side by side, in their order: what names the row, then what differs, then the rest.

    >>> columns = {"id": ["1", "2"], "config.task": ["a", "a"], "config.lr": ["0.1", "0.2"]}
    >>> fitting(columns, {"id": 2, "config.task": 4, "config.lr": 3}, 8)
    ['id', 'config.lr']
    """
    chosen: set[str] = set()
    for name in sorted(columns, key=lambda name: _rank(name, columns[name])):
        if widths[name] <= room or not chosen:
            chosen.add(name)
            room -= widths[name] + GAP
    return [name for name in columns if name in chosen]


def _rank(name: str, column: Sequence[str]) -> int:
    if name in ("id", "status", "key"):
        return 0
    if name in ("took", "started", "ended"):
        return 2
    return 1 if len(set(column)) > 1 or len(column) == 1 else 3
