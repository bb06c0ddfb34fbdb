"""The functions that an override may call: sweeps, orders, tags and casts, one entry each in one table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any

from attrs import evolve

from mlxp_fn.config.ranges import Numbers
from mlxp_fn.config.syntax import (
    SWEEPS,
    Choice,
    Extension,
    Glob,
    Interval,
    Pairs,
    Quoted,
    Range,
    Zip,
    plain_value,
)
from mlxp_fn.scalars import scalar

_NULL: Any = object()


def called(name: str, positional: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """The value of a call. Raises `TypeError` or `ValueError` where the arguments do not fit."""
    arguments = [_bare(value) for value in positional]
    keywords = {key: _bare(value) for key, value in named.items()}
    function = FUNCTIONS[name]
    try:
        signature(function).bind(*arguments, **keywords)
    except TypeError as error:
        raise TypeError(f"{error} (it is {name}{_usage(function)})") from None
    return function(*arguments, **keywords)


def _bare(value: Any) -> Any:
    return str(value) if isinstance(value, Quoted) else value


def _usage(function: Callable[..., Any]) -> str:
    return "(" + ", ".join(str(p).split(":")[0] for p in signature(function).parameters.values()) + ")"


def _choice(*elements: Any) -> Choice:
    if not elements:
        raise ValueError("a choice needs at least one value")
    match elements:
        case (Choice(simple=True) as only,):
            return evolve(only, simple=False)
        case (Choice(),):
            raise ValueError("a choice cannot be of a choice")
    _refuse_null(elements)
    if any(isinstance(element, SWEEPS) and not isinstance(element, Choice) for element in elements):
        raise TypeError("a choice cannot be of a sweep")
    return Choice(elements)


def _refuse_null(elements: tuple[Any, ...]) -> None:
    if any(element is None for element in elements):
        raise TypeError("null cannot be an argument here; write it with commas: a=null,1")


def _range(start: Any, stop: Any = None, step: Any = 1) -> Range:
    for number in (start, step):
        _number(number)
    if stop is None:
        return Range(start=0, stop=start, step=step)
    return Range(start=start, stop=_number(stop), step=step)


def _interval(start: Any, end: Any) -> Interval:
    return Interval(float(_number(start)), float(_number(end)))


def _number(value: Any) -> Any:
    if not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is no number")
    return value


def _glob(include: Any, exclude: Any = None) -> Glob:
    return Glob(_patterns(include), () if exclude is None else _patterns(exclude))


def _patterns(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, tuple):
        raise TypeError(f"{value!r} is no pattern and no list of patterns")
    return tuple(_bare(item) for item in value)


def _sort(*values: Any, sweep: Any = None, list: Any = None, reverse: Any = False) -> Any:
    if not isinstance(reverse, bool):
        raise TypeError(f"reverse is true or false, not {reverse!r}")
    match _subject(values, sweep, list):
        case (Range() as only,):
            return evolve(_sorted_range(only, reverse), shuffle=False)
        case (Choice() as only,):
            return evolve(only, elements=_sorted(only.elements, reverse), shuffle=False)
        case (tuple() as only,):
            return _sorted(only, reverse)
        case (Interval() | Glob() | Zip() as only,):
            raise TypeError(f"a {type(only).__name__.lower()} cannot be sorted")
        case (only,):
            return only
        case several:
            return Choice(_sorted(several, reverse), simple=True)


def _subject(values: tuple[Any, ...], sweep: Any, list: Any) -> tuple[Any, ...]:
    """What to order: the arguments, or the one that was given by name."""
    _refuse_null(values)
    named = tuple(value for value in (sweep, list) if value is not None)
    if len(named) > 1 or not (named or values):
        raise TypeError("give values, or one of sweep=... and list=...")
    _refuse_several_sweeps(values)
    return named or values


def _refuse_several_sweeps(values: Sequence[Any]) -> None:
    if len(values) > 1 and any(isinstance(value, SWEEPS) for value in values):
        raise TypeError("a sweep cannot be one of several arguments")


def _sorted(elements: tuple[Any, ...], reverse: bool) -> tuple[Any, ...]:
    return tuple(sorted(elements, key=_sort_key, reverse=reverse))


def _sort_key(value: Any) -> Any:
    return plain_value(value) if isinstance(value, tuple) else value


def _sorted_range(given: Range, reverse: bool) -> Range:
    numbers = Numbers(given)
    if (given.step < 0) == reverse or not len(numbers):
        return given
    return evolve(given, start=numbers.exactly(len(numbers) - 1), stop=numbers.exactly(-1), step=-given.step)


def _shuffle(*values: Any, sweep: Any = None, list: Any = None, seed: Any = None) -> Any:
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise TypeError(f"the seed is an integer, not {seed!r}")
    if not values and sweep is None and list is None:
        return Choice((), simple=True, shuffle=True)
    match _subject(values, sweep, list):
        case (Choice() | Range() as only,):
            return evolve(only, shuffle=True, seed=seed)
        case (tuple() as only,):
            return shuffled(only, seed)
        case (Interval() | Glob() | Zip() as only,):
            raise TypeError(f"a {type(only).__name__.lower()} cannot be shuffled")
        case (only,):
            return (only,)
        case several:
            return Choice(several, simple=True, shuffle=True, seed=seed)


def shuffled(elements: Sequence[Any], seed: int | None) -> tuple[Any, ...]:
    """The elements in an order that `seed` determines; without one it is the same in every process, too."""
    from random import Random

    return tuple(Random(0 if seed is None else seed).sample(elements, len(elements)))


def _tag(*tags: Any, sweep: Any = None) -> Any:
    if not tags:
        raise TypeError("a tag is needed, and a sweep")
    if sweep is None:
        *tags, sweep = tags  # type: ignore[assignment]
    if not isinstance(sweep, (Choice, Range, Interval)):
        raise TypeError(f"a choice, a range or an interval can be tagged, not {sweep!r}")
    for tag in tags:
        if not isinstance(tag, str):
            raise TypeError(f"a tag is a text, not {tag!r}")
    return evolve(sweep, tags=frozenset(tags))


def _zip(*elements: Any) -> Zip:
    if not elements:
        raise ValueError("a zip needs at least one value")
    if any(isinstance(element, SWEEPS) for element in elements):
        raise TypeError("the values of a zip cannot be sweeps")
    return Zip(elements)


def _extend_list(*elements: Any) -> Extension:
    return Extension(elements)


def _json_str(value: Any) -> str:
    if isinstance(value, SWEEPS):
        raise TypeError("json_str takes a value, not a sweep")
    return json.dumps(plain_value(value), ensure_ascii=False)


def _cast(kind: str, scalar_cast: Callable[[Any], Any]) -> Callable[..., Any]:
    def cast(*arguments: Any, value: Any = _NULL) -> Any:
        given = (*arguments,) if value is _NULL else (*arguments, value)
        if not given or (arguments and value is not _NULL):
            raise TypeError("give values, or value=...")
        _refuse_several_sweeps(given)
        if len(given) == 1:
            return _cast_value(kind, scalar_cast, given[0])
        return Choice(tuple(_cast_value(kind, scalar_cast, item) for item in given), simple=True)

    return cast


def _cast_value(kind: str, cast: Callable[[Any], Any], value: Any) -> Any:
    match value:
        case tuple():
            return tuple(_cast_value(kind, cast, _bare(item)) for item in value)
        case Pairs(items=items):
            return Pairs(tuple((key, _cast_value(kind, cast, _bare(item))) for key, item in items))
        case Choice():
            return evolve(value, elements=tuple(_cast_value(kind, cast, _bare(e)) for e in value.elements))
        case Zip():
            return Zip(tuple(_cast_value(kind, cast, _bare(e)) for e in value.elements))
        case Range() if kind in ("int", "float"):
            return evolve(value, kind=int if kind == "int" else float)
        case Interval() if kind in ("int", "float"):
            return evolve(value, start=cast(value.start), end=cast(value.end))
        case Range() | Interval() | Glob() | Extension():
            raise ValueError(f"a {type(value).__name__.lower()} cannot be cast to {kind}")
        case None if kind != "bool":
            raise TypeError(f"null cannot be cast to {kind}")
    return cast(value)


def _to_str(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _to_bool(value: Any) -> bool:
    if isinstance(value, str):
        word = scalar(value)
        if not isinstance(word, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return word
    return bool(value)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "bool": _cast("bool", _to_bool),
    "choice": _choice,
    "extend_list": _extend_list,
    "float": _cast("float", float),
    "glob": _glob,
    "int": _cast("int", int),
    "interval": _interval,
    "json_str": _json_str,
    "range": _range,
    "shuffle": _shuffle,
    "sort": _sort,
    "str": _cast("str", _to_str),
    "tag": _tag,
    "zip": _zip,
}
"""Every function by its name."""
