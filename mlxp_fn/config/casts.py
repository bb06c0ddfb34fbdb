"""The override functions `int`, `float`, `str` and `bool`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from mlxp_fn.config.syntax import SWEEPS, Choice, Extension, Glob, Interval, Pairs, Quoted, Range, Zip
from mlxp_fn.tree.scalars import scalar

_NULL: Any = object()


def cast_to(kind: str, scalar_cast: Callable[[Any], Any]) -> Callable[..., Any]:
    """The override function that casts values, and all values in lists, mappings and sweeps."""

    def cast(*arguments: Any, value: Any = _NULL) -> Any:
        given = (*arguments,) if value is _NULL else (*arguments, value)
        if not given or (arguments and value is not _NULL):
            raise TypeError("give values, or value=...")
        refuse_several_sweeps(given)
        if len(given) == 1:
            return _cast_value(kind, scalar_cast, given[0])
        return Choice(tuple(_cast_value(kind, scalar_cast, item) for item in given), simple=True)

    return cast


def _cast_value(kind: str, cast: Callable[[Any], Any], value: Any) -> Any:
    match value:
        case tuple():
            return tuple(_cast_value(kind, cast, bare(item)) for item in value)
        case Pairs(items=items):
            return Pairs(tuple((key, _cast_value(kind, cast, bare(item))) for key, item in items))
        case Choice():
            return replace(value, elements=tuple(_cast_value(kind, cast, bare(e)) for e in value.elements))
        case Zip():
            return Zip(tuple(_cast_value(kind, cast, bare(e)) for e in value.elements))
        case Range() if kind in ("int", "float"):
            return replace(value, kind=int if kind == "int" else float)
        case Interval() if kind in ("int", "float"):
            return replace(value, start=cast(value.start), end=cast(value.end))
        case Range() | Interval() | Glob() | Extension():
            raise ValueError(f"a {type(value).__name__.lower()} cannot be cast to {kind}")
        case None if kind != "bool":
            raise TypeError(f"null cannot be cast to {kind}")
    return cast(value)


def to_str(value: Any) -> str:
    """The text of a value; booleans as they are written."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def to_bool(value: Any) -> bool:
    """Whether a value is true; of texts only `true` and `false` are."""
    if isinstance(value, str):
        word = scalar(value)
        if not isinstance(word, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return word
    return bool(value)


def bare(value: Any) -> Any:
    """An argument without its quotes, which do not count at the top level of a call."""
    return str(value) if isinstance(value, Quoted) else value


def refuse_several_sweeps(values: Sequence[Any]) -> None:
    """Raise `TypeError` where one of several arguments is itself a sweep."""
    if len(values) > 1 and any(isinstance(value, SWEEPS) for value in values):
        raise TypeError("a sweep cannot be one of several arguments")
