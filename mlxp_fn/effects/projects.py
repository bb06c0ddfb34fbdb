"""A small project on the disk: written from the package's templates, its scripts run as a user runs them."""

from __future__ import annotations

import os
import shutil
import sys
from importlib import resources
from pathlib import Path

from attrs import frozen

from mlxp_fn.effects.children import status_of
from mlxp_fn.errors import DemoError, LaunchError

FILES = ("configs/config.yaml", "configs/mlxp.yaml", "main.py", "read.py")
"""What a project consists of."""

MARKED_FILE = "configs/mlxp.yaml"
MARK = "# An mlxp_fn project"
"""How the first line of the marked file begins in a project that we may add runs to."""


@frozen(kw_only=True)
class Project:
    """A directory with a task, its configs and a script that reads its runs."""

    directory: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def write_project(directory: Path) -> Project:
    """Write the files of a project that are not there yet into `directory`; the others are kept as they are.

    Raises `DemoError` where something else lies there.
    """
    try:
        if os.path.lexists(directory) and not directory.is_dir():
            raise DemoError(f"{directory} is not a directory; name a new or an empty one")
        if not is_free(directory) and not is_project(directory):
            raise DemoError(
                f"{directory} is not empty, and no project of mlxp_fn: the first line of "
                f"{directory / MARKED_FILE} would begin with {MARK!r}; name a new or an empty directory"
            )
        written = tuple(name for name in FILES if _write(directory / name, _template(name)))
    except OSError as error:
        if isinstance(error, DemoError):
            raise
        raise DemoError(f"cannot write a project into {directory}: {error.strerror}") from error
    return Project(directory=directory, written=written, kept=tuple(name for name in FILES if name not in written))


def is_free(directory: Path) -> bool:
    """Whether there is nothing at `directory`, or a directory with nothing in it."""
    return not os.path.lexists(directory) or (directory.is_dir() and not any(directory.iterdir()))


def is_project(directory: Path) -> bool:
    """Whether a project of ours lies there, edited or not."""
    try:
        with open(directory / MARKED_FILE, encoding="utf-8") as file:
            return file.readline().startswith(MARK)
    except (OSError, UnicodeDecodeError):
        return False


def run_script(directory: Path, script: str, *arguments: str) -> None:
    """Run a script of a project in a process of its own, which has our terminal.

    Raises `LaunchError` where it ends with another status than 0.
    """
    status = status_of((sys.executable, script, *arguments), str(directory), {})
    if status:
        raise LaunchError(f"{directory / script} ended with status {status}")


def python_as_typed(directory: Path) -> str:
    """The shortest way to name this interpreter in a shell that stands in `directory`."""
    found = shutil.which("python")
    if found and Path(found).parent == Path(sys.executable).parent:
        return "python"
    return min(sys.executable, os.path.relpath(sys.executable, directory), key=len)


def _template(name: str) -> bytes:
    return resources.files("mlxp_fn").joinpath("templates", name).read_bytes()


def _write(path: Path, content: bytes) -> bool:
    """Make a file with this content; False, and nothing done, where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True
