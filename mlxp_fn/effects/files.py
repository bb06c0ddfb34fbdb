"""Files that are never half written: whole files by rename, lines by one write.

With `fsync` a function returns when the disk has what it wrote, the names in the directories above included;
without it, when the operating system has: a killed process loses nothing, a power cut may.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from mlxp_fn.errors import LogDirError


def write_atomically(path: Path, content: bytes, *, fsync: bool = False) -> None:
    """Replace the file at `path` in one step; readers see the old content or the new. Its folder must exist."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        write_whole(temporary, content, fsync=fsync)
        os.replace(temporary, path)
        if fsync:
            settle(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise cannot("write", path, error) from error


def write_whole(path: Path | str, content: bytes, *, mode: int = 0o666, fsync: bool = False) -> None:
    """Write a file that nobody looks at yet."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        while content:
            content = content[os.write(file, content) :]
        if fsync:
            os.fsync(file)
    finally:
        os.close(file)


def make_folder(path: Path, *, fsync: bool = False) -> None:
    """Make a folder and those above it, where they are not there."""
    missing = [path]
    while fsync and not missing[-1].exists():
        missing.append(missing[-1].parent)
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing[1:]:
        settle(folder)


def settle(path: Path | str) -> None:
    """Return when the disk has a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cannot(what: str, path: Path | str, error: OSError) -> LogDirError:
    """The error that says which file could not be written or read, and why.

    >>> print(cannot("write", "logs/1", OSError(28, "No space left on device")))
    cannot write logs/1: No space left on device
    """
    failure = LogDirError(f"cannot {what} {path}: {error.strerror or error}")
    failure.errno = error.errno
    return failure


def unlisted(parent: Path | str, error: OSError) -> LogDirError:
    """The error of a log directory that cannot be read, or that is not there: mostly it is elsewhere."""
    if not isinstance(error, FileNotFoundError):
        return cannot("read the log directory", parent, error)
    failure = LogDirError(f"there is no log directory {os.path.abspath(parent)}; name the one with your runs")
    failure.errno = error.errno
    return failure


class _Descriptor:
    """An open file, closed when nobody holds this any more: not under the hands of a thread that writes."""

    __slots__ = ("number",)

    def __init__(self, path: Path) -> None:
        self.number = -1
        self.number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def __del__(self) -> None:
        if self.number >= 0:
            os.close(self.number)


class LineWriter:
    """Appends whole lines to one file, each by a single write, so that threads and forks may share it.

    The file is opened at the first line and made if it is not there. A line of which the disk took only a part
    is taken back, and the error is raised. There is no lock, which a fork could inherit held.
    """

    def __init__(self, path: Path, *, fsync: bool = False) -> None:
        """Nothing is opened yet."""
        self.path = path
        self.fsync = fsync
        self._file: _Descriptor | None = None

    def append(self, line: bytes) -> None:
        """Write `line`, which ends in a newline."""
        file = self._file or self._open()
        try:
            written = os.write(file.number, line)
            if written == len(line):
                if self.fsync:
                    os.fsync(file.number)
                return
        except OSError as error:
            raise cannot("write", self.path, error) from error
        self._take_back(line[:written])
        raise LogDirError(f"cannot write {self.path}: the disk took {written} of {len(line)} bytes; is it full?")

    def close(self) -> None:
        """Give the file back; a later `append` opens it again."""
        self._file = None

    def _open(self) -> _Descriptor:
        try:
            folder = self.path.parent
            if not folder.is_dir():
                make_folder(folder, fsync=self.fsync)
            # Of two threads that come here at once, one lets its descriptor go after its first line.
            self._file = file = _Descriptor(self.path)
            if self.fsync:
                settle(folder)
        except OSError as error:
            raise cannot("open", self.path, error) from error
        return file

    def _take_back(self, piece: bytes) -> None:
        """Cut a piece of a line off the end of the file. Where the rest does not fit, no other's line follows."""
        with open(self.path, "r+b", buffering=0) as file:
            start = file.seek(0, os.SEEK_END) - len(piece)
            if os.pread(file.fileno(), len(piece), start) == piece:
                file.truncate(start)


def cut_torn_line(path: Path) -> None:
    """Cut off what follows the last newline: a line that was never acknowledged."""
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = _after_last_newline(file.fileno(), size)
        if end < size:
            file.truncate(end)


def length_of_whole_lines(path: Path) -> int:
    """Up to where a file of lines is whole: what follows is a line that is being written, or never will be."""
    with open(path, "rb") as file:
        return _after_last_newline(file.fileno(), file.seek(0, os.SEEK_END))


def _after_last_newline(descriptor: int, size: int) -> int:
    block = 1 << 16
    for start in range(max(0, size - block), -block, -block):
        begin = max(0, start)
        found = os.pread(descriptor, min(block, size - begin), begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
    return 0
