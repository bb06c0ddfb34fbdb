"""Which modules of a repository this process has imported, or would, from elsewhere than its copy."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import PurePath

from mlxp_fn.versions.names import own_modules

_PYTHONS_OWN = ("_frozen_importlib", "_frozen_importlib_external", "_distutils_hack", "six")
"""Modules whose finders lead to no project."""


def modules_from_elsewhere(root: str, copy: str) -> dict[str, str]:
    """Top-level names and files of modules that lie in the repository at `root` and not in its copy.

    The environment of the interpreter is exempt, even where it lies in the repository.
    """

    @cache
    def is_elsewhere(folder: str) -> bool:
        place = PurePath(os.path.realpath(folder))
        return place.is_relative_to(root) and not place.is_relative_to(copy) and not _is_environment(place)

    found: dict[str, str] = {}
    for name, file in (*_loaded(), *_loadable(copy, is_elsewhere)):
        if is_elsewhere(os.path.dirname(file)):
            found.setdefault(name.partition(".")[0], file)
    return found


def _loaded() -> Iterator[tuple[str, str]]:
    for name, module in list(sys.modules.items()):
        # Not getattr: a lazy module would load itself.
        file = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(file, str):
            yield name, file


def _loadable(copy: str, is_elsewhere: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """What imports that are still to come would find."""
    for entry in sys.path:
        if entry and is_elsewhere(entry):
            yield from _found(_names_in(entry), PathFinder.find_spec)
    if any(_is_unusual(finder) for finder in sys.meta_path) or any("__editable__" in entry for entry in sys.path):
        from importlib.util import find_spec

        from mlxp_fn.effects.working_trees import tracked_files

        yield from _found(own_modules(tracked_files(copy)), find_spec)


def _found(names: Iterable[str], find: Callable[[str], ModuleSpec | None]) -> Iterator[tuple[str, str]]:
    for name in names:
        try:
            spec = find(name)
        except (ImportError, ValueError, AttributeError):
            continue  # a finder that fails finds nothing; a module without a spec is among those loaded
        if spec is None:
            continue
        places = [spec.origin] if spec.has_location and spec.origin else []
        yield from ((name, place) for place in places)
        if not places and spec.submodule_search_locations:
            yield from ((name, os.path.join(place, "__init__.py")) for place in spec.submodule_search_locations)


def _names_in(entry: str) -> list[str]:
    try:
        names = (name.partition(".")[0] for name in os.listdir(entry))
    except OSError:
        return []
    return sorted({name for name in names if name.isidentifier()})


def _is_unusual(finder: object) -> bool:
    kind = finder if isinstance(finder, type) else type(finder)
    return kind.__module__ not in _PYTHONS_OWN


def _is_environment(place: PurePath) -> bool:
    if any(place.is_relative_to(os.path.realpath(prefix)) for prefix in {sys.prefix, sys.base_prefix}):
        return True
    return not {"site-packages", "dist-packages"}.isdisjoint(place.parts)
