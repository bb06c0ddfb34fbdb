"""From which copy of the code a run executes: the base of version managers of your own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mlxp_fn.effects.environment import working_directory
from mlxp_fn.effects.imports import import_by_path
from mlxp_fn.effects.marks import become
from mlxp_fn.errors import LaunchError
from mlxp_fn.launching.preparation import made
from mlxp_fn.records import VERSION_MANAGER_NAMES, Settings

if TYPE_CHECKING:
    from mlxp_fn.versions.marks import Mark


class Executed(Struct, frozen=True):
    """What is recorded of the code that runs execute, if anything, and the directory that they execute in."""

    info: Mapping[str, Any] | None
    work_dir: str


class Moved(Struct, frozen=True, kw_only=True):
    """A command that starts a script from a copy: where, its words, which of them names the script, and the mark
    that tells the process so.
    """

    directory: str
    argv: tuple[str, ...]
    script: int | None
    mark: Mark


class VersionManager(ABC):
    """Makes the directory that runs execute in, and tells what is in it.

    A subclass is named in the settings by its import path and is given the other settings of
    `version_manager` as arguments, as MLXP does.
    """

    def __init__(self, parent_work_dir: str = "./.work_dir", compute_requirements: bool = False) -> None:
        """Keep the settings."""
        self.parent_work_dir = parent_work_dir
        self.compute_requirements = compute_requirements

    @abstractmethod
    def make_working_directory(self) -> str:
        """Make the directory, where it is not there yet, and return its path."""

    @abstractmethod
    def get_info(self) -> dict[str, Any]:
        """What is recorded of the version, in `info.version_manager`."""

    @classmethod
    def arguments(cls, settings: Settings, code_dir: Path) -> dict[str, Any]:
        """What the constructor is given: the settings of `version_manager`; a task's code lies in `code_dir`."""
        chosen = settings.version_manager
        return {
            "parent_work_dir": chosen.parent_work_dir,
            "compute_requirements": chosen.compute_requirements,
            **chosen.options,
        }

    def moved(self) -> Moved | None:
        """This process's command, said in the directory; None where it is there, or runs only change into it."""
        return None

    def entered(self) -> Executed:
        """The version that runs of this process execute, and where."""
        work_dir = self.make_working_directory()
        return Executed(self.get_info(), work_dir)


def make_version(settings: Settings, code_dir: Path) -> Executed:
    """The version that the settings ask for of the code in `code_dir`: made once, however many jobs run it."""
    if not settings.use_version_manager:
        return Executed(None, working_directory())
    return _manager(settings, code_dir).entered()


def start_from_version(settings: Settings, code_dir: Path) -> None:
    """Start this process's script again from a copy of its code, where the settings ask for that."""
    if moved := moved_command(settings, code_dir):
        become(moved.directory, moved.argv, moved.mark)


def moved_command(settings: Settings, code_dir: Path) -> Moved | None:
    """How this process would be started from a copy of its code, which is made; None where it stays where it is."""
    return _manager(settings, code_dir).moved() if settings.use_version_manager else None


def _manager(settings: Settings, code_dir: Path) -> VersionManager:
    kind = version_manager_class(settings.version_manager.name)
    manager: VersionManager = made(kind, "version_manager", **kind.arguments(settings, code_dir))
    return manager


def version_manager_class(name: str) -> type[VersionManager]:
    """The version manager that the settings name. Raises `LaunchError` for what is none."""
    if name in VERSION_MANAGER_NAMES:
        from mlxp_fn.launching.git_versions import GitVM  # a launch without versions does not need it

        return GitVM
    found = import_by_path(name)
    if not (isinstance(found, type) and issubclass(found, VersionManager)):
        raise LaunchError(f"mlxp.version_manager.name is {name!r}, which is no subclass of mlxp_fn.VersionManager")
    return found
