"""Starting a script again from a copy of its code, and telling in the new process that it was."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mlxp_fn.effects.printed import flush
from mlxp_fn.errors import VersionError

if TYPE_CHECKING:
    from mlxp_fn.versions.marks import Mark


VARIABLE = "MLXP_FN_VERSION"
"""The environment variable that holds the mark."""


def mark() -> Mark | None:
    """The mark that this process, or one that it stems from, was started with."""
    text = os.environ.get(VARIABLE)
    if not text:
        return None  # as in most launches, which need not load what reads it
    from mlxp_fn.versions.marks import parse_mark

    return parse_mark(text)


def original(directory: Path) -> Path:
    """Where a directory of the copy that this process runs from lies in the original; any other as it is."""
    found = mark()
    if not found:
        return directory
    from mlxp_fn.versions.restarts import moved

    real = os.path.realpath(directory)
    there = moved(real, found.copy, found.root)
    return directory if there == real else Path(there)


def main_file() -> str | None:
    """The real path of the script that this process runs; None in a notebook, a console and the like."""
    file: str | None = getattr(sys.modules["__main__"], "__file__", None)
    if not file or not os.path.isfile(file):
        return None
    # The last name may be a link that git tracks as one.
    folder, name = os.path.split(os.path.abspath(file))
    return os.path.join(os.path.realpath(folder), name)


def command_line() -> list[str]:
    """What this interpreter was started with, its own options included."""
    return sys.orig_argv


def script_argument(main: str) -> tuple[int, str] | None:
    """Which argument of the interpreter names the script, or the directory whose `__main__.py` it is."""
    folder, name = os.path.split(main)
    for place, argument in enumerate(sys.orig_argv[1:], start=1):
        above, last = os.path.split(os.path.abspath(argument))
        path = os.path.join(os.path.realpath(above), last)
        if path == main or (name == "__main__.py" and path == folder):
            return place, path
    return None


def script_words() -> tuple[str, ...]:
    """The words behind the interpreter's name that start this process's script again, from wherever one stands.

    A module (`-m`) is found from where one stands, or is installed. Nothing where there is no script.
    """
    main = main_file()
    if main is None:
        return ()
    found = script_argument(main)
    if found:
        place, path = found
        return (*sys.orig_argv[1:place], path)
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None or "-m" not in sys.orig_argv:
        return ()
    return tuple(sys.orig_argv[1 : sys.orig_argv.index("-m") + 2])


def stand_ready(directory: str) -> None:
    """Make the place in a copy of where a user stands: git keeps no empty directories."""
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise VersionError(f"cannot make {directory} to stand in: {error.strerror}") from error


def become(directory: str, argv: tuple[str, ...], mark: Mark) -> NoReturn:
    """Replace this process by another command, marked. Raises `VersionError` where it cannot start."""
    from mlxp_fn.versions.marks import mark_text

    flush()
    try:
        os.chdir(directory)
        # Not as it was called: a path from where the user stood leads nowhere in the copy.
        os.execve(sys.executable, (sys.executable, *argv[1:]), {**os.environ, VARIABLE: mark_text(mark)})
    except OSError as error:
        raise VersionError(f"cannot start the script again in {directory}: {error.strerror}") from error
