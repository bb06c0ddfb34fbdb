"""Merging files into one tree: mappings merge, everything else is replaced, nothing is changed in place."""

from __future__ import annotations

from typing import Any

from mlxp_fn.config.packages import Package
from mlxp_fn.errors import ConfigError
from mlxp_fn.tree.interpolation import Resolution, Surroundings, is_interpolated
from mlxp_fn.tree.interpolation_grammar import Reference, parse_interpolated
from mlxp_fn.tree.paths import Path, dotted, is_missing


def put_into(tree: dict[Any, Any], package: Package, body: Any) -> dict[Any, Any]:
    """The tree with the contents of a file merged into the node `package`.

    Raises `ConfigError` where a list and a mapping meet.

    >>> put_into({"db": {"port": 1}}, ("db",), {"user": "x"})
    {'db': {'port': 1, 'user': 'x'}}
    """
    for key in reversed(package):
        body = {key: body}
    if not isinstance(body, dict):
        raise ConfigError(f"a list cannot be put at the root of a config: {body!r}")
    return _mapping(tree, body, tree, ())


def merged(below: Any, above: Any, root: Any, path: Path = ()) -> Any:
    """What remains of two values where `above` comes later; `root` is what interpolations look at."""
    if is_missing(above):
        return below
    if isinstance(above, dict) and is_interpolated(below):
        below = _target(below, path, root)
    if isinstance(below, dict) and isinstance(above, dict):
        return _mapping(below, above, root, path)
    if isinstance(below, (dict, list)) and isinstance(above, (dict, list)) and type(below) is not type(above):
        kinds = {dict: "a mapping", list: "a list"}
        raise ConfigError(
            f"{dotted(path)}: {kinds[type(above)]} cannot replace {kinds[type(below)]}: {above!r} over {below!r}"
        )
    return above


def _mapping(below: dict[Any, Any], above: dict[Any, Any], root: Any, path: Path) -> dict[Any, Any]:
    result = dict(below)
    for key, value in above.items():
        result[key] = merged(below[key], value, root, (*path, key)) if key in below else value
    return result


def target_of(value: Any, path: Path, root: Any) -> Path | None:
    """The place in the tree that an interpolation at `path` stands for."""
    expression = parse_interpolated(value) if is_interpolated(value) else None
    if not isinstance(expression, Reference):
        return None
    return Resolution(root, Surroundings(), False).target(expression, path)


def _target(text: str, path: Path, root: Any) -> Any:
    place = target_of(text, path, root)
    node = root if place is not None else text
    for key in place or ():
        node = node[key]
    return node


def is_broken(text: str, path: Path, root: Any) -> bool:
    """Whether the text is a reference to a key that is not there."""
    expression = parse_interpolated(text)
    return isinstance(expression, Reference) and target_of(text, path, root) is None
