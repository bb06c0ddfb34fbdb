"""What a launched script says beside its tasks: remarks, what was asked for, and how far a sweep is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from mlxp_fn.effects.printed import write


class Progress(Protocol):
    """What `progress` hands out."""

    def advance(self, failed: bool = False, best: str = "") -> None:
        """One more run has ended; `best` is the best that was found so far, in words."""

    def at_work(self, running: int) -> None:
        """So many are under way."""


def say(text: str) -> None:
    """Print a line on stderr, above the bar where there is one; nobody need be there to read it."""
    write(sys.stderr, f"{text}\n")


def show(text: str) -> None:
    """What the user asked to see, on stdout."""
    print(text, flush=True)


@contextmanager
def progress(total: int, label: str) -> Iterator[Progress]:
    """Show how many of `total` runs have ended, for as long as the context lasts; nothing for one run.

    >>> with progress(2, "runs") as bar:
    ...     bar.advance()
    ...     bar.advance(failed=True)
    """
    if total < 2:
        yield _Silent()
        return
    from mlxp_fn.effects.sweep_bar import of_a_sweep  # not for a single run

    with of_a_sweep(total, label) as bar:
        yield bar


class _Silent:
    """No progress."""

    def advance(self, failed: bool = False, best: str = "") -> None:
        pass

    def at_work(self, running: int) -> None:
        pass
