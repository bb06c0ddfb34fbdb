"""The user's cache: what can be found out again, kept between processes where there is a place for it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from mlxp_fn.effects.files import write_atomically
from mlxp_fn.errors import LogDirError


def recall(name: str) -> bytes | None:
    """What was kept under that name, a relative path; None where there is nothing."""
    try:
        return place(name).read_bytes()
    except OSError:
        return None


def keep(name: str, content: bytes) -> None:
    """Keep it, if that is possible: a home that is full or read-only only makes the next one slower."""
    with suppress(OSError, LogDirError):
        path = place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)


def place(name: str) -> Path:
    """Where something of that name is kept. Raises `OSError` for a user without a home, as in some containers."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    home = given if os.path.isabs(given) else os.path.expanduser("~/.cache")
    if not os.path.isabs(home):
        raise FileNotFoundError("this user has no home directory")
    return Path(home, "mlxp_fn", name)
