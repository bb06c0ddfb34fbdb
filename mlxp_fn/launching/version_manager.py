"""From which copy of the code a run executes: the base of version managers of your own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from mlxp_fn.effects.imports import import_by_path
from mlxp_fn.errors import LaunchError


class VersionManager(ABC):
    """Makes the directory that runs execute in, and tells what is in it.

    A subclass is named in the settings by its import path and is given the other settings of
    `version_manager` as arguments, as MLXP does.
    """

    def __init__(self, parent_work_dir: str, compute_requirements: bool = False) -> None:
        """Keep the settings."""
        self.parent_work_dir = parent_work_dir
        self.compute_requirements = compute_requirements

    @abstractmethod
    def make_working_directory(self) -> str:
        """Make the directory, where it is not there yet, and return its path."""

    @abstractmethod
    def get_info(self) -> dict[str, Any]:
        """What is recorded of the version, in `info.version_manager`."""


def version_manager_class(name: str) -> Callable[..., VersionManager]:
    """The version manager that the settings name. Raises `LaunchError` for what is none."""
    if name in ("mlxp.GitVM", "GitVM"):
        raise LaunchError(
            "use_version_manager: true needs a version manager of your own in this version: name a subclass of "
            "mlxp_fn.VersionManager in version_manager.name, or set use_version_manager: false"
        )
    found = import_by_path(name)
    if not (isinstance(found, type) and issubclass(found, VersionManager)):
        raise LaunchError(f"mlxp.version_manager.name is {name!r}, which is no subclass of mlxp_fn.VersionManager")
    return found
