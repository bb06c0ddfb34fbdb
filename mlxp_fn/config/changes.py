"""Overrides applied to a plain tree: change, add, force-add and delete, each a new tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlxp_fn.config.merging import is_broken, merged, target_of
from mlxp_fn.config.syntax import ABSENT, SWEEPS, Change, Extension, Override, Pairs, plain_value
from mlxp_fn.errors import ConfigError, OverrideError, UnknownConfigKeyError
from mlxp_fn.nearest import nearest
from mlxp_fn.tree.interpolation import is_interpolated
from mlxp_fn.tree.paths import Path, child, dotted, is_missing

_NOTHING: Any = object()


def changed(tree: dict[Any, Any], override: Override) -> dict[Any, Any]:
    """The tree after one override. Raises `UnknownConfigKeyError` or `OverrideError`, which show the override.

    >>> from mlxp_fn.config.overrides import parse_override
    >>> changed({"a": {"b": 1}}, parse_override("+a.c=2"))
    {'a': {'b': 1, 'c': 2}}
    """
    step = _Change(tree, override)
    path = tuple(override.key.split("."))
    if override.change in (Change.CHANGE, Change.DELETE):
        path = step.followed(path)
    result: dict[Any, Any] = step.delete(path) if override.change is Change.DELETE else step.put(tree, path, ())
    return result


class _Change:
    """One override and the tree that it is applied to."""

    def __init__(self, root: dict[Any, Any], override: Override) -> None:
        self.root = root
        self.override = override
        self.value = plain_value(override.value)
        self.adds = override.change is not Change.CHANGE

    def put(self, node: Any, path: Path, above: Path) -> Any:
        """A copy of `node` with the value at `path` below it."""
        key, rest = path[0], path[1:]
        step = child(node, key)
        if isinstance(node, list):
            if step is None:
                raise self.refuse(f"{dotted(above)} is a list of {len(node)} items; only these can be changed")
            below = self.put(step[1], rest, (*above, key)) if rest else self.leaf(step[1], (*above, key))
            return [*node[: step[0]], below, *node[step[0] + 1 :]]
        if step is None and not self.adds:
            raise self.unknown(above, key, node)
        real, current = step if step is not None else (key, _NOTHING)
        below = self.put(current, rest, (*above, key)) if rest else self.leaf(current, (*above, key))
        return {**(node if isinstance(node, dict) else {}), real: below}

    def leaf(self, current: Any, path: Path) -> Any:
        """The new value where the old one is `current`."""
        value = self.value
        absent = current is _NOTHING or current is None or is_missing(current)
        if isinstance(value, Extension):
            return self.extended([] if absent else current, value)
        if self.override.change is Change.ADD and not absent and not isinstance(value, (dict, list)):
            text = self.override.text.removeprefix("+")
            raise self.refuse(
                f"{dotted(path)} is there, with the value {current!r}; change it with {text}, or "
                f"with ++{text} whether it is there or not"
            )
        if isinstance(current, dict) and isinstance(value, dict) and not self.adds:
            self.refuse_new(current, value, path)
        try:
            # A missing value that is given on purpose stays missing.
            return value if absent or is_missing(value) else merged(current, value, self.root, path)
        except ConfigError as error:
            raise self.refuse(str(error)) from error

    def extended(self, current: Any, value: Extension) -> list[Any]:
        if not isinstance(current, list):
            raise self.refuse(f"extend_list needs a list to extend, not {current!r}")
        return [*current, *plain_value(value.elements)]

    def refuse_new(self, current: dict[Any, Any], value: dict[Any, Any], path: Path) -> None:
        """A change by a mapping may not bring new keys."""
        for key, item in value.items():
            step = child(current, key)
            if step is None:
                raise self.unknown(path, key, current)
            if isinstance(step[1], dict) and isinstance(item, dict):
                self.refuse_new(step[1], item, (*path, key))

    def delete(self, path: Path) -> Any:
        node: Any = self.root
        for depth, key in enumerate(path):
            step = child(node, key)
            if step is None:
                raise self.refuse(
                    f"there is no key {dotted(path[: depth + 1])} to delete{_near(key, node, path[:depth])}"
                )
            node = step[1]
        if is_interpolated(node) and is_broken(node, path, self.root):
            raise self.refuse(f"{dotted(path)} is {node}, which leads nowhere; set it to a value instead")
        if self.override.value is not ABSENT and node != self.value:
            raise self.refuse(f"{dotted(path)} is {node!r}, not {self.value!r}, and is not deleted")
        return _without(self.root, path)

    def followed(self, path: Path) -> Path:
        """The path with every interpolation before its last key replaced by where that leads."""
        node: Any = self.root
        for depth, key in enumerate(path[:-1]):
            step = child(node, key)
            if step is None:
                return path
            node = step[1]
            target = target_of(node, path[: depth + 1], self.root)
            if target is not None:
                return self.followed((*target, *path[depth + 1 :]))
        return path

    def unknown(self, above: Path, key: Any, node: Any = None) -> UnknownConfigKeyError:
        value = "null" if node is None else f"the value {node!r}"
        where = f"{dotted(above)} is {value} and" if above and not isinstance(node, dict) else "the config"
        where = where if self.root else "the config is empty and"
        near = _near(key, node, above)
        return UnknownConfigKeyError(
            f"{self.override.text}: {where} has no key {dotted((*above, key))}{f'{near} To' if near else '; to'} "
            f"add it write +{self.override.text}"
        )

    def refuse(self, reason: str) -> OverrideError:
        return OverrideError(f"{self.override.text}: {reason}")


def refuse_unusable(override: Override) -> None:
    """Raise `OverrideError` for a value with a sweep or a null key in it, which no config can hold."""
    refuse_nested_sweep(override)
    if _has_null_key(override.value):
        raise OverrideError(f"{override.text}: null cannot be a key")


def refuse_nested_sweep(override: Override) -> None:
    """Raise `OverrideError` for a value with a sweep inside."""
    for part in _parts(override.value):
        if isinstance(part, (*SWEEPS, Extension)):
            kind = type(part).__name__.lower()
            raise OverrideError(f"{override.text}: a {kind} cannot stand inside another value")


def _parts(value: Any) -> Iterator[Any]:
    """All values inside a parsed value, however deep."""
    match value:
        case tuple() | Extension():
            inside = value.elements if isinstance(value, Extension) else value
        case Pairs(items=items):
            inside = tuple(item for _, item in items)
        case _:
            return
    for part in inside:
        yield part
        yield from _parts(part)


def _has_null_key(value: Any) -> bool:
    return any(key is None for part in (value, *_parts(value)) if isinstance(part, Pairs) for key, _ in part.items)


def _without(node: Any, path: Path) -> Any:
    real, below = child(node, path[0]) or (path[0], None)
    if len(path) > 1:
        below = _without(below, path[1:])
        if isinstance(node, list):
            return [*node[:real], below, *node[real + 1 :]]
        return {**node, real: below}
    if isinstance(node, list):
        return [*node[:real], *node[real + 1 :]]
    return {key: value for key, value in node.items() if key != real}


def _near(key: Any, node: Any, above: Path) -> str:
    known = [str(known) for known in node] if isinstance(node, dict) else []
    near = nearest(key, known)
    return f"; did you mean {dotted((*above, near[0]))}?" if near else ""
