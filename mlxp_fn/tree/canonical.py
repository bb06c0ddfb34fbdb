"""A tree as one text in which types count and the order of keys does not: what digests are taken of."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

from mlxp_fn.tree.interpolation import Broken


def canonical(value: Any) -> str:
    """The typed text of a plain tree. It never changes: digests of runs from years ago are compared with it.

    >>> canonical({"b": [1, 1.0, True], "a": {"c": "1", "d": None}})
    '{s1:a:{s1:c:s1:1,s1:d:n,},s1:b:[i1,f1.0,b1,],}'
    """
    match value:
        case None:
            return "n"
        case bool():
            return f"b{value:d}"
        case Enum():
            return canonical(value.value)
        case int():
            return f"i{int(value)}"
        case float():
            return f"f{float(value)!r}"
        case str():
            return f"s{len(value)}:{value}"
        case bytes():
            return f"y{value.hex()}"
        case Mapping():
            entries = sorted(f"{canonical(key)}:{canonical(item)}," for key, item in value.items())
            return f"{{{''.join(entries)}}}"
        case list() | tuple():
            return f"[{''.join(f'{canonical(item)},' for item in value)}]"
        case PurePath():
            return canonical(str(value))
        case Broken():
            return canonical(value.text)
        case _ if type(value).__module__ == "numpy":
            # A numpy scalar or array is the numbers in it, whatever numpy thinks of their width.
            return canonical(value.tolist())
        case _:
            return f"?{type(value).__qualname__}:{value!r}"
