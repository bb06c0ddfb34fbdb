"""How far a sweep is: the last line of a terminal, or elsewhere whatever `progress_displays` has.

The bar stays below what tasks print, and nothing of it goes into their stdout or their log files: it has a
descriptor of its own. No thread redraws it, so a task may fork.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

from msgspec.structs import replace

from mlxp_fn.effects.printed import own_terminal, printed_through, write
from mlxp_fn.effects.progress_displays import Display, display_here, fitted, foot_is_free
from mlxp_fn.effects.terminal import Progress
from mlxp_fn.views.tally import Tally


@contextmanager
def of_a_sweep(total: int, label: str) -> Iterator[Progress]:
    """How many of `total` runs have ended."""
    tally = Tally(label=label, total=total)
    if foot_is_free():
        with _drawn(tally) as bar:
            yield bar
        return
    display = display_here()
    try:
        yield _Steps(tally, display)
    finally:
        display.close()


class _Steps:
    """A sweep that is shown elsewhere than at the foot of a terminal."""

    def __init__(self, tally: Tally, display: Display) -> None:
        self._tally = tally
        self._display = display
        self._start = monotonic()

    def advance(self, failed: bool = False, best: str = "") -> None:
        self._tally = self._tally.advanced(monotonic() - self._start, failed=failed, best=best)
        self._display.show(self._tally)

    def at_work(self, running: int) -> None:
        self._tally = replace(self._tally, running=running)


class _Bar:
    """A sweep on a terminal: the last line of the screen."""

    def __init__(self, tally: Tally, terminal: TextIO) -> None:
        self._tally = tally
        self._terminal = terminal
        self._start = monotonic()
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._midline = False
        self._shown = True
        self._draw()

    def advance(self, failed: bool = False, best: str = "") -> None:
        with self._lock:
            self._tally = self._tally.advanced(monotonic() - self._start, failed=failed, best=best)
            self._draw()

    def at_work(self, running: int) -> None:
        self._tally = replace(self._tally, running=running)

    def write_above(self, stream: TextIO, text: str) -> int:
        """Let `text` through to `stream` and put the bar below it again."""
        # A forked child prints freely: the lock and the last line are its parent's.
        if not self._shown or os.getpid() != self._process:
            return stream.write(text)
        with self._lock:
            write(self._terminal, "" if self._midline else "\r\x1b[K")
            written = stream.write(text)
            stream.flush()
            self._midline = not text.endswith("\n") if text else self._midline
            self._draw()
        return written

    def close(self) -> None:
        """Leave the bar as it is and go to the next line."""
        with self._lock:
            self._draw()
            self._shown = False
            write(self._terminal, "\n")

    def _draw(self) -> None:
        # Not behind half a line of a task's: it would be rubbed out with the bar.
        if not self._midline:
            write(self._terminal, "\r\x1b[K" + fitted(self._tally))


@contextmanager
def _drawn(tally: Tally) -> Iterator[_Bar]:
    with own_terminal() as terminal:
        bar = _Bar(tally, terminal)
        try:
            with printed_through(bar.write_above):
                yield bar
        finally:
            bar.close()
