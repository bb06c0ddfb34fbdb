"""Places in a tree of dicts and lists: how they are written, what stands there, and that a value is missing."""

from __future__ import annotations

from typing import Any

Path = tuple[Any, ...]
"""The keys and indices that lead to a place."""

MISSING = "???"
"""The text that stands for a value which must be given."""


def is_missing(value: Any) -> bool:
    """Whether a value is still to be given."""
    return isinstance(value, str) and value == MISSING


def dotted(path: Path) -> str:
    """A path as its key is written."""
    return ".".join(map(str, path))


def keys_of(key: str) -> Path:
    """The parts of a dotted key; `a[0]` is `a.0`.

    >>> keys_of("model.layers[0].width")
    ('model', 'layers', '0', 'width')
    """
    return tuple(key.replace("[", ".").replace("]", "").split("."))


def child(node: Any, key: Any) -> tuple[Any, Any] | None:
    """A node's own key that `key` names, and the value there; None where there is no such key."""
    if isinstance(node, dict):
        if key in node:
            return key, node[key]
        # Keys in YAML may be numbers; in a path every key is a text.
        return next(((real, value) for real, value in node.items() if _named(real) == key), None)
    if isinstance(node, list) and str(key).isdecimal() and int(key) < len(node):
        return int(key), node[int(key)]
    return None


def _named(key: Any) -> str | None:
    if isinstance(key, bool):
        return str(key).lower()
    return None if isinstance(key, str) else str(key)
