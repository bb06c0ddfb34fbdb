"""What a report takes from the directories of runs, and from this package; links are not followed out of a run."""

from __future__ import annotations

import os
import stat
from importlib import resources

from mlxp_fn.effects.files import cannot
from mlxp_fn.errors import InvalidArtifactError
from mlxp_fn.results.cells import Artifact

_NEVER_ELSEWHERE = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


def end_of_file(path: str, limit: int) -> tuple[bytes, int] | None:
    """The last `limit` bytes of a file and how many stand before them; None where there is no regular file.

    Raises `LogDirError` where it cannot be read.
    """
    try:
        descriptor = os.open(path, _NEVER_ELSEWHERE)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise cannot("read", path, error) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        start = max(0, status.st_size - limit)
        return os.pread(descriptor, limit, start), start
    except OSError as error:
        raise cannot("read", path, error) from error
    finally:
        os.close(descriptor)


def small_artifact(artifact: Artifact, limit: int) -> bytes | None:
    """The content of an artifact, or None where it is larger than `limit`, is gone, or lies elsewhere."""

    def content(path: str) -> bytes | None:
        with open(path, "rb") as file:
            found = file.read(limit + 1)
        return found if len(found) <= limit else None

    try:
        found: bytes | None = artifact.load(content)
    except (InvalidArtifactError, OSError):
        return None
    return found


def asset(name: str) -> str:
    """A text that comes with this package."""
    return resources.files("mlxp_fn").joinpath("assets", name).read_text(encoding="utf-8")
