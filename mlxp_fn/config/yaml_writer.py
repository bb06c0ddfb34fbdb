"""YAML that reads as the same values in PyYAML, OmegaConf and here.

OmegaConf reads `1e-3` as a number where PyYAML reads a text, and a date as a text where PyYAML reads a date.
A text that any of them would take for something else is written in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml


class _Dumper(yaml.CSafeDumper):
    """libyaml's dumper, told what else is a number somewhere."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal parts out in full: an anchor is no value."""
        return True


_NUMBER_SOMEWHERE = re.compile(
    r"^[-+]?([0-9][0-9_]*)?\.?[0-9_]*([eE][-+]?[0-9]+)?$|^[-+]?\.?(inf|nan)(inity)?$|^0[xob][0-9a-f_]+$", re.I
)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER_SOMEWHERE, list("-+.0123456789iInN"))


def to_yaml(tree: Mapping[str, Any]) -> bytes:
    """`tree`, of plain dicts, lists and scalars, as a YAML document; keys keep their order.

    >>> print(to_yaml({"lr": 0.001, "tag": "1e-3", "day": "2026-11-23"}).decode(), end="")
    lr: 0.001
    tag: '1e-3'
    day: '2026-11-23'
    """
    try:
        return _dumped(tree)
    except UnicodeEncodeError:
        return _dumped(_escaped(tree))


def _dumped(tree: Any) -> bytes:
    text: str = yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return text.encode("utf-8", "surrogatepass")


def _escaped(value: Any) -> Any:
    """The tree with its lone surrogates, as in a path of odd bytes, spelled out: YAML has no way to hold them."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case Mapping():
            return {_escaped(key): _escaped(item) for key, item in value.items()}
        case list() | tuple():
            return [_escaped(item) for item in value]
    return value
