"""The packages that this interpreter has, and which of them a copy of the code imports."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

from mlxp_fn.effects.working_trees import tracked_files
from mlxp_fn.versions.names import own_modules
from mlxp_fn.versions.requirements import distributions, imported_names


def installed_requirements(copy: Path) -> tuple[str, ...]:
    """The installed packages that the code in a copy imports, as `name==version`; nothing is asked of a network."""
    tracked = tracked_files(str(copy))
    names = frozenset[str]().union(
        *(imported_names((copy / path).read_bytes()) for path in tracked if path.endswith(".py"))
    )
    own = own_modules(tracked)
    return tuple(_pinned(name) for name in distributions(names - own, packages_distributions()))


def _pinned(name: str) -> str:
    try:
        return f"{name}=={version(name)}"
    except PackageNotFoundError:  # removed while we looked
        return name
