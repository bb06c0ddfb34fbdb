"""MLXP's maps: a function, the columns it is given, and the names of what it returns.

Four ways to apply one: `Pointwise` to each value, `Columnwise` to each column, `Rowwise` to the values of each
row, `Generic` to all the columns together. Results are named `f<function>.<column>` unless the map names them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from mlxp_fn.errors import InvalidMapError

MODES = ("Generic", "Columnwise", "Rowwise", "Pointwise")

Data = Mapping[str, Sequence[Any]]


@frozen
class ColumnMap:
    """A function, the columns it reads and the columns it makes."""

    function: Callable[..., Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def parse_maps(maps: Any, mode: str) -> list[ColumnMap]:
    """The maps in what a caller gave: one `(function, columns)` or `(function, columns, names)`, or a list.

    Raises `InvalidMapError` for anything else.

    >>> parse_maps((max, ("a", "b")), "Columnwise")[0].outputs
    ('fmax.a', 'fmax.b')
    >>> parse_maps((max, ("a", "b")), "Generic")[0].outputs
    ('fmax.a_b',)
    """
    if mode not in MODES:
        raise InvalidMapError(f"map_type {mode!r} is none of {', '.join(MODES)}")
    return [_parse_map(one, mode) for one in (maps if isinstance(maps, list) else [maps])]


def apply_map(one: ColumnMap, data: Data, mode: str) -> dict[str, Any]:
    """What a map makes of some columns: a list of a value for each row, or a single value, for each name."""
    columns = [data[name] for name in one.inputs]
    match mode:
        case "Pointwise":
            made: Any = tuple([one.function(value) for value in column] for column in columns)
        case "Columnwise":
            made = tuple(one.function(list(column)) for column in columns)
        case "Rowwise":
            made = _by_name(one, [one.function(*values) for values in zip(*columns, strict=True)])
        case _:
            made = one.function(*map(list, columns))
    return dict(zip(one.outputs, _as_many(made, one), strict=True))


def is_column(value: Any, length: int) -> bool:
    """Whether a map has returned a value for each of `length` rows."""
    return not isinstance(value, str | bytes | Mapping) and hasattr(value, "__len__") and len(value) == length


def _parse_map(one: Any, mode: str) -> ColumnMap:
    match one:
        case (function, str() | tuple() as columns) if callable(function):
            inputs = _names(columns)
            outputs = _default_names(function, inputs, mode)
        case (function, str() | tuple() as columns, str() | tuple() as names) if callable(function):
            inputs, outputs = _names(columns), _names(names)
        case _:
            raise InvalidMapError(
                f"{one!r} is no map; write (function, column) or (function, (columns...), (names...))"
            )
    if mode in ("Columnwise", "Pointwise") and len(inputs) != len(outputs):
        raise InvalidMapError(f"a {mode} map of {len(inputs)} columns makes as many, not {len(outputs)}")
    return ColumnMap(function, inputs, outputs)


def _names(names: Any) -> tuple[str, ...]:
    listed = (names,) if isinstance(names, str) else names
    if not listed or not all(isinstance(name, str) for name in listed):
        raise InvalidMapError(f"{names!r} is no name of a column, nor a tuple of such names")
    return tuple(listed)


def _default_names(function: Callable[..., Any], inputs: tuple[str, ...], mode: str) -> tuple[str, ...]:
    name = getattr(function, "__name__", type(function).__name__)
    if mode in ("Generic", "Rowwise"):
        return (f"f{name}.{'_'.join(inputs)}",)
    return tuple(f"f{name}.{key}" for key in inputs)


def _by_name(one: ColumnMap, rows: list[Any]) -> Any:
    if len(one.outputs) == 1:
        return (rows,)
    return tuple(list(column) for column in zip(*(_as_many(row, one) for row in rows), strict=True)) or (
        ([],) * len(one.outputs)
    )


def _as_many(made: Any, one: ColumnMap) -> tuple[Any, ...]:
    values = made if isinstance(made, tuple) else (made,)
    if len(values) != len(one.outputs):
        raise InvalidMapError(
            f"the map returned {len(values)} values for {len(one.outputs)} names: {', '.join(one.outputs)}"
        )
    return values
