"""Composing: sources and overrides make one config. Nothing here sees a disk, a clock or the environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve
from msgspec import Struct
from msgspec.structs import replace

from mlxp_fn.config.changes import changed, refuse_unusable
from mlxp_fn.config.default_items import Option
from mlxp_fn.config.defaults_list import DefaultsList, Part, defaults_list
from mlxp_fn.config.groups import choices_of, refuse_sweep, sorted_out
from mlxp_fn.config.hydra_node import (
    HYDRA_FILES,
    checked_node,
    hydra_values,
    is_hydra,
    refuse_without_effect,
    search_path,
)
from mlxp_fn.config.merging import merged, put_into
from mlxp_fn.config.overrides import parse_override
from mlxp_fn.config.source_files import Sources
from mlxp_fn.config.syntax import Change, Override, plain_value
from mlxp_fn.config.yaml_text import check_data, parse_yaml
from mlxp_fn.errors import ConfigError, OverrideError
from mlxp_fn.tree import Config, config_of
from mlxp_fn.tree.interpolation import Surroundings
from mlxp_fn.tree.plain_data import copied

SETTINGS = "mlxp"
"""The node of the library's own settings, which is no part of a job's config."""


class Composed(Struct, frozen=True, kw_only=True):
    """A job's config, the settings that it runs with, the option that each group got, and the files it is of."""

    config: Config
    settings: dict[str, Any]
    choices: Mapping[str, Option]
    parts: tuple[Part, ...]


class _Tree(Struct, frozen=True, kw_only=True):
    plain: dict[Any, Any]
    hydra: dict[str, Any]
    choices: Mapping[str, Option]
    parts: tuple[Part, ...]
    surroundings: Surroundings


def compose(
    sources: Sources,
    overrides: Iterable[str | Override] = (),
    config_name: str = "config",
    surroundings: Surroundings = Surroundings(),  # noqa: B008  immutable
    *,
    may_be_absent: bool = False,
) -> Config:
    """The config that the files in `sources` and the overrides make.

    Raises a `ConfigError`: `OverrideError`, `UnknownConfigKeyError` or `MissingConfigError`.
    """
    tree = _composed(sources, _parsed(overrides), config_name, surroundings, may_be_absent)
    return config_of(tree.plain, tree.surroundings)


def compose_job(
    sources: Sources,
    overrides: Iterable[str | Override] = (),
    config_name: str = "config",
    surroundings: Surroundings = Surroundings(),  # noqa: B008  immutable
    *,
    settings: Mapping[str, Any] | None = None,
    may_be_absent: bool = True,
) -> Composed:
    """The config of a job and, apart from it, its settings.

    The settings are the given ones, changed by `mlxp.yaml`, by a node `mlxp` in the config, and by the overrides
    of `mlxp` and `mlxp.<key>`, which need no `+`.
    """
    parsed = _parsed(overrides)
    own = tuple(override for override in parsed if is_setting(override))
    rest = tuple(override for override in parsed if not is_setting(override))
    tree = _composed(sources, rest, config_name, surroundings, may_be_absent)
    refuse_without_effect(tree.hydra)
    node = tree.plain.get(SETTINGS)
    plain = {key: value for key, value in tree.plain.items() if key != SETTINGS}
    merged_settings = _settings(sources, settings or {}, node, own)
    return Composed(
        config=config_of(plain, tree.surroundings),
        settings=_resolved_settings(merged_settings, plain, tree.surroundings),
        choices=tree.choices,
        parts=tree.parts,
    )


def is_setting(override: Override) -> bool:
    """Whether an override is for the library's own settings."""
    return override.key == SETTINGS or override.key.startswith(f"{SETTINGS}.")


def settings_file(sources: Sources) -> dict[str, Any]:
    """What `mlxp.yaml` says, at its top level or below `mlxp`. Raises `ConfigError` where it is no mapping."""
    text = sources.text(SETTINGS)
    body = parse_yaml(text, f"{SETTINGS}.yaml") if text else None
    if isinstance(body, dict) and set(body) == {SETTINGS}:
        body = body[SETTINGS]
    if body is not None and not isinstance(body, dict):
        raise ConfigError(f"{SETTINGS}.yaml holds {body!r}; it holds a mapping of settings")
    return body or {}


def searched_directories(
    sources: Sources, overrides: Iterable[str | Override], config_name: str
) -> tuple[str, ...]:
    """What `hydra.searchpath` says, in the primary config and the overrides, before it is resolved."""
    primary = sources.find(config_name) if config_name else None
    body = primary.body if primary and isinstance(primary.body, dict) else {}
    node: dict[Any, Any] = {"hydra": checked_node(body.get("hydra"), open_to_more=True)}
    for override in _parsed(overrides):
        if override.key == "hydra.searchpath" and not override.is_sweep:
            node = changed(node, override)
    return search_path(node["hydra"])


def _parsed(overrides: Iterable[str | Override]) -> tuple[Override, ...]:
    return tuple(parse_override(o) if isinstance(o, str) else o for o in overrides)


def _settings(
    sources: Sources, given: Mapping[str, Any], node: Any, overrides: Sequence[Override]
) -> dict[str, Any]:
    if node is not None and not isinstance(node, dict):
        raise ConfigError(f"the node {SETTINGS} of a config is a mapping of settings, not {node!r}")
    plain = merged(dict(given), settings_file(sources), {})
    tree = {SETTINGS: merged(plain, node or {}, {})}
    for override in overrides:
        refuse_sweep(override)
        refuse_unusable(override)
        if override.change is not Change.DELETE:
            override = evolve(override, change=Change.FORCE_ADD)
        tree = changed(tree, override)
    settings: dict[str, Any] = tree.get(SETTINGS) or {}
    return settings


def _resolved_settings(
    settings: dict[str, Any], plain: dict[Any, Any], surroundings: Surroundings
) -> dict[str, Any]:
    """The settings with values for interpolations, which may ask for keys of the config."""
    if "${" not in repr(settings):
        resolved: dict[str, Any] = copied(settings)
        return resolved
    return config_of({**plain, SETTINGS: settings}, surroundings)[SETTINGS].to_dict()  # type: ignore[no-any-return]


def _composed(
    sources: Sources,
    overrides: tuple[Override, ...],
    config_name: str,
    surroundings: Surroundings,
    may_be_absent: bool,
) -> _Tree:
    groups, values = sorted_out(sources, overrides)
    found = defaults_list(sources, config_name, choices_of(groups), surroundings, may_be_absent=may_be_absent)
    tree = _merged(found, config_name, sources.base)
    hydra = checked_node(tree.pop("hydra", None))
    for override in values:
        refuse_unusable(override)
        if is_hydra(override) and "/" not in override.key:
            hydra = _changed_hydra(hydra, override)
        else:
            tree = changed(tree, override)
            _check_value(override)
    search_path(hydra)
    name = config_name.removesuffix(".yaml")
    values_of_hydra = hydra_values(
        hydra, surroundings.hydra, config_name=name, choices=found.choices, overrides=overrides
    )
    return _Tree(
        plain=tree,
        hydra=hydra,
        choices=found.choices,
        parts=found.parts,
        surroundings=replace(surroundings, hydra=values_of_hydra),
    )


def _merged(found: DefaultsList, config_name: str, base: Mapping[str, Any]) -> dict[Any, Any]:
    tree: dict[Any, Any] = dict(base)
    for part in found.parts:
        if part.path in HYDRA_FILES:
            continue
        if part.path != config_name.removesuffix(".yaml"):
            _refuse_search_path(part.package, part.body, part.path)
        try:
            tree = put_into(tree, part.package, part.body)
        except ConfigError as error:
            raise ConfigError(f"{part.path}.yaml: {error}") from error
    return tree


def _refuse_search_path(package: tuple[str, ...], body: Any, path: str) -> None:
    node = body.get("hydra") if not package and isinstance(body, dict) else body if package == ("hydra",) else None
    if isinstance(node, dict) and "searchpath" in node:
        raise ConfigError(f"{path}.yaml: hydra.searchpath stands in the primary config or on the command line only")


def _changed_hydra(hydra: dict[str, Any], override: Override) -> dict[str, Any]:
    if override.key == "hydra" and override.change is Change.DELETE:
        raise OverrideError(f"{override.text}: the node hydra cannot be deleted")
    tree = changed({"hydra": hydra}, override)
    try:
        return checked_node(tree.get("hydra"), open_to_more=True)
    except ConfigError as error:
        raise OverrideError(f"{override.text}: {error}") from error


def _check_value(override: Override) -> None:
    try:
        check_data(plain_value(override.value))
    except ValueError as error:
        raise OverrideError(f"{override.text}: {error}") from error
