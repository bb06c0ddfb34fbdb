"""Who uses a version of the code: log directories, as noted beside git's own files, their runs, and processes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from errno import EACCES, EPERM, EROFS
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.files import cannot, unlisted
from mlxp_fn.effects.regular_files import read_bytes
from mlxp_fn.effects.worktrees import Copy, git_dir_of
from mlxp_fn.errors import VersionError

_FOLDER = "mlxp_fn"
"""In git's directory of the repository: a file for each version, named by its commit. It lists the log directories
whose runs use it, each ended by NUL; its time is that of the last use."""

_COMMITS = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])")


def note_use(copy: Copy, log_dir: str | None) -> None:
    """Note that a copy is used now, by runs that are logged in a directory."""
    note = _note(git_dir_of(copy), copy.commit)
    try:
        note.parent.mkdir(exist_ok=True)
        with open(note, "ab+") as file:
            file.seek(0)
            user = os.fsencode(os.path.realpath(log_dir)) if log_dir else b""
            if user not in file.read().split(b"\0"):
                file.write(user + b"\0")
        os.utime(note)
    except OSError as error:
        # Who may not write where a colleague keeps the repository can run its code all the same.
        if error.errno not in (EACCES, EPERM, EROFS):
            raise VersionError(f"cannot write {note}: {error.strerror}") from error


def noted_users(git_dir: str, commit: str) -> tuple[Path, ...]:
    """The log directories whose runs use a version, as they were noted."""
    found = read_bytes(str(_note(git_dir, commit))) or b""
    return tuple(Path(os.fsdecode(entry)) for entry in found.split(b"\0") if entry)


def seconds_unused(git_dir: str, commit: str) -> float | None:
    """How long ago a version was last asked for; None where that was never noted."""
    try:
        return time.time() - os.stat(_note(git_dir, commit)).st_mtime
    except FileNotFoundError:
        return None


def forget_use(git_dir: str, commit: str) -> None:
    """Take the note of a version away."""
    _note(git_dir, commit).unlink(missing_ok=True)


def commits_in(logs: Path) -> dict[str, str]:
    """The commits that the records of runs name, those in the trash included, each with the directory of one run.

    Nothing need be understood of a record: what is not readable as such counts, too, and so does the script of a
    job that waits. Raises `LogDirError` for what cannot be read at all.
    """
    found: dict[str, str] = {}
    for parent in (logs, logs / layout.TRASH):
        for run_dir in _run_dirs(parent):
            for commit in _commits_of(run_dir):
                found.setdefault(commit, str(run_dir))
    return found


def _commits_of(run_dir: Path) -> Iterator[str]:
    events = sorted((run_dir / layout.EVENTS).glob("*"))
    for path in (run_dir / layout.SCRIPT, run_dir / layout.INFO, *events):
        yield from (commit.decode() for commit in _COMMITS.findall(_content(path)))


def _run_dirs(parent: Path) -> Iterator[Path]:
    try:
        names = sorted(filter(layout.is_run_name, os.listdir(parent)), key=int)
    except FileNotFoundError:
        return
    except OSError as error:
        raise unlisted(parent, error) from error
    yield from (parent / name for name in names)


def _content(path: Path) -> bytes:
    try:
        return read_bytes(str(path)) or b""
    except OSError as error:
        raise cannot("read", path, error) from error


def processes_in(directory: str) -> list[int]:
    """The processes, as far as they can be seen from here, that stand in a directory or were started from it."""
    inside = os.fsencode(directory.rstrip("/"))
    return [process for process in map(int, filter(str.isdigit, os.listdir("/proc"))) if _is_in(process, inside)]


def _is_in(process: int, directory: bytes) -> bool:
    try:
        stands = os.readlink(f"/proc/{process}/cwd".encode())
        with open(f"/proc/{process}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return False  # it has ended, or is somebody else's
    return any(path == directory or path.startswith(directory + b"/") for path in (stands, *words))


def _note(git_dir: str, commit: str) -> Path:
    return Path(git_dir, _FOLDER, commit)
