"""A query asked of all runs of a frame at once: column by column, each distinct value once.

Which rows are meant is one integer, with a byte of 0 or 1 for each row: `&` and `|` of a hundred thousand rows take
microseconds. What a query means is told in `mlxp_fn.results.query_meaning`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import compress, repeat
from operator import is_not
from typing import Any

from attrs import field, frozen

from mlxp_fn.results.cells import ABSENT, MetricRef
from mlxp_fn.results.columns import Columns
from mlxp_fn.results.comparing import COMPARE, QUICK, called
from mlxp_fn.results.query import (
    AGE,
    START,
    And,
    Call,
    Comparison,
    Has,
    Key,
    Literal,
    Not,
    Or,
    Query,
    Term,
    calls,
)
from mlxp_fn.results.query_meaning import nested, plain
from mlxp_fn.results.times import Scale, age, as_read, instant, scale

Mask = int


@frozen(eq=False)
class _Runs:
    """The columns that a query is asked of, the functions that it calls, and their results so far, by the row.

    What a metric file is read for in whole is answered for all of these functions at once, so that no file is read
    twice and none is kept.
    """

    columns: Columns
    calls: Sequence[Call] = ()
    _results: dict[tuple[Call, int], Any] = field(factory=dict, init=False)

    def called(self, call: Call, rows: Sequence[int]) -> list[Any]:
        """What a function makes of its key in some rows."""
        cells = _column(self.columns, call.key.name)
        for row in rows:
            if (call, row) not in self._results:
                self._call(call, cells[row], row)
        return [self._results[call, row] for row in rows]

    def _call(self, call: Call, cell: Any, row: int) -> None:
        if not isinstance(cell, MetricRef) or call.function == "last":
            self._results[call, row] = called(call, cell)
            return
        lines = cell.lines()
        for other in self.calls:
            shared = self.columns.cell(other.key.name, row)
            if isinstance(shared, MetricRef) and shared.path == cell.path:
                self._results.setdefault((other, row), called(other, shared.loaded(lines)))


Answer = Callable[[_Runs, Mask], Mask]
"""Those of the rows in question for which something holds."""

Flags = Callable[[_Runs, Sequence[int]], bytes]
"""For some rows, one after the other, 1 where something holds and 0 where it does not."""


def compile_query(query: Query) -> Callable[[Columns], list[int]]:
    """A function from a frame to the places of the rows for which the query holds.

    Metrics are read only for the rows that the conditions to the left have left in question.

    >>> from mlxp_fn.results.query_parser import parse
    >>> compile_query(parse("config.seed > 1"))(Columns({"config.seed": [1, 2, 3]}))
    [1, 2]
    """
    answer, asked = _answer(query), calls(query)

    def choose(columns: Columns) -> list[int]:
        every = _mask(repeat(True, len(columns)))
        return list(_places(answer(_Runs(columns, asked), every), columns))

    return choose


def _answer(query: Query) -> Answer:
    match query:
        case Or(parts=parts):
            return _any_of([_answer(part) for part in parts])
        case And(parts=parts):
            return _all_of([_answer(part) for part in parts])
        case Not(part=part):
            return _none_of(_answer(part))
        case Has(key=key):
            return lambda runs, asked: asked & _present(runs.columns, key.name)
        case Comparison():
            return _all_of([_pair(left, sign, right) for left, sign, right in query.pairs()])


def _all_of(parts: Sequence[Answer]) -> Answer:
    def answer(runs: _Runs, asked: Mask) -> Mask:
        for part in parts:
            asked = asked and part(runs, asked)
        return asked

    return answer


def _any_of(parts: Sequence[Answer]) -> Answer:
    def answer(runs: _Runs, asked: Mask) -> Mask:
        left = asked
        for part in parts:
            left ^= left and part(runs, left)
        return asked ^ left

    return answer


def _none_of(part: Answer) -> Answer:
    return lambda runs, asked: asked ^ part(runs, asked)


def _pair(left: Term, sign: str, right: Term) -> Answer:
    flags = _flags(left, sign, right)
    match left, right:
        case (Call(), _) | (_, Call()):
            return lambda runs, asked: _scattered(flags, runs, list(_places(asked, runs.columns)))
        case (Key(name=name), Literal()) | (Literal(), Key(name=name)):
            return lambda runs, asked: asked & _mask(_by_codes(flags, runs, START if name == AGE else name))
        case _:
            return lambda runs, asked: asked & _mask(flags(runs, range(len(runs.columns))))


def _scattered(flags: Flags, runs: _Runs, rows: list[int]) -> Mask:
    mask = bytearray(len(runs.columns))
    for row, holds in zip(rows, flags(runs, rows), strict=True):
        mask[row] = holds
    return _mask(mask)


def _by_codes(flags: Flags, runs: _Runs, name: str) -> bytes:
    """The flags of all rows, asked of each distinct cell alone where the column is kept so."""
    columns = runs.columns
    coded = None if _below(columns, name) else columns.coded(name)
    if coded is None:
        return flags(runs, range(len(columns)))
    cells, codes = coded
    once = flags(_Runs(Columns({name: cells}, read_at=columns.read_at)), range(len(cells)))
    return bytes(map(once.__getitem__, codes))


def _flags(left: Term, sign: str, right: Term) -> Flags:
    """What compares two terms."""
    read = scale(left, sign, right)
    compare, quick = COMPARE[sign], QUICK.get(sign)
    if sign == "==" and not (isinstance(left, Literal) or isinstance(right, Literal)):
        quick = None  # to Python, two missing values are equal

    def flags(runs: _Runs, rows: Sequence[int]) -> bytes:
        ones, others = _values(left, runs, rows, read), _values(right, runs, rows, read)
        if quick:
            with suppress(TypeError, ValueError, RecursionError):
                return bytes(map(quick, ones, others))
        if isinstance(right, Literal):
            return bytes(_once_each(lambda one: compare(one, others[0]), ones))
        if isinstance(left, Literal):
            return bytes(_once_each(lambda other: compare(ones[0], other), others))
        return bytes(map(compare, ones, others))

    return flags


def _once_each(function: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    """The results for all values, worked out once for those that are equal, if they can be hashed."""
    try:
        results = {value: function(value) for value in set(values)}
    except TypeError:
        return list(map(function, values))
    return list(map(results.__getitem__, values))


def _values(term: Term, runs: _Runs, rows: Sequence[int], read: Scale | None) -> Sequence[Any]:
    """What a term stands for in each of some rows."""
    match term:
        case Literal(value=value):
            return [as_read(read, plain(value))] * len(rows)
        case Key(name=name):
            values = _chosen(_column(runs.columns, name), rows)
            return [as_read(read, value) for value in values] if read else values
        case Call():
            return runs.called(term, rows)


def _chosen(column: Sequence[Any], rows: Sequence[int]) -> Sequence[Any]:
    return column if len(rows) == len(column) else [column[row] for row in rows]


def _column(columns: Columns, name: str) -> Sequence[Any]:
    """The cells of a key, and where there are none the mappings that the columns below it make."""
    if name == AGE:
        now = instant(columns.read_at)
        return [age(start, now) for start in columns.cells_or_absent(START)]
    cells = columns.cells_or_absent(name)
    below = _below(columns, name)
    if not below:
        return cells
    shorter = [key.removeprefix(f"{name}.") for key in below]
    trees = _once_each(partial(nested, shorter), list(zip(*map(columns.cells_or_absent, below), strict=True)))
    return [tree if cell is ABSENT else cell for cell, tree in zip(cells, trees, strict=True)]


def _below(columns: Columns, name: str) -> list[str]:
    return [key for key in columns.names() if key.startswith(f"{name}.")]


def _present(columns: Columns, name: str) -> Mask:
    if name == AGE:
        return _mask(cell is not ABSENT for cell in _column(columns, name))
    present = 0
    for key in (name, *_below(columns, name)):
        present |= _mask(map(is_not, columns.cells_or_absent(key), repeat(ABSENT)))
    return present


def _mask(flags: Iterable[int]) -> Mask:
    return int.from_bytes(bytes(flags))


def _places(mask: Mask, columns: Columns) -> Iterable[int]:
    return compress(range(len(columns)), mask.to_bytes(len(columns)))
