"""Who submits in a log directory: many may at once, but nobody beside one who takes up what others have left."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.errors import SubmissionError


@contextmanager
def submitting_in(log_dirs: Iterable[str]) -> Iterator[None]:
    """Make runs and submit them. Waits while somebody takes up in one of these what was left."""
    locks = [_lock(log_dir, fcntl.LOCK_SH) for log_dir in sorted(log_dirs)]
    try:
        yield
    finally:
        for lock in locks:
            _release(lock)


@contextmanager
def taking_up(log_dir: str) -> Iterator[None]:
    """Submit what was left. Raises `SubmissionError` while somebody submits there: it may be under way."""
    try:
        lock = _lock(log_dir, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SubmissionError(
            f"another mlxpsub is submitting in {log_dir} now; what it has not submitted yet is not left behind: "
            "say it again when that one has ended"
        ) from None
    try:
        yield
    finally:
        _release(lock)


def _lock(log_dir: str, how: int) -> int | None:
    """A lock that ends with its process; None where there is nothing, or nothing can be written, or locked.

    Raises `BlockingIOError` where it is not to be waited for and somebody has it.
    """
    file = Path(log_dir, layout.SUBMITTING)
    try:
        file.parent.mkdir(parents=how == fcntl.LOCK_SH, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:
        pass
    return descriptor


def _release(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)
