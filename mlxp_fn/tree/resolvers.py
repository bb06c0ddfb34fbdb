"""The resolvers that `${name:...}` calls: OmegaConf's `oc.*`, Hydra's, and those that users registered."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlxp_fn.errors import InterpolationError
from mlxp_fn.tree.interpolation_grammar import parse_element
from mlxp_fn.tree.paths import Path, dotted, is_missing

if TYPE_CHECKING:
    from mlxp_fn.tree.interpolation import Resolution

_NOTHING: Any = object()

IMPURE = frozenset({"now", "oc.env", "hydra", "python_version"})
"""The resolvers whose value is not a function of the config."""


def _env(resolution: Resolution, path: Path, name: str, default: Any = _NOTHING) -> Any:
    value = resolution.surroundings.environ.get(str(name))
    if value is not None:
        return value
    if default is _NOTHING:
        raise InterpolationError(
            f"${{oc.env:{name}}} in {dotted(path)}: the environment variable {name!r} is not set; "
            f"${{oc.env:{name},value}} gives it a default"
        )
    return None if default is None else str(default)


def _decode(resolution: Resolution, path: Path, text: Any) -> Any:
    if text is None:
        return None
    if not isinstance(text, str):
        raise TypeError(f"oc.decode takes a text, not {text!r}")
    return resolution.evaluate(parse_element(text), path)


def _create(resolution: Resolution, path: Path, value: Any) -> Any:
    if value is not None and not isinstance(value, (dict, list)):
        raise TypeError(f"it makes a list or a mapping, not {value!r}; oc.decode reads one from a text")
    return value


def _select(resolution: Resolution, path: Path, key: str, default: Any = None) -> Any:
    return resolution.select(str(key), path, default)


def _mapping(resolution: Resolution, path: Path, key: Any) -> Mapping[Any, Any]:
    value = key if isinstance(key, Mapping) else resolution.select(str(key), path, _NOTHING)
    if value is _NOTHING:
        raise InterpolationError(f"{dotted(path)}: there is no key {key!r}")
    if not isinstance(value, Mapping):
        raise TypeError(f"{key!r} is no mapping")
    return value


def _keys(resolution: Resolution, path: Path, key: Any) -> list[Any]:
    return list(_mapping(resolution, path, key))


def _values(resolution: Resolution, path: Path, key: Any) -> list[Any]:
    return list(_mapping(resolution, path, key).values())


def _deprecated(
    resolution: Resolution,
    path: Path,
    key: str,
    message: str = "'$OLD_KEY' is deprecated. Change your code and config to use '$NEW_KEY'",
) -> Any:
    value = resolution.select(str(key), path, _NOTHING)
    if value is _NOTHING:
        raise InterpolationError(f"{dotted(path)} is deprecated in favour of {key!r}, which is not there")
    warnings.warn(message.replace("$OLD_KEY", dotted(path)).replace("$NEW_KEY", str(key)), stacklevel=2)
    return value


def _now(resolution: Resolution, path: Path, pattern: str) -> str:
    if resolution.surroundings.now is None:
        raise InterpolationError(f"${{now:{pattern}}} in {dotted(path)}: no time was given to compose with")
    return resolution.surroundings.now.strftime(str(pattern))


def _hydra(resolution: Resolution, path: Path, key: str) -> Any:
    node: Any = resolution.surroundings.hydra
    for part in str(key).split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    if is_missing(node):
        raise InterpolationError(f"${{hydra:{key}}} in {dotted(path)}: hydra.{key} is not known when composing")
    return node


def _python_version(resolution: Resolution, path: Path, part: str = "minor") -> str:
    version = sys.version_info
    parts = {
        "major": f"{version.major}",
        "minor": f"{version.major}.{version.minor}",
        "micro": f"{version.major}.{version.minor}.{version.micro}",
    }
    if part not in parts:
        raise InterpolationError(f"${{python_version:{part}}} in {dotted(path)}: there are {', '.join(parts)}")
    return parts[part]


RESOLVERS: Mapping[str, Callable[..., Any]] = {
    "oc.env": _env,
    "oc.decode": _decode,
    "oc.create": _create,
    "oc.select": _select,
    "oc.dict.keys": _keys,
    "oc.dict.values": _values,
    "oc.deprecated": _deprecated,
    "now": _now,
    "hydra": _hydra,
    "python_version": _python_version,
}
"""Every built-in resolver: a function of the resolution, the place of the interpolation and the arguments."""


def call_foreign(
    resolution: Resolution, path: Path, name: str, arguments: list[Any], texts: tuple[str, ...]
) -> Any:
    """The value of a resolver that the user registered with OmegaConf.

    Raises `InterpolationError` where there is none of that name.
    """
    # Whoever registered one has imported omegaconf; importing it costs more than composing a thousand jobs.
    if "omegaconf" not in sys.modules:
        raise _unknown(name, path)
    from omegaconf import OmegaConf
    from omegaconf.basecontainer import BaseContainer

    if not OmegaConf.has_resolver(name):
        raise _unknown(name, path)
    root: Any = OmegaConf.create(resolution.root)
    parent = OmegaConf.select(root, dotted(path[:-1])) if path[:-1] else root
    node = parent._get_node(path[-1]) if parent is not None else None
    value = BaseContainer._resolvers[name](root, parent, node, tuple(arguments), texts)
    return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value


def _unknown(name: str, path: Path) -> InterpolationError:
    return InterpolationError(
        f"{dotted(path)}: there is no resolver {name!r}; there are {', '.join(sorted(RESOLVERS))} and those "
        f"registered with OmegaConf.register_new_resolver"
    )
