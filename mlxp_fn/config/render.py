"""Values as the text that the override grammar reads them from."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import Any

from mlxp_fn.config.syntax import Choice, Extension, Glob, Interval, Pairs, Quoted, Range, Zip
from mlxp_fn.tree.scalars import scalar

_SPECIAL = re.compile(r"([\\()\[\]{}:=, \t])")
_ORDINARY = re.compile(r"[A-Za-z0-9_/\-+.%*@?|$\\()\[\]{}:=, \t]+")


def render_value(value: Any, *, typed: bool = True) -> str:
    """The text of a parsed value.

    A text that would be read as something else is written in quotes; with `typed=False` it is not, as in Hydra,
    where `str(1)` becomes the number 1 again.

    >>> render_value("1"), render_value("1", typed=False), render_value(("a b", None))
    ("'1'", '1', '[a\\\\ b,null]')
    """
    render = partial(render_value, typed=typed)
    match value:
        case None:
            return "null"
        case Quoted():
            return quoted(value, value.quote)
        case str():
            return _text(value, typed)
        case float():
            return _float(value)
        case tuple():
            return f"[{','.join(map(render, value))}]"
        case Pairs(items=items):
            return f"{{{','.join(f'{_key(key)}:{render(item)}' for key, item in items)}}}"
        case Choice() | Range() | Interval() | Glob() | Zip() | Extension():
            return _sweep(value, render)
        case _:
            return str(value)


def _text(text: str, typed: bool) -> str:
    if not typed:
        return _escaped(text)
    # A backslash before a dollar would escape the dollar's interpolation, or cease to.
    plainly = _ORDINARY.fullmatch(text) and "$" not in text and isinstance(scalar(text), str)
    return _escaped(text) if plainly else quoted(text)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def quoted(text: str, quote: str = "'") -> str:
    """The text in quotes.

    >>> quoted("it's")
    "'it\\\\'s'"
    """
    inner = re.sub(rf"(\\*)({quote}|\Z)", lambda m: m[1] * 2 + ("\\" + quote if m[2] else ""), text)
    return f"{quote}{inner}{quote}"


def _float(value: float) -> str:
    return "nan" if math.isnan(value) else repr(value)


def _key(key: Any) -> str:
    if isinstance(key, str):
        return _escaped(key)
    return "null" if key is None else _float(key) if isinstance(key, float) else str(key)


def _sweep(value: Any, render: Any) -> str:
    match value:
        case Choice(elements=elements, simple=simple):
            bare = ",".join(map(render, elements))
            text = bare if simple and len(elements) > 1 and not value.shuffle else f"choice({bare})"
            return _decorated(value, text)
        case Range(start=start, stop=stop, step=step, kind=kind):
            text = f"range({','.join(map(render, (start, stop, step)))})"
            return _decorated(value, f"{kind.__name__}({text})" if kind else text)
        case Interval(start=start, end=end):
            text = f"interval({render(start)},{render(end)})"
            return _decorated(value, f"int({text})" if isinstance(start, int) else text)
        case Glob(include=include, exclude=exclude):
            return f"glob({render(include)},exclude={render(exclude)})"
        case Zip(elements=elements):
            return f"zip({','.join(map(render, elements))})"
        case _:
            return f"extend_list({','.join(map(render, value.elements))})"


def _decorated(value: Choice | Range | Interval, text: str) -> str:
    """The text inside `shuffle` and `tag`, where they apply."""
    if not isinstance(value, Interval) and value.shuffle:
        seed = "" if value.seed is None else f",seed={value.seed}"
        simple = isinstance(value, Choice) and value.simple
        text = f"shuffle({text.removeprefix('choice(')[:-1] if simple else text}{seed})"
    return f"tag({','.join([*(quoted(tag) for tag in sorted(value.tags)), text])})" if value.tags else text
