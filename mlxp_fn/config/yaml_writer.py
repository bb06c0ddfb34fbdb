"""YAML that reads as the same values in PyYAML, OmegaConf and here.

OmegaConf reads `1e-3` as a number where PyYAML reads a text, and a date as a text where PyYAML reads a date.
A text that any of them would take for something else is written in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml


class Dumper(yaml.CSafeDumper):
    """libyaml's dumper, told what else is a number somewhere."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal parts out in full: an anchor is no value."""
        return True


_NUMBER_SOMEWHERE = re.compile(
    r"^[-+]?([0-9][0-9_]*)?\.?[0-9_]*([eE][-+]?[0-9]+)?$|^[-+]?\.?(inf|nan)(inity)?$|^0[xob][0-9a-f_]+$", re.I
)
Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER_SOMEWHERE, list("-+.0123456789iInN"))

_PLAIN = re.compile(r"(?:[A-Za-z_/]|\./)[A-Za-z0-9_./+-]*")
_WORDS = {"yes", "no", "true", "false", "on", "off", "null", "inf", "nan", "infinity", "naninity"}
_SHORT = 100
"""A text of one line and no more bytes looks the same wherever in a document it stands."""


def to_yaml(tree: Mapping[str, Any]) -> bytes:
    """`tree`, of plain dicts, lists and scalars, as a YAML document; keys keep their order.

    >>> print(to_yaml({"lr": 0.001, "tag": "1e-3", "day": "2026-11-23"}).decode(), end="")
    lr: 0.001
    tag: '1e-3'
    day: '2026-11-23'
    """
    try:
        return "".join(_mapping(tree, "")).encode() if tree else _dumped(tree)
    except _UnusualError:
        return _dumped(tree)


class _UnusualError(Exception):
    """Something that libyaml is to write."""


def _mapping(tree: Mapping[Any, Any], indent: str) -> Iterator[str]:
    """What libyaml would write, in a tenth of the time; three such files are written for every run."""
    for key, value in tree.items():
        if type(value) is dict and value:
            yield f"{indent}{_scalar(key)}:\n"
            yield from _mapping(value, indent + "  ")
        elif type(value) in (list, tuple) and value:
            yield f"{indent}{_scalar(key)}:\n"
            yield from _items(value, indent)
        else:
            yield f"{indent}{_scalar(key)}: {_scalar(value)}\n"


def _items(items: Iterable[Any], indent: str) -> Iterator[str]:
    for item in items:
        deeper = indent + "  "
        if type(item) is dict and item:
            yield f"{indent}- {''.join(_mapping(item, deeper))[len(deeper) :]}"
        elif type(item) in (list, tuple) and item:
            yield f"{indent}- {''.join(_items(item, deeper))[len(deeper) :]}"
        else:
            yield f"{indent}- {_scalar(item)}\n"


def _scalar(value: Any) -> str:
    """A key or value of one line. Raises `_UnusualError` for all that may need more."""
    kind = type(value)
    if kind is str:
        if _PLAIN.fullmatch(value) and len(value) <= _SHORT and value.lower() not in _WORDS:
            return str(value)
        if value.isprintable() and len(value.encode()) <= _SHORT:
            return _written(value)
    elif kind is bool:
        return "true" if value else "false"
    elif kind is int or value is None:
        return "null" if value is None else str(value)
    elif kind is float:
        return _float(repr(value))
    elif kind in (dict, list, tuple) and not value:
        return "{}" if kind is dict else "[]"
    raise _UnusualError


def _float(text: str) -> str:
    if text in ("nan", "inf", "-inf"):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    return text if "." in text else text.replace("e", ".0e")


@lru_cache(maxsize=4096)
def _written(text: str) -> str:
    return _dumped(text).decode().removesuffix("\n").removesuffix("\n...")


def _dumped(tree: Any) -> bytes:
    try:
        text: str = yaml.dump(tree, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    except UnicodeEncodeError:
        return _dumped(_escaped(tree))
    return text.encode("utf-8", "surrogatepass")


def writable(text: str) -> str:
    """The text with its lone surrogates, as in a path of odd bytes, spelled out: UTF-8 and YAML hold none."""
    return text.encode("utf-8", "backslashreplace").decode()


def _escaped(value: Any) -> Any:
    match value:
        case str():
            return writable(value)
        case Mapping():
            return {_escaped(key): _escaped(item) for key, item in value.items()}
        case list() | tuple():
            return [_escaped(item) for item in value]
    return value
