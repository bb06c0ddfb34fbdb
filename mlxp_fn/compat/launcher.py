"""MLXP's `launch`: the task gets MLXP's mutable config, and settings and state as nested configs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from msgspec import structs

from mlxp_fn import launcher
from mlxp_fn.compat.contexts import Context, context_of_mlxp
from mlxp_fn.compat.logger import DefaultLogger
from mlxp_fn.config_dict import ConfigDict

__all__ = ["Context", "launch"]

SETTINGS: Mapping[str, Any] = {"as_ConfigDict": True, "version_manager": {"on_dirty": "ignore"}}
"""Where MLXP's defaults are others than ours."""


def launch(
    config_path: str = "configs", seeding_function: Callable[[Any], Any] | None = None
) -> Callable[..., Any]:
    """`mlxp_fn.launch` with MLXP's defaults; the task is handed MLXP's `Context`, and its result is not kept."""

    def decorate(task: Callable[[Context], Any]) -> Callable[..., Any]:
        @functools.wraps(task)
        def as_in_mlxp(ctx: Any) -> None:
            task(context_of_mlxp(ctx))

        launch = launcher.launch_of(as_in_mlxp, seeding_function)
        launching = structs.replace(launch, settings=SETTINGS, logger=DefaultLogger)
        return launcher.launching_itself(launching, as_in_mlxp, config_path)

    return decorate


def instantiate(class_name: str) -> Any:
    """The class or function of that name; one without a module is one of MLXP's, or built in."""
    if "." in class_name:
        return launcher.instantiate(class_name)
    for module in ("mlxp", "builtins"):
        found = getattr(import_module(module), class_name, None)
        if found is not None:
            return found
    raise AttributeError(f"there is no {class_name!r} in mlxp, and nothing built in has that name")


def instance_from_dict(class_name: str, arguments: Mapping[str, Any] | None = None, module: Any = None) -> Any:
    """What that class makes of keyword arguments; a name without a module is looked for in `module` first."""
    made = getattr(module, class_name, None) if "." not in class_name else None
    return (made or instantiate(class_name))(**(arguments or {}))


def _instance_from_config(config: Mapping[str, Any], module: Any = None) -> Any:
    """What the class that the key `name` says makes of the other keys, as in 0.2.7."""
    arguments = {key: value for key, value in config.items() if key != "name"}
    return instance_from_dict(config["name"], arguments, module)


def _import_module(module_name: str, main_module: Any) -> Any:
    """What a name means, as in 0.2.7."""
    return instantiate(module_name) if "." in module_name else getattr(main_module, module_name)


def convert_dict(src_dict: Any, src_class: type | None = None, dst_class: Any = ConfigDict) -> Any:
    """Mappings of the class `src_class` (where none is given, of any) as `dst_class`, however deep."""
    from mlxp_fn.tree.config import unresolved_copy

    def converted(value: Any) -> Any:
        if isinstance(value, Mapping) and (src_class is None or isinstance(value, src_class)):
            return convert_dict(value, src_class, dst_class)
        return unresolved_copy(value) if hasattr(value, "_metadata") else value  # a list of OmegaConf's

    return dst_class({key: converted(value) for key, value in src_dict.items()})
