"""YAML text to plain data, read by libyaml with OmegaConf's rules for scalars."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import yaml

from mlxp_fn.errors import ConfigError, InterpolationError
from mlxp_fn.tree.interpolation_grammar import parse_interpolated

_FLOAT = re.compile(
    r"""^(?:[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
        |[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)
        |\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?
        |[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*
        |[-+]?\.(?:inf|Inf|INF)
        |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)
_TAG = "tag:yaml.org,2002:"
_TEXT, _NULL, _LIST, _MAPPING = (_TAG + kind for kind in ("str", "null", "seq", "map"))
_MAXIMAL_NODES = 1_000_000


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """libyaml's loader: `1e-3` is a number, a date is a text, a repeated key is an error."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Refuse a key that is given twice; merge keys (`<<`) may be overridden."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key.value, str) and key.tag != _TAG + "merge":
                if (key.tag, key.value) in seen:
                    raise _given_twice(key)
                seen.add((key.tag, key.value))
        return super().construct_mapping(node, deep)

    def resolve(self, kind: Any, value: str | None, implicit: tuple[bool, bool]) -> str:
        """The tag of a node. The same words come again and again, and nothing is resolved by its path."""
        if kind is yaml.ScalarNode and implicit[0] and value is not None:
            return _tag_of_plain(value)
        tag: str = super().resolve(kind, value, implicit)
        return tag


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag not in (_TAG + "timestamp", _TAG + "float")]
    for first, rules in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_TAG + "float", _FLOAT, list("-+0123456789."))
for _name in ("pathlib.Path", "pathlib.PosixPath", "pathlib._local.Path", "pathlib._local.PosixPath"):
    _Loader.add_constructor(
        f"{_TAG}python/object/apply:{_name}",
        lambda loader, node: PurePosixPath(*loader.construct_sequence(node)),
    )


def parse_yaml(text: str, name: str = "the text") -> Any:
    """The plain data that a YAML document describes.

    The result is shared between callers and must not be changed. Raises `ConfigError` that names the place.

    >>> parse_yaml("{lr: 1e-3, day: 2026-11-23, on: yes}")
    {'lr': 0.001, 'day': '2026-11-23', True: True}
    """
    try:
        return _parsed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{name}{place}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{name} is no YAML: {error}") from error
    except InterpolationError as error:
        raise ConfigError(f"{name}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: {error}") from error
    except (LookupError, AttributeError, TypeError) as error:  # PyYAML's own: `!!bool maybe`, `!!timestamp soon`
        raise ConfigError(f"{name}: a value is not what its tag says ({error})") from error


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if "*" in text:  # an alias, perhaps
            _refuse_explosion(node)
        data = None if node is None else _plain(loader, node)
    finally:
        loader.dispose()
    check_data(data)
    return data


@lru_cache(maxsize=4096)
def _tag_of_plain(value: str) -> str:
    rules = _Loader.yaml_implicit_resolvers
    for tag, pattern in (*rules.get(value[:1], ()), *rules.get(None, ())):
        if pattern.match(value):
            return str(tag)
    return _TEXT


def _plain(loader: _Loader, node: Any) -> Any:
    """What a node stands for: plain trees are made here, all else by PyYAML, which takes three times as long."""
    tag = node.tag
    if _is_text(node):
        return node.value
    if tag == _MAPPING and type(node) is yaml.MappingNode and all(_is_text(key) for key, _ in node.value):
        mapping: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in mapping:
                raise _given_twice(key)
            mapping[key.value] = _plain(loader, value)
        return mapping
    if tag == _LIST and type(node) is yaml.SequenceNode:
        return [_plain(loader, item) for item in node.value]
    return None if tag == _NULL else loader.construct_object(node, deep=True)


def _is_text(node: Any) -> bool:
    return node.tag == _TEXT and type(node) is yaml.ScalarNode


def _given_twice(key: Any) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, f"found duplicate key {key.value}", key.start_mark)


def _refuse_explosion(node: Any) -> None:
    """Aliases within aliases can stand for more nodes than there is memory, or for themselves."""
    sizes: dict[int, int] = {}

    def size(part: Any) -> int:
        if id(part) not in sizes:
            # Open: a part within itself has no end.
            sizes[id(part)] = _MAXIMAL_NODES
            below = part.value if isinstance(part.value, list) else []
            children = [item for entry in below for item in (entry if isinstance(entry, tuple) else (entry,))]
            sizes[id(part)] = 1 + sum(map(size, children))
        return sizes[id(part)]

    if node is not None and size(node) >= _MAXIMAL_NODES:
        raise ValueError("its aliases stand for more than a million values, or for themselves")


def check_data(data: Any) -> None:
    """Refuse keys that no config can have, and texts with half an interpolation."""
    match data:
        case dict():
            for key, value in data.items():
                if key is None or not isinstance(key, (str, int, float, bytes)):
                    raise ValueError(f"{key!r} cannot be a key; quote it if it is text")
                check_data(value)
        case list():
            for value in data:
                check_data(value)
        case str() if "${" in data:
            parse_interpolated(data)
