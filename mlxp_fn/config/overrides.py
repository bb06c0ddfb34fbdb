"""Overrides as text and as records: `parse_override` reads one, `render` writes one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from attrs import evolve

from mlxp_fn.config.grammar import parse_value, refuse
from mlxp_fn.config.render import render_value
from mlxp_fn.config.syntax import ABSENT, Change, Override

_WORD = r"[A-Za-z_$][A-Za-z0-9_$\-]*"
_PATH = rf"(?:(?:{_WORD}|(?:0|[1-9](?:_?[0-9])*)(?=\.))(?:\.(?:{_WORD}|0|[1-9](?:_?[0-9])*))*)"
_GROUP = r"[A-Za-z_][A-Za-z0-9_\-]*(?:/[A-Za-z_][A-Za-z0-9_\-]*)+"
_KEY = re.compile(rf"(?P<key>{_GROUP}|{_PATH}|)(?:@(?P<package>{_PATH}|))?", re.ASCII)
_SIGN = re.compile(r"\+\+|\+|~|")


@lru_cache(maxsize=8192)
def parse_override(text: str) -> Override:
    """Read one override, `key=value` with an optional sign `+`, `++` or `~` and an optional `@package`.

    Raises `OverrideError`, which shows the override with a caret where it cannot be understood.

    >>> parse_override("+optimizer.lr=1e-3").value
    0.001
    >>> parse_override("seed=range(3)").is_sweep
    True
    """
    sign = _SIGN.match(text)
    at = sign.end() if sign else 0
    change = Change(text[:at])
    match = _KEY.match(text, at)
    key, package, at = (match["key"], match["package"], match.end()) if match else ("", None, at)
    if text[at : at + 1] == "=":
        return Override(text, change, key, package, parse_value(text, at + 1))
    if at < len(text):
        refuse(text, at, "a key is words joined by dots, or a group joined by slashes, and then comes =")
    if change is not Change.DELETE:
        refuse(text, at, "a value is missing; write key=value, or ~key to delete")
    return Override(text, change, key, package, ABSENT)


def render(override: Override) -> str:
    """The text of an override: `parse_override` reads the same from it.

    >>> render(parse_override("a= [1., 'x' ,y z]"))
    "a=[1.0,'x',y\\\\ z]"
    """
    if override.value is ABSENT:
        return override.name
    return f"{override.name}={render_value(override.value)}"


def with_value(override: Override, value: Any) -> Override:
    """The same override with another value, and the text that says so.

    >>> with_value(parse_override("a=1,2"), 2).text
    'a=2'
    """
    changed = evolve(override, value=value)
    return evolve(changed, text=render(changed))
