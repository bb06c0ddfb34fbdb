"""Runs as they are named on a command line: `3`, `5:9`, `5:`, `last`, `last:3`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.errors import NoRunError, SelectionError

_WORD = re.compile(r"(?P<id>\d+)|(?P<first>\d+)?:(?P<end>\d+)?|last(?::(?P<count>\d+))?", re.ASCII)


@frozen
class One:
    """The run of this id."""

    id: int


@frozen
class Span:
    """The runs from one id to another, both included; None is an open end."""

    first: int | None
    end: int | None


@frozen
class Newest:
    """So many of the runs with the highest ids."""

    count: int


Part = One | Span | Newest


@frozen
class Selection:
    """Which runs are meant, in this order; without parts, all of them."""

    parts: tuple[Part, ...] = ()

    def among(self, ids: Sequence[int]) -> list[int]:
        """Those of these ids, which ascend, each once. Raises `NoRunError` for an id that is not there.

        >>> selection("5:", "1").among([1, 2, 4, 6])
        [6, 1]
        """
        if not self.parts:
            return list(ids)
        known = frozenset(ids)
        for part in self.parts:
            if isinstance(part, One) and part.id not in known:
                raise NoRunError(f"there is no run {part.id}{_but(ids)}")
        return list(dict.fromkeys(one for part in self.parts for one in _among(part, ids)))


ALL = Selection()


def is_selection(word: str) -> bool:
    """Whether a word names runs, and not a place.

    >>> [is_selection(word) for word in ("7", "5:9", "last:3", "logs", "logs/7")]
    [True, True, True, False, False]
    """
    return _WORD.fullmatch(word) is not None


def selection(*words: str) -> Selection:
    """The runs that words name. Raises `SelectionError` for a word that names none."""
    return Selection(tuple(map(_part, words)))


def _part(word: str) -> Part:
    match = _WORD.fullmatch(word)
    if match is None or word == ":" or max(map(len, re.findall(r"\d+", word)), default=0) > layout.DIGITS:
        raise SelectionError(f"{word!r} names no run; write ids (3), ranges (5:9, 5:), last or last:3")
    if match["id"]:
        return One(int(word))
    if word.startswith("last"):
        return Newest(int(match["count"] or 1))
    first, end = (None if text is None else int(text) for text in (match["first"], match["end"]))
    if first is not None and end is not None and end < first:
        raise SelectionError(f"{word!r} is empty: a range goes from the lower id to the higher, {end}:{first}")
    return Span(first, end)


def _among(part: Part, ids: Sequence[int]) -> Iterable[int]:
    match part:
        case One(id=one):
            return [one]
        case Newest(count=count):
            return ids[-count:] if count else []
        case Span(first=first, end=end):
            return [one for one in ids if (first is None or one >= first) and (end is None or one <= end)]


def _but(ids: Sequence[int]) -> str:
    if not ids:
        return " nor any other"
    return f", only run {ids[0]}," if len(ids) == 1 else f" among the {len(ids)}, {ids[0]} to {ids[-1]},"
