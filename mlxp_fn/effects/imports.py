"""Objects that users name by their import path."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mlxp_fn.errors import LaunchError


def imported(path: str) -> Any:
    """The object at `package.module.Name`. Raises `ImportError` or `AttributeError` where there is none.

    >>> imported("pathlib.PurePath").__name__
    'PurePath'
    """
    module, _, name = path.rpartition(".")
    if not module:
        raise ImportError(f"{path!r} has no module; write it as package.module.name")
    return getattr(import_module(module), name)


def import_by_path(path: str) -> Any:
    """The object that the settings name. Raises `LaunchError` where there is none."""
    try:
        return imported(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise LaunchError(f"cannot import {path!r}, which the settings name: {error}") from error
