"""Segments of an index: rows of runs as coded columns, in one piece of bytes and back; they are never changed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Any

import msgspec
from attrs import field, frozen

from mlxp_fn import layout
from mlxp_fn.errors import LogDirError
from mlxp_fn.results.stored_cells import MISSING, Stored, recoded


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    """A column on disk: what `array` calls the type of its codes, the codes, and each distinct cell."""

    width: str
    codes: bytes
    cells: tuple[bytes, ...]


class _Content(msgspec.Struct, array_like=True, frozen=True):
    """A segment on disk."""

    ids: tuple[int, ...]
    stamps: tuple[bytes, ...]
    columns: dict[str, msgspec.Raw]


DAMAGED = f"the index holds what was never written there; it can be deleted ({layout.INDEX} in the log directory)"
"""What is said of a segment that somebody has made, check sum and all."""

_content = msgspec.msgpack.Decoder(_Content).decode
_packed = msgspec.msgpack.Decoder(_Packed).decode
_bytes = msgspec.msgpack.Encoder().encode


@frozen(eq=False)
class Segment:
    """Rows of runs: their ids, the state of their files when they were read, and their columns, each unpacked
    when it is first asked for."""

    ids: Sequence[int]
    stamps: Sequence[bytes]
    columns: Mapping[str, msgspec.Raw]
    _unpacked: dict[str, Stored] = field(factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.ids)

    def column(self, name: str) -> Stored:
        """A column; where no row has it, one of missing cells. Raises `LogDirError` for one that is damaged."""
        stored = self._unpacked.get(name)
        if stored is None:
            packed = self.columns.get(name)
            stored = self._unpacked[name] = self._empty() if packed is None else _unpack(packed, len(self))
        return stored

    def _empty(self) -> Stored:
        return Stored((MISSING,), array("B", bytes(len(self))))


Part = tuple[Segment, Sequence[int]]
"""A segment and the rows of it that are meant."""


def from_columns(ids: Sequence[int], stamps: Sequence[bytes], columns: Mapping[str, Stored]) -> Segment:
    """The segment of these rows."""
    return Segment(ids, stamps, {name: _as_packed(column) for name, column in columns.items()})


def merged(parts: Iterable[Part]) -> Segment:
    """One segment of the chosen rows of several, those of the lowest ids first."""
    parts = by_id(parts)
    if len(parts) == 1 and parts[0][1] == range(len(parts[0][0])):
        return parts[0][0]
    names = dict.fromkeys(name for segment, _ in parts for name in segment.columns)
    return Segment(
        [segment.ids[row] for segment, rows in parts for row in rows],
        [segment.stamps[row] for segment, rows in parts for row in rows],
        {name: _merged_column([(segment.column(name), rows) for segment, rows in parts]) for name in names},
    )


def to_bytes(segment: Segment) -> bytes:
    """A segment as it is written."""
    return _bytes(_Content(tuple(segment.ids), tuple(segment.stamps), dict(segment.columns)))


def from_bytes(content: bytes) -> Segment:
    """What `to_bytes` was given. Raises `msgspec.MsgspecError` for what it never wrote."""
    found = _content(content)
    if len(found.ids) != len(found.stamps):
        raise msgspec.ValidationError("an id without a stamp")
    return Segment(found.ids, found.stamps, found.columns)


def by_id(parts: Iterable[Part]) -> list[Part]:
    """The parts that have rows, so that columns stand about as they first appear in the runs."""
    return sorted((part for part in parts if part[1]), key=lambda part: part[0].ids[part[1][0]])


def chosen(values: Sequence[Any], rows: Sequence[int]) -> Sequence[Any]:
    """The values of these rows."""
    if rows == range(len(values)):
        return values
    return itemgetter(*rows)(values) if len(rows) > 1 else [values[row] for row in rows]


def _merged_column(parts: Sequence[tuple[Stored, Sequence[int]]]) -> msgspec.Raw:
    cells = [stored.cells[code] for stored, rows in parts for code in chosen(stored.codes, rows)]
    return _as_packed(recoded(cells))


def _as_packed(column: Stored) -> msgspec.Raw:
    return msgspec.Raw(_bytes(_Packed(column.codes.typecode, column.codes.tobytes(), tuple(column.cells))))


def _unpack(column: msgspec.Raw, rows: int) -> Stored:
    with suppress(msgspec.MsgspecError, ValueError):
        found = _packed(column)
        codes = array(found.width, found.codes)
        if len(codes) == rows and codes.typecode in "BHI" and max(codes, default=-1) < len(found.cells):
            return Stored(found.cells, codes)
    raise LogDirError(DAMAGED)
