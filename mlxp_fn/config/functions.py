"""The functions that an override may call: sweeps, orders, tags and casts, one entry each in one table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any

from msgspec.structs import replace

from mlxp_fn.config.casts import bare, cast_to, refuse_several_sweeps, to_bool, to_str
from mlxp_fn.config.ranges import Numbers
from mlxp_fn.config.syntax import (
    SWEEPS,
    Choice,
    Extension,
    Glob,
    Interval,
    Range,
    Zip,
    plain_value,
)


def called(name: str, positional: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """The value of a call. Raises `TypeError` or `ValueError` where the arguments do not fit."""
    arguments = [bare(value) for value in positional]
    keywords = {key: bare(value) for key, value in named.items()}
    function = FUNCTIONS[name]
    try:
        signature(function).bind(*arguments, **keywords)
    except TypeError as error:
        raise TypeError(f"{error} (it is {name}{_usage(function)})") from None
    return function(*arguments, **keywords)


def _usage(function: Callable[..., Any]) -> str:
    return "(" + ", ".join(str(p).split(":")[0] for p in signature(function).parameters.values()) + ")"


def _choice(*elements: Any) -> Choice:
    if not elements:
        raise ValueError("a choice needs at least one value")
    match elements:
        case (Choice(simple=True) as only,):
            return replace(only, simple=False)
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
    return tuple(bare(item) for item in value)


def _sort(*values: Any, sweep: Any = None, list: Any = None, reverse: Any = False) -> Any:
    if not isinstance(reverse, bool):
        raise TypeError(f"reverse is true or false, not {reverse!r}")
    match _subject(values, sweep, list):
        case (Range() as only,):
            return replace(_sorted_range(only, reverse), shuffle=False)
        case (Choice() as only,):
            return replace(only, elements=_sorted(only.elements, reverse), shuffle=False)
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
    refuse_several_sweeps(values)
    return named or values


def _sorted(elements: tuple[Any, ...], reverse: bool) -> tuple[Any, ...]:
    return tuple(sorted(elements, key=_sort_key, reverse=reverse))


def _sort_key(value: Any) -> Any:
    return plain_value(value) if isinstance(value, tuple) else value


def _sorted_range(given: Range, reverse: bool) -> Range:
    numbers = Numbers(given)
    if (given.step < 0) == reverse or not len(numbers):
        return given
    return replace(given, start=numbers.exactly(len(numbers) - 1), stop=numbers.exactly(-1), step=-given.step)


def _shuffle(*values: Any, sweep: Any = None, list: Any = None, seed: Any = None) -> Any:
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise TypeError(f"the seed is an integer, not {seed!r}")
    if not values and sweep is None and list is None:
        return Choice((), simple=True, shuffle=True)
    match _subject(values, sweep, list):
        case (Choice() | Range() as only,):
            return replace(only, shuffle=True, seed=seed)
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
    return replace(sweep, tags=frozenset(tags))


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


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "bool": cast_to("bool", to_bool),
    "choice": _choice,
    "extend_list": _extend_list,
    "float": cast_to("float", float),
    "glob": _glob,
    "int": cast_to("int", int),
    "interval": _interval,
    "json_str": _json_str,
    "range": _range,
    "shuffle": _shuffle,
    "sort": _sort,
    "str": cast_to("str", to_str),
    "tag": _tag,
    "zip": _zip,
}
"""Every function by its name."""
