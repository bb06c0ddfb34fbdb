"""A sign of life every minute: the attempt touches its file of events, which nobody else writes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

SECONDS = 60.0
"""How long a run may be silent between two signs."""


@contextmanager
def beating(path: Path | None) -> Iterator[None]:
    """Touch `path` every minute from a thread, until the context ends. Without a path nothing happens."""
    if path is None:
        yield
        return
    _hook_into_forks()
    heart = _Heart(path)
    _hearts.append(heart)
    heart.start()
    try:
        yield
    finally:
        # A forked child that left its parent's task has forgotten it already.
        with suppress(ValueError):
            _hearts.remove(heart)
        heart.end()


class _Heart:
    """The thread, which can be stopped and started again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ended = False
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._ended or self._stop:
            return
        self._stop = stop = threading.Event()
        thread = threading.Thread(target=self._beat, args=(stop,), name="mlxp heartbeat", daemon=True)
        thread.start()
        self._thread = thread  # begun: another thread may fork meanwhile, and waits for its end

    def stop(self) -> None:
        stop, self._stop = self._stop, None
        if stop and self._thread:
            stop.set()
            # It sleeps; only a file server that hangs can hold it up, and must not hold us up, too.
            self._thread.join(timeout=1)

    def pause(self) -> None:
        """Stop, and return when the system has no such thread: a joined one is still about to leave."""
        self.stop()
        leaving = f"/proc/self/task/{self._thread.native_id}" if self._thread else ""
        for _ in range(1000):
            if not os.path.exists(leaving):
                break
            time.sleep(0.0001)

    def end(self) -> None:
        self._ended = True
        self.stop()

    def _beat(self, stop: threading.Event) -> None:
        while not stop.wait(SECONDS) and self._stop is stop:
            # The directory may have been moved; the run goes on.
            with suppress(OSError):
                os.utime(self._path)


_hearts: list[_Heart] = []
"""Those that beat in this process."""


@cache
def _hook_into_forks() -> None:
    """No thread of ours runs while the task forks: Python would warn, and the child could inherit a taken lock."""
    os.register_at_fork(before=_pause, after_in_parent=_go_on, after_in_child=_forget)


def _pause() -> None:
    for heart in tuple(_hearts):
        heart.pause()


def _go_on() -> None:
    for heart in tuple(_hearts):
        heart.start()


def _forget() -> None:
    """A child runs nothing of its parent's."""
    for heart in _hearts:
        heart.end()
    _hearts.clear()
