"""Where it is shown how far long work is: a terminal, a notebook, a file; and within a task nowhere."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from time import monotonic
from typing import Any, Protocol

from mlxp_fn.effects.active_runs import runs_here
from mlxp_fn.effects.printed import leads_to_terminal, write
from mlxp_fn.effects.terminal import say
from mlxp_fn.views.tally import Tally, as_html, bar_line

SECONDS_BETWEEN_LINES = 30.0
"""How often work that nobody watches says how far it is."""

SECONDS_BETWEEN_PICTURES = 0.1
"""How often a line or a notebook's cell is drawn anew, at most."""


class Display(Protocol):
    """Where a tally is shown."""

    def show(self, tally: Tally) -> None:
        """It is so far."""

    def close(self) -> None:
        """It is through."""


def is_terminal() -> bool:
    """Whether a person looks at stderr."""
    return leads_to_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"


def foot_is_free() -> bool:
    """Whether something may stand at the foot of the terminal, below what is printed.

    Not within a task, whose output is its own, and in the main thread alone: who stands there redirects what the
    whole process prints.
    """
    return is_terminal() and not runs_here() and threading.current_thread() is threading.main_thread()


def display_here(*, transient: bool = False) -> Display:
    """Where it is shown here; a `transient` display leaves nothing behind."""
    if runs_here():
        return _Nowhere()
    if (show_html := _notebook()) is not None:
        return _Cell(show_html, transient)
    return _Line() if is_terminal() else _Lines()


def _notebook() -> Callable[..., Any] | None:
    """What shows HTML in a notebook, where this is one."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is None:
        return None
    notebook = import_module("IPython.display")

    def show_html(html: str, handle: Any) -> Any:
        content = notebook.HTML(html)
        return handle.update(content) if handle else notebook.display(content, display_id=True)

    return show_html


class _Nowhere:
    """A task's output is its own."""

    def show(self, tally: Tally) -> None:
        pass

    def close(self) -> None:
        pass


class _Cell:
    """The output of a notebook's cell."""

    def __init__(self, show_html: Callable[..., Any], transient: bool) -> None:
        self._show_html = show_html
        self._transient = transient
        self._handle: Any = None
        self._drawn = 0.0

    def show(self, tally: Tally) -> None:
        now = monotonic()
        if now - self._drawn < SECONDS_BETWEEN_PICTURES and tally.done < tally.total:
            return
        self._drawn = now
        shown = self._show_html(as_html(tally), self._handle)
        self._handle = self._handle or shown

    def close(self) -> None:
        if self._transient and self._handle:
            self._show_html("", self._handle)


class _Line:
    """The line of a terminal that the cursor is in; it is empty again afterwards."""

    def __init__(self) -> None:
        self._drawn = 0.0

    def show(self, tally: Tally) -> None:
        now = monotonic()
        if now - self._drawn >= SECONDS_BETWEEN_PICTURES:
            self._drawn = now
            write(sys.stderr, "\r\x1b[K" + fitted(tally))

    def close(self) -> None:
        if self._drawn:
            write(sys.stderr, "\r\x1b[K")


class _Lines:
    """Lines in a file or a pipe."""

    def __init__(self) -> None:
        self._said = monotonic()

    def show(self, tally: Tally) -> None:
        now = monotonic()
        if now - self._said >= SECONDS_BETWEEN_LINES:
            self._said = now
            say(f"{tally.label}: {tally.words}")

    def close(self) -> None:
        pass


def fitted(tally: Tally) -> str:
    from shutil import get_terminal_size

    return bar_line(tally, get_terminal_size().columns - 1, not os.environ.get("NO_COLOR"))
