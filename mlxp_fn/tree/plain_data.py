"""Plain trees of dicts, lists and scalars: copied, escaped, changed in a copy, shown as a table."""

from __future__ import annotations

import re
from typing import Any

from mlxp_fn.tree.paths import Path, child

_BEFORE_INTERPOLATION = re.compile(r"(\\*)\$\{")
"""A dollar and a brace, and the backslashes that would otherwise count before them."""


def put(tree: Any, path: Path, value: Any) -> Any:
    """A copy of a plain tree with `value` at `path`; mappings on the way are made where there are none.

    >>> put({"a": [1, {"b": 2}]}, ("a", "1", "b"), 3)
    {'a': [1, {'b': 3}]}
    """
    if not path:
        return value
    key, rest = path[0], path[1:]
    step = child(tree, key)
    if isinstance(tree, list) and step is not None:
        return [*tree[: step[0]], put(step[1], rest, value), *tree[step[0] + 1 :]]
    real, below = step if step is not None else (key, None)
    return {**(tree if isinstance(tree, dict) else {}), real: put(below, rest, value)}


def copied(value: Any) -> Any:
    """A copy, however deep."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def escaped(value: Any) -> Any:
    """A copy in which what looks like an interpolation is a text that means itself."""
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escaped(item) for item in value]
    return _BEFORE_INTERPOLATION.sub(r"\1\1\\${", value) if isinstance(value, str) else value


def html_table(value: Any) -> str:
    """A mapping as a table of tables."""
    from html import escape

    if isinstance(value, dict) and value:
        rows = "".join(
            f"<tr><th>{escape(str(key))}</th><td>{html_table(item)}</td></tr>" for key, item in value.items()
        )
        return f"<table>{rows}</table>"
    return f"<code>{escape(repr(value))}</code>"
