"""How a query compares values, and what its functions make of a metric: one table each."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlxp_fn.results.cells import ABSENT, MetricRef, bare, propagating
from mlxp_fn.results.pattern_parser import pattern
from mlxp_fn.results.query import Call, Term
from mlxp_fn.results.times import as_read, scale


def _cautious(operation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """The operation, false where something is missing or cannot be compared."""

    def compare(one: Any, other: Any) -> bool:
        if one is ABSENT or other is ABSENT:
            return False
        try:
            return bool(operation(one, other))
        except (TypeError, ValueError, RecursionError):  # arrays have no one truth, deep lists no bottom
            return False

    return compare


def _is_in(one: Any, other: Any) -> bool:
    if isinstance(other, list | tuple | str | Mapping):
        # Python finds a NaN in a list by its identity, though it equals nothing.
        return one in other and bool(one == one)
    raise TypeError


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) != isinstance(other, Mapping) and one is not None and other is not None:
        raise TypeError  # to MLXP a mapping is no value: a run that has one has no column of that name
    return bool(one != other)


def _is_found(text: Any, expression: Any) -> bool:
    if isinstance(text, str) and isinstance(expression, str):
        return pattern(expression)(text)
    raise TypeError


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": _cautious(operator.eq),
    "!=": _cautious(_differ),
    "<": _cautious(operator.lt),
    "<=": _cautious(operator.le),
    ">": _cautious(operator.gt),
    ">=": _cautious(operator.ge),
    "in": _cautious(_is_in),
    "not in": _cautious(lambda one, other: not _is_in(one, other)),
    "=~": _cautious(_is_found),
    "!~": _cautious(lambda one, other: not _is_found(one, other)),
}


QUICK: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""What says the same where all values are there and can be compared, or else raises TypeError."""


def comparing(left: Term, sign: str, right: Term) -> Callable[[Any, Any], bool]:
    """What compares the values of two terms."""
    compare, read = COMPARE[sign], scale(left, sign, right)
    return lambda one, other: compare(as_read(read, one), as_read(read, other))


def called(call: Call, cell: Any) -> Any:
    """What a function makes of a cell, or ABSENT; of a metric no more is read than it needs."""
    if cell is ABSENT:
        return ABSENT
    if isinstance(cell, MetricRef) and call.function == "last":
        return cell.last()
    if isinstance(cell, MetricRef) and call.row is not None:
        return cell.at(call.row)
    values = cell.values() if isinstance(cell, MetricRef) else bare(cell)
    values = values if isinstance(values, list | tuple) else [values]
    try:
        return _CALLS[call.function](values) if call.row is None else values[call.row]
    except (TypeError, IndexError, ValueError, ArithmeticError):
        return ABSENT


_CALLS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "min": propagating(min),
    "max": propagating(max),
    "mean": propagating(lambda values: sum(values) / len(values)),
    "count": len,
}
