"""What is said of a choice that cannot be made: what was asked for, who asked, and what there is instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlxp_fn.config.source_files import Sources
from mlxp_fn.nearest import nearest

_INSTEAD = {
    "hydra/launcher": "Hydra's plugins are not used here: a cluster gets its jobs through mlxpsub",
    "hydra/sweeper": "Hydra's plugins are not used here: a sweep is written as key=a,b,c or built with mlxp.sweep",
}
"""What is done here in place of a plugin of Hydra's."""


def no_primary(sources: Sources, name: str) -> str:
    """There is no primary config of that name."""
    there = ", ".join(sources.options("")) or "no configs"
    return f"there is no config {name!r}; there are {there}\n{_searched(sources)}"


def no_choice(sources: Sources, group: str, key: str, asking: str) -> str:
    """A mandatory choice was not made."""
    options = ", ".join(sources.options(group))
    return f"{asking}.yaml: an option of {key} must be chosen; write {key}=<OPTION>, with one of {options}"


def not_there(sources: Sources, path: str, asking: str) -> str:
    """A file or an option is not there."""
    group, _, name = path.rpartition("/")
    options = sources.options(group)
    near = nearest(name, options)
    asked = f"asked for in {asking}.yaml" if asking else "asked for in an override"
    meant = f"did you mean {near[0]}? " if near else ""
    instead = f"; {_INSTEAD[group]}" if group in _INSTEAD else ""
    there = f"{meant}{_there(sources, group, options)}{instead}"
    return f"{path}.yaml, {asked}, is not there; {there}\n{_searched(sources)}"


def unused(key: str, origin: str, text: str, made: Mapping[str, Any]) -> str:
    """An override of a group matches nothing in the defaults list; `origin` is the file that has it, if any."""
    group = key.partition("@")[0]
    near = [known for known in made if known.partition("@")[0] == group]
    near = near or [known for known in made if known.endswith(f"/{group}")]
    meant = f"; did you mean {', '.join(near)}?" if near else ""
    if origin:
        return f"{origin}.yaml: `override {key}` matches nothing in the defaults list{meant}"
    return f"{text}: {key} is not in the defaults list{meant or f'; to append it write +{text}'}"


def not_deleted(what: str, text: str, made: Mapping[str, Any]) -> str:
    """A choice that should be deleted was not made."""
    there = ", ".join(f"{key}={option}" for key, option in made.items() if not key.startswith("hydra/"))
    return f"{text}: {what} is not in the defaults list and cannot be deleted; there is {there or 'nothing'}"


def _there(sources: Sources, group: str, options: tuple[str, ...]) -> str:
    if group and not sources.is_group(group):
        return f"there is no group {group!r}; there are {', '.join(sources.groups()) or 'none'}"
    if not options:
        return f"{group!r} has no options"
    return f"the options of {group} are {', '.join(options)}" if group else f"there are {', '.join(options)}"


def _searched(sources: Sources) -> str:
    return f"searched in {', '.join(layer.name for layer in sources.layers) or 'no directory'}"
