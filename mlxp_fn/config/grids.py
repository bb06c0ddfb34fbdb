"""Axes as Python values: `grid`, `zipped` and `union` of keys and the values that they take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mlxp_fn.config.joined_points import Union, Zipped
from mlxp_fn.config.points import Axis, Points, Product
from mlxp_fn.config.render import quoted, render_value
from mlxp_fn.config.syntax import parsed_value
from mlxp_fn.errors import OverrideError
from mlxp_fn.tree import Config, holds, plain

_KEY = re.compile(r"[^\s.=,@\[\]{}()'\"]+(\.[^\s.=,@\[\]{}()'\"]+)*")


def grid(axes: Mapping[str, Iterable[Any]]) -> Points:
    """Every combination of the values; the last key varies fastest. `*` crosses it with other axes.

    >>> len(grid({"seed": [1, 2], "lr": [0.1, 0.01, 0.001]}))
    6
    """
    return Product(_axes(axes))


def zipped(axes: Mapping[str, Iterable[Any]]) -> Points:
    """The values place by place: the first of each key together, then the second.

    >>> list(zipped({"optimizer": ["sgd", "adam"], "lr": [0.1, 0.001]}))[1]
    (('optimizer', 'adam'), ('lr', 0.001))
    """
    return Zipped(_axes(axes))


def union(*parts: Any) -> Any:
    """One set of axes after the other, or one sweep after the other; `|` does the same.

    >>> len(union(grid({"seed": [1, 2]}), grid({"lr": [0.1, 0.01]})))
    4
    """
    if not parts:
        raise OverrideError("a union needs at least one part")
    if all(isinstance(part, Points) for part in parts):
        return Union(parts)
    first, *rest = parts
    for part in rest:
        first = first | part
    return first


def points_of(axes: Any) -> Points:
    """What was given as the axes of a sweep. Raises `OverrideError` where it is no mapping of lists."""
    if isinstance(axes, Points):
        return axes
    if isinstance(axes, Mapping):
        return grid(axes)
    raise OverrideError(f"the axes of a sweep are a mapping such as {{'seed': [1, 2]}}, not {axes!r}")


def overrides_of(config: Config, changes: Mapping[str, Any]) -> tuple[str, ...]:
    """The changes of a config as overrides, with `+` for keys that it has not."""
    return tuple(f"{'' if holds(config, key) else '+'}{key}={_rendered(value)}" for key, value in changes.items())


def _rendered(value: Any) -> str:
    value = plain(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or isinstance(value, (str, int, float, list, dict)):
        return render_value(parsed_value(value))
    return quoted(str(value))


def _axes(axes: Mapping[str, Iterable[Any]]) -> tuple[Axis, ...]:
    if not isinstance(axes, Mapping):
        raise OverrideError(f"axes are a mapping such as {{'seed': [1, 2]}}, not {axes!r}")
    return tuple(_axis(key, values) for key, values in axes.items())


def _axis(key: Any, values: Any) -> Axis:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise OverrideError(f"an axis is named by a dotted key such as 'optimizer.lr', not {key!r}")
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise OverrideError(f"the values of the axis {key!r} are a list; write {{{key!r}: [{values!r}]}}")
    if isinstance(values, (Mapping, set, frozenset)):
        raise OverrideError(f"the values of the axis {key!r} are a list, which has an order, not {values!r}")
    # A range stays a range: a million seeds take no memory.
    return Axis(key, values if isinstance(values, range) else tuple(values))
