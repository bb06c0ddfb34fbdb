"""The configuration tree: immutable, addressed by key or attribute, with its unresolved form beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import PurePath
from typing import Any, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from mlxp_fn.errors import ConfigError, FrozenConfigError, UnknownConfigKeyError
from mlxp_fn.nearest import nearest
from mlxp_fn.tree.canonical import canonical
from mlxp_fn.tree.frozen_list import FrozenList, frozen_list, given, is_hole, raw_items
from mlxp_fn.tree.interpolation import Broken, Surroundings, resolve
from mlxp_fn.tree.paths import MISSING, Path, child, dotted, is_missing, keys_of
from mlxp_fn.tree.plain_data import copied, escaped, html_table, put


class _Origin(Struct, frozen=True, eq=False):
    """What a tree was made of: all of its nodes share it."""

    unresolved: dict[Any, Any]
    surroundings: Surroundings


class Config(Mapping[Any, Any]):
    """An immutable configuration.

    A value is reached as `config.model.width`, `config["model"]["width"]` or `config.select("model.width")`; a
    key that is also a method's name only by `[...]`. Reading `???` raises `MissingFieldError`; an interpolation
    that leads nowhere raises `InterpolationError` when it is read. `evolve` makes a changed copy.

    >>> config = Config({"lr": 0.1, "model": {"width": 8, "depth": "${.width}"}})
    >>> config.evolve({"model.width": 16}).model.depth
    16
    >>> config.model == {"width": 8, "depth": 8}
    True
    """

    __slots__ = ("_digest", "_origin", "_path", "_values")

    def __init__(self, mapping: Mapping[Any, Any] | None = None) -> None:
        """Copy `mapping`, however deep; texts in it may hold interpolations."""
        if not isinstance(mapping, Mapping | None):
            raise ConfigError(f"a config is made of a mapping, not of {mapping!r}")
        origin = _Origin(unresolved_copy(mapping or {}), Surroundings())
        _fill(self, origin, (), None)

    def __getitem__(self, key: Any) -> Any:
        """The value of a key."""
        values = _values(self)
        try:
            value = values[key]
        except (KeyError, TypeError):
            raise UnknownConfigKeyError(self._no_key(key)) from None
        # Asked first: the path is made for the message only, and this is read a thousand times a job.
        return given(value, (*self._path, key)) if is_hole(value) else value

    def __getattr__(self, key: str) -> Any:
        """The value of a key that is no method's name."""
        if key.startswith("__") and key not in _values(self):
            raise AttributeError(key)
        return self[key]

    def __iter__(self) -> Iterator[Any]:
        """The keys, in order."""
        return iter(_values(self))

    def __len__(self) -> int:
        """How many keys there are."""
        return len(_values(self))

    def __contains__(self, key: object) -> bool:
        """Whether the key is there and has a value."""
        return not is_missing(_values(self).get(key, MISSING))

    def __eq__(self, other: object) -> bool:
        """Whether `other` is a mapping with equal values."""
        if isinstance(other, Config):
            return _values(self) == _values(other)
        return _values(self) == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        """In line with equality: 1, 1.0 and True are the same here. See `digest`."""
        return hash(frozenset(_values(self).items()))

    def __setattr__(self, key: str, value: Any) -> NoReturn:
        """Refuse: a config does not change."""
        raise FrozenConfigError(self._refusal(key, value))

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        """Refuse: a config does not change."""
        raise FrozenConfigError(self._refusal(key, value))

    def __delattr__(self, key: str) -> NoReturn:
        """Refuse: a config does not change."""
        raise FrozenConfigError(f"a Config is immutable: {dotted((*self._path, key))!r} cannot be deleted")

    def __delitem__(self, key: Any) -> NoReturn:
        """Refuse: a config does not change."""
        raise FrozenConfigError(f"a Config is immutable: {dotted((*self._path, key))!r} cannot be deleted")

    def select(self, key: str, default: Any = None) -> Any:
        """The value at a dotted key such as `model.layers.0`, or `default` where there is none."""
        node: Any = self
        for part in keys_of(key):
            step = _child(node, part)
            if step is None:
                return default
            node = node[step[0]]
        return node

    def evolve(self, changes: Mapping[str, Any]) -> Config:
        """A copy with other values at the given dotted keys; interpolations that depend on them follow."""
        tree, path = self._origin.unresolved, self._path
        # A node that an interpolation led to has no place of its own to be changed at.
        if not isinstance(_unresolved(self), dict):
            tree, path = literal(self), ()
        for key, value in changes.items():
            tree = put(tree, (*path, *keys_of(key)), _unresolved_value(value))
        changed: Config = _at(config_of(tree, self._origin.surroundings), path)
        return changed

    def to_dict(self, *, strict: bool = True) -> dict[Any, Any]:
        """Plain, mutable dicts and lists with all values.

        Raises what reading a missing or broken value raises; with `strict=False` these stand as their text.
        """
        values: dict[Any, Any] = _thawed(self, strict, self._path)
        return values

    def unresolved(self) -> dict[Any, Any]:
        """Plain, mutable dicts and lists with interpolations as text."""
        node = _unresolved(self)
        return dict(copied(node)) if isinstance(node, dict) else self.to_dict(strict=False)

    def flat(self, *, strict: bool = True) -> dict[str, Any]:
        """Dotted keys to plain values: lists stay whole, an empty mapping is `{}`. `strict` as in `to_dict`.

        >>> Config({"a": {"b": 1, "c": {}}}).flat()
        {'a.b': 1, 'a.c': {}}
        """
        return flatten(self.to_dict(strict=strict))

    @property
    def digest(self) -> str:
        """SHA-256 over the typed tree: 1, 1.0, True and "1" differ, the order of keys does not count.

        The clock, the environment and Hydra's values stand as the text that asks for them.
        """
        if self._digest is None:
            object.__setattr__(self, "_digest", _digest_of(self))
        digest: str = self._digest
        return digest

    def __repr__(self) -> str:
        """As a mapping; what is missing or broken as its text."""
        return f"Config({self.to_dict(strict=False)!r})"

    def _repr_html_(self) -> str:
        """A table of tables, for notebooks."""
        return html_table(self.to_dict(strict=False))

    def _ipython_key_completions_(self) -> list[Any]:
        return list(_values(self))

    def __dir__(self) -> list[str]:
        """Keys and methods, for completion."""
        keys = [key for key in _values(self) if isinstance(key, str) and key.isidentifier()]
        return [*keys, *object.__dir__(self)]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the unresolved tree with no more of the environment than it asks for."""
        return _restored, (self._origin.unresolved, _narrowed(self._origin), self._path)

    def __copy__(self) -> Config:
        """Itself: nothing in it can change."""
        return self

    def __deepcopy__(self, memo: Any) -> Config:
        """Itself: nothing in it can change."""
        return self

    def _no_key(self, key: Any) -> str:
        known = [str(known) for known in _values(self)]
        near = nearest(key, known)
        there = f"there are {', '.join(known)}" if known else "it is empty"
        hint = f"did you mean {dotted((*self._path, near[0]))!r}?" if near else there
        return f"the config has no key {dotted((*self._path, key))!r}; {hint}"

    def _refusal(self, key: Any, value: Any) -> str:
        full = dotted((*self._path, key))
        return (
            f"a Config is immutable: instead of setting {full!r} take config.evolve({{{full!r}: {value!r}}}), or "
            "write as_ConfigDict: true into mlxp.yaml, which gives the task MLXP's mutable dict"
        )


def config_of(unresolved: dict[Any, Any], surroundings: Surroundings) -> Config:
    """A config of plain data that nobody will change, without copying it; resolved when it is first read."""
    config = object.__new__(Config)
    _fill(config, _Origin(unresolved, surroundings), (), None)
    return config


def recorded_config(
    unresolved: dict[Any, Any], values: dict[Any, Any], digest: str, surroundings: Surroundings
) -> Config:
    """A config with the values it had when it was recorded, whatever clock and environment say now.

    >>> config = recorded_config({"at": "${now:%Y}"}, {"at": "2026"}, "1f", Surroundings())
    >>> config.at, config.digest, config.unresolved()
    ('2026', '1f', {'at': '${now:%Y}'})
    """
    origin = _Origin(unresolved, surroundings)
    # What was broken then stands as its text, and is still an error for who reads it.
    holes = _with_holes(values, resolve(unresolved, surroundings)) if "${" in str(values) else values
    config = object.__new__(Config)
    _fill(config, origin, (), _frozen_values(holes, origin, ()))
    object.__setattr__(config, "_digest", digest)
    return config


def _with_holes(value: Any, fresh: Any) -> Any:
    match value, fresh:
        case dict(), dict():
            return {key: _with_holes(item, fresh.get(key)) for key, item in value.items()}
        case list(), list() if len(value) == len(fresh):
            return [_with_holes(*pair) for pair in zip(value, fresh, strict=True)]
        case str(), Broken(text=text) if text == value:
            return fresh
    return value


def literal(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    """Plain data in which every text means itself: what looks like an interpolation is escaped."""
    texts: dict[Any, Any] = escaped(_thawed(mapping, False, ()))
    return texts


def plain(value: Any) -> Any:
    """The value with mutable dicts and lists for configs, mappings, tuples and lists in it."""
    return _thawed(value, True, ())


def holds(config: Config, key: str) -> bool:
    """Whether a dotted key is there, even if its value is missing or broken.

    >>> holds(Config({"a": {"b": "???"}}), "a.b")
    True
    """
    node: Any = config
    for part in keys_of(key):
        step = _child(node, part)
        if step is None:
            return False
        node = step[1]
    return True


def flatten(mapping: Mapping[Any, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys to the values of a nested mapping; lists stay whole, an empty mapping is `{}`.

    >>> flatten({"a": {"b": [1]}, "c": {}}, prefix="config.")
    {'config.a.b': [1], 'config.c': {}}
    """
    flat: dict[str, Any] = {}
    for key, value in mapping.items():
        if isinstance(value, Mapping) and value:
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def unresolved_copy(value: Any) -> Any:
    """A plain copy of what a user gave; a config inside it stands for its values.

    A path is its text, an enum's member its value, a numpy scalar or array its numbers. Raises `ConfigError` for
    what a config file could not hold.
    """
    match value:
        case Enum():
            return unresolved_copy(value.value)
        case str() | int() | float() | None if type(value).__module__ == "builtins":
            return value
        case Mapping():
            return {key: _unresolved_value(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, str | bytes | bytearray):  # OmegaConf's lists among them
            return [_unresolved_value(item) for item in value]
        case PurePath():
            return str(value)
        case _ if hasattr(value, "tolist"):
            return unresolved_copy(value.tolist())
        case str() | int() | float():
            return value
        case _:
            raise ConfigError(
                f"a config holds numbers, texts, booleans, None, lists and mappings, not {value!r} of type "
                f"{type(value).__name__}"
            )


def _unresolved_value(value: Any) -> Any:
    if isinstance(value, Config):
        return literal(value)
    return unresolved_copy(value)


def _fill(config: Config, origin: _Origin, path: Path, values: dict[Any, Any] | None) -> None:
    fill = object.__setattr__
    fill(config, "_origin", origin)
    fill(config, "_path", path)
    fill(config, "_values", values)
    fill(config, "_digest", None)


def _values(config: Config) -> dict[Any, Any]:
    """The frozen values by key; the first look resolves the tree."""
    if config._values is None:
        origin = config._origin
        resolved = resolve(origin.unresolved, origin.surroundings)
        values = _frozen_values(resolved, origin, ())
        object.__setattr__(config, "_values", values)
        return values
    known: dict[Any, Any] = config._values
    return known


def _frozen(value: Any, origin: _Origin, path: Path) -> Any:
    """A resolved value with configs for dicts and frozen lists for lists; called for these only."""
    if isinstance(value, dict):
        node = object.__new__(Config)
        _fill(node, origin, path, _frozen_values(value, origin, path))
        return node
    items = [
        _frozen(item, origin, (*path, index)) if type(item) in (dict, list) else item
        for index, item in enumerate(value)
    ]
    return frozen_list(items, path)


def _frozen_values(mapping: dict[Any, Any], origin: _Origin, path: Path) -> dict[Any, Any]:
    return {
        key: _frozen(item, origin, (*path, key)) if type(item) in (dict, list) else item
        for key, item in mapping.items()
    }


def _child(node: Any, key: Any) -> tuple[Any, Any] | None:
    """As `child`, of a node of a config: holes are as they are."""
    if isinstance(node, Config):
        return child(_values(node), key)
    return child(list(raw_items(node)) if isinstance(node, FrozenList) else node, key)


def _at(node: Any, path: Path) -> Any:
    for key in path:
        node = node[key]
    return node


def _unresolved(config: Config) -> Any:
    """What stands, unresolved, where this node is: a dict, or the text of the interpolation that led here."""
    node: Any = config._origin.unresolved
    for key in config._path:
        step = child(node, key)
        if step is None:
            return None
        node = step[1]
    return node


def _thawed(value: Any, strict: bool, path: Path) -> Any:
    if isinstance(value, Mapping):
        values = _values(value) if isinstance(value, Config) else value
        return {key: _thawed(item, strict, (*path, key)) for key, item in values.items()}
    if isinstance(value, (list, tuple)):
        items = raw_items(value) if isinstance(value, tuple) else value
        return [_thawed(item, strict, (*path, index)) for index, item in enumerate(items)]
    if isinstance(value, Broken):
        return given(value, path) if strict else value.text
    return given(value, path) if strict and is_hole(value) else value


def _digest_of(config: Config) -> str:
    origin = config._origin
    symbolic = resolve(origin.unresolved, origin.surroundings, symbolic=True)
    for key in config._path:
        symbolic = symbolic[key]
    return hashlib.sha256(canonical(symbolic).encode("utf-8", "surrogatepass")).hexdigest()


def _restored(unresolved: dict[Any, Any], surroundings: Surroundings, path: Path) -> Any:
    return _at(config_of(unresolved, surroundings), path)


def _narrowed(origin: _Origin) -> Surroundings:
    """The surroundings without the variables of the environment that the tree does not name."""
    asked = str(origin.unresolved)
    environ = origin.surroundings.environ
    if "oc.env" not in asked:
        return replace(origin.surroundings, environ={})
    return replace(origin.surroundings, environ={name: environ[name] for name in environ if name in asked})
