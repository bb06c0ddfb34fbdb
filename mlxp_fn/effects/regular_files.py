"""Files that others have made, read if they are files: nobody waits for a pipe that lies in the place of one."""

from __future__ import annotations

import errno
import os
import stat

_TO_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


def read_bytes(path: str) -> bytes | None:
    """The content of a file, or None where there is none. Raises `OSError` where it cannot be read."""
    try:
        descriptor, status = open_regular(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return read_and_close(descriptor, status.st_size)


def open_regular(path: str, directory: int | None = None) -> tuple[int, os.stat_result]:
    """A descriptor of a regular file, and its state. Raises `OSError` for whatever else is there.

    A relative path begins in the open `directory`.
    """
    descriptor = os.open(path, _TO_READ, dir_fd=directory)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        code = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
        raise OSError(code, os.strerror(code) if code == errno.EISDIR else "not a regular file", path)
    return descriptor, status


def file_sha256(path: str | os.PathLike[str]) -> str | None:
    """The SHA-256 of a file; None where there is none that can be read."""
    import hashlib  # most readers of files need it not

    try:
        with os.fdopen(open_regular(os.fspath(path))[0], "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def read_and_close(descriptor: int, size: int) -> bytes:
    """All that an open file holds; `size` is how much that was."""
    try:
        content = os.read(descriptor, size + 1)
        if len(content) == size:
            return content
        # It has grown meanwhile, or is larger than the two gigabytes of one call.
        with os.fdopen(os.dup(descriptor), "rb") as rest:
            return content + rest.read()
    finally:
        os.close(descriptor)
