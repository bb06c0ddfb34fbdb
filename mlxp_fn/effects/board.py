"""Which runs are at work and how far their sweep is: a table that stays at the foot of a terminal."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TextIO

from msgspec.structs import replace

from mlxp_fn.effects.printed import own_terminal, printed_through, write
from mlxp_fn.effects.progress_displays import foot_is_free
from mlxp_fn.effects.terminal import Progress, progress
from mlxp_fn.views.tally import Tally, bar_line, clock_of

SECONDS_BETWEEN_LOOKS = 0.5
"""How often a board is drawn again, and signals are looked for."""

Row = tuple[str, float]
"""What a run is called, and when it began."""


class Board(Protocol):
    """What `board` hands out."""

    def show(self, rows: Sequence[Row]) -> None:
        """These are at work now."""

    def advance(self, failed: bool = False, best: str = "") -> None:
        """One more run has ended; `best` is the best that was found so far, in words."""


@contextmanager
def board(total: int, label: str) -> Iterator[Board]:
    """Show what is at work as long as the context lasts; where nobody watches, a line now and then."""
    if not foot_is_free():
        with progress(total, label) as bar:
            yield _Quiet(bar)
        return
    with own_terminal() as terminal:
        drawn = _Drawn(Tally(label=label, total=total), terminal)
        try:
            with printed_through(drawn.write_above):
                yield drawn
        finally:
            drawn.show(())


class _Quiet:
    """No table, for a file, a pipe or a notebook."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar

    def show(self, rows: Sequence[Row]) -> None:
        self._bar.at_work(len(rows))

    def advance(self, failed: bool = False, best: str = "") -> None:
        self._bar.advance(failed, best)


class _Drawn:
    """The table on a terminal, and the bar below it."""

    def __init__(self, tally: Tally, terminal: TextIO) -> None:
        self._tally = tally
        self._terminal = terminal
        self._start = time.monotonic()
        self._process = os.getpid()
        self._rows: Sequence[Row] = ()
        self._height = 0

    def show(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._tally = replace(self._tally, running=len(rows))
        self.draw()

    def advance(self, failed: bool = False, best: str = "") -> None:
        self._tally = self._tally.advanced(time.monotonic() - self._start, failed=failed, best=best)
        self.draw()

    def write_above(self, stream: TextIO, text: str) -> int:
        """Let `text` through to `stream` and put the table below it again; a forked child prints freely."""
        if os.getpid() != self._process:
            return stream.write(text)
        self.clear()
        written = stream.write(text)
        stream.flush()
        if text.endswith("\n"):
            self.draw()
        return written

    def clear(self) -> None:
        """Make room for what is printed above."""
        if self._height:
            write(self._terminal, f"\x1b[{self._height}A\r\x1b[J")
            self._height = 0

    def draw(self) -> None:
        """The table anew, no wider and no higher than the screen."""
        from shutil import get_terminal_size

        size, now = get_terminal_size(), time.monotonic()
        lines = board_lines(self._rows, now, size.columns - 1, size.lines - 2)
        lines.append(bar_line(self._tally, size.columns - 1, not os.environ.get("NO_COLOR")))
        self.clear()
        write(self._terminal, "".join(f"{line}\n" for line in lines))
        self._height = len(lines)


def board_lines(rows: Sequence[Row], now: float, width: int, height: int) -> list[str]:
    """A line for each run at work, how long it has been in front.

    >>> board_lines([("7  seed=1", 10.0), ("8  seed=2", 70.0)], 75.0, 40, 1)
    ['1:05  7  seed=1', '… and 1 more']
    """
    shown = [f"{clock_of(now - begun)}  {name}"[:width] for name, begun in rows[:height]]
    return [*shown, f"… and {len(rows) - height} more"] if len(rows) > height else shown
