"""What a query means: for one run, and for all runs of a frame at once.

comparison                          holds where
a == b, a != b                      both are there, and are equal, or are not; 1, 1.0 and true are equal
a < b, a <= b, a > b, a >= b        Python can order them: numbers, texts, lists; never for NaN or None
a in b, a not in b                  b is a list (an item equals a), a text (a is part of it) or a mapping
a op b op c                         `a op b` and `b op c`
has(k)                              the run has the column k, or columns below it (`config.model`)
anything about what a run lacks     never, so that `~` of it holds
last(k), first(k), at(k, row)       the value there; ABSENT where there is none
min(k), max(k), mean(k), count(k)   of the present values; one NaN among them makes the first three NaN
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import compress
from typing import Any

from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.columns import Columns
from mlxp_fn.results.comparing import COMPARE, QUICK, called
from mlxp_fn.results.query import And, Call, Comparison, Has, Key, Literal, Not, Or, Pairs, Query, Term

Column = Sequence[Any]
Choice = Callable[[Columns, list[int]], list[int]]


def matches(query: Query, row: Mapping[str, Any]) -> bool:
    """Whether a query holds for one run, given as a mapping of column names to values or cells."""
    match query:
        case Or(parts=parts):
            return any(matches(part, row) for part in parts)
        case And(parts=parts):
            return all(matches(part, row) for part in parts)
        case Not(part=part):
            return not matches(part, row)
        case Has(key=key):
            return _cell(row, key.name) is not ABSENT
        case Comparison():
            return all(COMPARE[sign](_value(left, row), _value(right, row)) for left, sign, right in query.pairs())


def compile_query(query: Query) -> Callable[[Columns], list[int]]:
    """A function from a frame to the places of the rows for which the query holds.

    It goes column by column, and asks only the rows that are still in question: metrics are read for those that
    the conditions to the left have let through.
    """
    choose = _choice(query)
    return lambda columns: choose(columns, list(range(len(columns))))


def _choice(query: Query) -> Choice:
    match query:
        case Or(parts=parts):
            return _any_of([_choice(part) for part in parts])
        case And(parts=parts):
            return _all_of([_choice(part) for part in parts])
        case Not(part=part):
            return _none_of(_choice(part))
        case Has(key=key):
            return _where_present(key.name)
        case Comparison():
            return _all_of([_pair(left, sign, right) for left, sign, right in query.pairs()])


def _all_of(parts: Sequence[Choice]) -> Choice:
    def choose(columns: Columns, rows: list[int]) -> list[int]:
        for part in parts:
            rows = part(columns, rows)
        return rows

    return choose


def _any_of(parts: Sequence[Choice]) -> Choice:
    def choose(columns: Columns, rows: list[int]) -> list[int]:
        left, found = rows, set[int]()
        for part in parts:
            found.update(part(columns, left))
            left = [row for row in left if row not in found]
        return [row for row in rows if row in found]

    return choose


def _none_of(part: Choice) -> Choice:
    def choose(columns: Columns, rows: list[int]) -> list[int]:
        found = set(part(columns, rows))
        return [row for row in rows if row not in found]

    return choose


def _where_present(name: str) -> Choice:
    def choose(columns: Columns, rows: list[int]) -> list[int]:
        column = _column(columns, name)
        return [row for row in rows if column[row] is not ABSENT]

    return choose


def _pair(left: Term, sign: str, right: Term) -> Choice:
    compare, quick = COMPARE[sign], QUICK.get(sign)
    # Two missing values are equal to Python, so equality is quick only where one side is surely there.
    if sign == "==" and not isinstance(left, Literal) and not isinstance(right, Literal):
        quick = None

    def choose(columns: Columns, rows: list[int]) -> list[int]:
        ones, others = _values(left, columns, rows), _values(right, columns, rows)
        if quick:
            with suppress(TypeError):
                return list(compress(rows, map(quick, ones, others)))
        return list(compress(rows, map(compare, ones, others)))

    return choose


def _values(term: Term, columns: Columns, rows: Sequence[int]) -> list[Any]:
    """What a term stands for in each of some rows."""
    match term:
        case Literal(value=value):
            return [_plain(value)] * len(rows)
        case Key(name=name):
            column = _column(columns, name)
            return [column[row] for row in rows]
        case Call(key=key):
            column = _column(columns, key.name)
            return [called(term, column[row]) for row in rows]


def _value(term: Term, row: Mapping[str, Any]) -> Any:
    match term:
        case Literal(value=value):
            return _plain(value)
        case Key(name=name):
            return _cell(row, name)
        case Call(key=key):
            return called(term, _cell(row, key.name))


def _column(columns: Columns, name: str) -> Column:
    if columns.has(name):
        return columns.cells(name)
    below = {key: columns.cells(key) for key in columns.names() if key.startswith(f"{name}.")}
    if not below:
        return [ABSENT] * len(columns)
    return [
        _cell({key: column[row] for key, column in below.items() if column[row] is not ABSENT}, name)
        for row in range(len(columns))
    ]


def _cell(row: Mapping[str, Any], name: str) -> Any:
    """A cell, or the mapping of all the cells below a name."""
    if name in row:
        return row[name]
    below = {key.removeprefix(f"{name}."): row[key] for key in row if key.startswith(f"{name}.")}
    return _nested(below) if below else ABSENT


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *folders, last = name.split(".")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
            if not isinstance(node, dict):  # a key with a dot in it, beside one without
                return dict(flat)
        node[last] = value
    return tree


def _plain(value: Any) -> Any:
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case Pairs(items=items):
            return {key: _plain(item) for key, item in items}
        case _:
            return value
