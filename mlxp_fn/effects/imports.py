"""Objects that the settings name by their import path."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mlxp_fn.errors import LaunchError


def import_by_path(path: str) -> Any:
    """The object at `package.module.Name`. Raises `LaunchError` where there is none.

    >>> import_by_path("pathlib.PurePath").__name__
    'PurePath'
    """
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise LaunchError(f"cannot import {path!r}, which the settings name: {error}") from error
