"""How far a sweep is, on stderr: a bar on a terminal, a line now and then elsewhere, nothing for one run.

The bar stays below what tasks print, and nothing of it goes into their stdout or their log files: it has a
descriptor of its own. No thread redraws it, so a task may fork.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from typing import Any, Protocol, TextIO

from msgspec import Struct
from msgspec.structs import replace

SECONDS_BETWEEN_LINES = 30.0
"""How often a sweep that nobody watches says how far it is."""


class Tally(Struct, frozen=True, kw_only=True):
    """How far a sweep is."""

    label: str
    total: int
    done: int = 0
    failed: int = 0
    seconds: float = 0.0

    def advanced(self, failed: bool, seconds: float) -> Tally:
        """One more run has ended, `seconds` after the first began."""
        return replace(self, done=self.done + 1, failed=self.failed + failed, seconds=seconds)

    @property
    def words(self) -> str:
        """The numbers, for people.

        >>> Tally(label="runs", total=12, done=3, failed=1, seconds=65).words
        '3/12, 1 failed, 1:05, about 3:15 left'
        """
        parts = [f"{self.done}/{self.total}"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.done:
            parts.append(clock_of(self.seconds))
        if 0 < self.done < self.total:
            parts.append(f"about {clock_of(self.seconds / self.done * (self.total - self.done))} left")
        return ", ".join(parts)


class Progress(Protocol):
    """What `progress` hands out."""

    def advance(self, failed: bool = False) -> None:
        """One more run has ended."""


def say(text: str) -> None:
    """Print a line on stderr, above the bar where there is one."""
    print(text, file=sys.stderr, flush=True)


def show(text: str) -> None:
    """What the user asked to see, on stdout."""
    print(text, flush=True)


@contextmanager
def progress(total: int, label: str) -> Iterator[Progress]:
    """Show how many of `total` runs have ended, for as long as the context lasts.

    >>> with progress(2, "runs") as bar:
    ...     bar.advance()
    ...     bar.advance(failed=True)
    """
    tally = Tally(label=label, total=total)
    if total > 1 and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _drawn(tally) as bar:
            yield bar
    else:
        yield _Lines(tally, SECONDS_BETWEEN_LINES if total > 1 else float("inf"))


class _Lines:
    """Progress for a file or a pipe."""

    def __init__(self, tally: Tally, period: float) -> None:
        self._tally = tally
        self._period = period
        self._start = self._said = time.monotonic()

    def advance(self, failed: bool = False) -> None:
        now = time.monotonic()
        self._tally = self._tally.advanced(failed, now - self._start)
        if now - self._said >= self._period:
            self._said = now
            say(f"{self._tally.label}: {self._tally.words}")


class _Bar:
    """Progress for a terminal: the last line of the screen."""

    def __init__(self, tally: Tally, terminal: TextIO) -> None:
        self._tally = tally
        self._terminal = terminal
        self._start = time.monotonic()
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._coloured = not os.environ.get("NO_COLOR")
        self._midline = False
        self._shown = True
        self._draw()

    def advance(self, failed: bool = False) -> None:
        with self._lock:
            self._tally = self._tally.advanced(failed, time.monotonic() - self._start)
            self._draw()

    def write_above(self, stream: TextIO, text: str) -> int:
        """Let `text` through to `stream` and put the bar below it again."""
        # A forked child prints freely: the lock and the last line are its parent's.
        if not self._shown or os.getpid() != self._process:
            return stream.write(text)
        with self._lock:
            self._say("" if self._midline else "\r\x1b[K")
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
            self._say("\n")

    def _draw(self) -> None:
        # Not behind half a line of a task's: it would be rubbed out with the bar.
        if not self._midline:
            from shutil import get_terminal_size  # not for a single run

            width = get_terminal_size().columns - 1
            self._say("\r\x1b[K" + bar_line(self._tally, width, self._coloured))

    def _say(self, text: str) -> None:
        self._terminal.write(text)
        self._terminal.flush()


class _Above:
    """A stream of which all that is written appears above the bar."""

    def __init__(self, stream: TextIO, bar: _Bar) -> None:
        self._stream = stream
        self._bar = bar

    def write(self, text: str) -> int:
        return self._bar.write_above(self._stream, text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _drawn(tally: Tally) -> Iterator[_Bar]:
    # A descriptor of its own: while a run's streams are copied to files, 2 leads there.
    with open(os.dup(sys.stderr.fileno()), "w", encoding="utf-8", errors="replace") as terminal:
        bar = _Bar(tally, terminal)
        out: Any = redirect_stdout(_Above(sys.stdout, bar)) if sys.stdout.isatty() else nullcontext()
        err: Any = redirect_stderr(_Above(sys.stderr, bar))
        try:
            with out, err:
                yield bar
        finally:
            bar.close()


def bar_line(tally: Tally, width: int, coloured: bool = True) -> str:
    """The bar as one line of at most `width` characters, escape sequences aside.

    >>> bar_line(Tally(label="runs", total=4, done=1, seconds=2), 48, coloured=False)
    'runs ━━━━──────────── 1/4, 0:02, about 0:06 left'
    """
    room = min(24, width - len(tally.label) - len(tally.words) - 2)
    if room < 5:
        return f"{tally.label} {tally.words}"[:width]
    full = room * tally.done // tally.total
    bad = min(full, -(-room * tally.failed // tally.total))
    parts = ((_GREEN, full - bad), (_RED, bad), (_GREY, room - full))
    cells = "".join(_cells(colour, length, coloured) for colour, length in parts if length > 0)
    return f"{tally.label} {cells} {tally.words}"


_GREEN, _RED, _GREY = "\x1b[32m", "\x1b[31m", "\x1b[90m"


def _cells(colour: str, length: int, coloured: bool) -> str:
    if coloured:
        return f"{colour}{'━' * length}\x1b[0m"
    return ("─" if colour == _GREY else "━") * length


def clock_of(seconds: float) -> str:
    """A duration in minutes and seconds, or hours.

    >>> clock_of(65), clock_of(3661)
    ('1:05', '1:01:01')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
