"""Files that are never half written: whole files by rename, lines by one write."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from mlxp_fn.errors import LogDirError


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file at `path` in one step; readers see the old content or the new. Its folder must exist."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise cannot("write", path, error) from error


def cannot(what: str, path: Path | str, error: OSError) -> LogDirError:
    """The error that says which file could not be written or read, and why.

    >>> print(cannot("write", "logs/1", OSError(28, "No space left on device")))
    cannot write logs/1: No space left on device
    """
    return LogDirError(f"cannot {what} {path}: {error.strerror or error}")


class LineWriter:
    """Appends whole lines to one file, each by a single write, so that threads and forks may share it.

    The file is opened at the first line and made if it is not there. A line of which the disk took only a part
    is taken back, and the error is raised.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is opened yet."""
        self.path = path
        self._descriptor = -1
        self._lock = threading.Lock()

    def append(self, line: bytes) -> None:
        """Write `line`, which ends in a newline."""
        if self._descriptor < 0:
            self._open()
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise cannot("write", self.path, error) from error
        if written != len(line):
            self._take_back(written)
            raise LogDirError(f"cannot write {self.path}: the disk took {written} of {len(line)} bytes")

    def close(self) -> None:
        """Give the file back; a later `append` opens it again."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def _open(self) -> None:
        with self._lock:
            if self._descriptor < 0:
                try:
                    self.path.parent.mkdir(parents=True, exist_ok=True)
                    self._descriptor = os.open(
                        self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666
                    )
                except OSError as error:
                    raise cannot("open", self.path, error) from error

    def _take_back(self, written: int) -> None:
        end = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        # Only if nobody has written behind it: cutting there would take somebody else's line.
        if os.fstat(self._descriptor).st_size == end:
            os.ftruncate(self._descriptor, end - written)


def cut_torn_line(path: Path) -> None:
    """Cut off what follows the last newline: a line that was never acknowledged."""
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = _after_last_newline(file.fileno(), size)
        if end < size:
            file.truncate(end)


def _after_last_newline(descriptor: int, size: int) -> int:
    block = 1 << 16
    for start in range(max(0, size - block), -block, -block):
        begin = max(0, start)
        found = os.pread(descriptor, min(block, size - begin), begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
    return 0
