"""How far reading and exporting are, once they have taken a second; nothing is left of it when they are through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from mlxp_fn.effects.progress_displays import Display, display_here
from mlxp_fn.views.tally import Tally

SHORT = 1.0
"""Seconds that work may take before it is shown how far it is."""

T = TypeVar("T")


def counted(items: Sequence[T], label: str) -> Iterator[T]:
    """The items, one after the other, and how many are through."""
    with counting(len(items), label) as advance:
        for item in items:
            yield item
            advance(1)


@contextmanager
def counting(total: int, label: str) -> Iterator[Callable[[int], None]]:
    """Hands out what is told how many more of `total` are through."""
    work = _Work(Tally(label=label, total=total))
    try:
        yield work.advance
    finally:
        work.close()


class _Work:
    """What is silent for as long as it is short."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._done = 0
        self._start = monotonic()
        self._display: Display | None = None

    def advance(self, by: int) -> None:
        self._done += by
        seconds = monotonic() - self._start
        if seconds >= SHORT:
            self._display = self._display or display_here(transient=True)
            self._display.show(self._tally.advanced(seconds, by=self._done))

    def close(self) -> None:
        if self._display:
            self._display.close()
