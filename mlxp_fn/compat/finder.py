"""The modules of MLXP, made of the table of names: found before any others, and none of our code runs twice."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from mlxp_fn.compat.names import NAMES, PACKAGES


class _Names(Loader):
    """Fills a module with names that are looked up when they are used."""

    def exec_module(self, module: ModuleType) -> None:
        names = NAMES[module.__name__]

        def look_up(name: str) -> Any:
            return _looked_up(module, name)

        module.__doc__ = f"{module.__name__} of MLXP, as mlxp_fn understands it."
        # `from mlxp import *` takes what MLXP's own list has: no sub-module.
        vars(module).update(__all__=sorted(names), __getattr__=look_up, __dir__=lambda: sorted(names))


class Finder(MetaPathFinder):
    """Finds `mlxp` and what is in it, in the table and nowhere else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module of the table. Raises `ModuleNotFoundError` for another one of MLXP's."""
        if fullname.partition(".")[0] != "mlxp":
            return None
        if fullname not in NAMES:
            there = ", ".join(sorted(NAMES))
            raise ModuleNotFoundError(
                f"compatibility mode has no module {fullname!r}; there are {there}", name=fullname
            )
        return ModuleSpec(fullname, _Names(), is_package=fullname in PACKAGES)


def install() -> None:
    """Let this process find the modules of MLXP here."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())


def _looked_up(module: ModuleType, name: str) -> Any:
    inner = f"{module.__name__}.{name}"
    if inner in NAMES:
        return import_module(inner)
    names = NAMES[module.__name__]
    if name not in names:
        there = ", ".join(sorted(names)) or "none"
        raise AttributeError(f"module {module.__name__!r} has no {name!r} in compatibility mode; names: {there}")
    home, _, called = names[name].partition(":")
    value = getattr(import_module(home), called or name)
    setattr(module, name, value)
    return value
