"""The streams that Python prints to: missing (`>&-`), closed, full, or an object of the user's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from typing import Any, TextIO

_NOBODY = (OSError, ValueError, AttributeError)
"""What a stream raises that nobody reads."""


@contextmanager
def kept_apart() -> Iterator[None]:
    """Let standard streams that are closed lead to nowhere meanwhile, so that no file is given their number.

    What C prints would else be in the metrics.
    """
    opened = []
    while (nowhere := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(nowhere, True)
        opened.append(nowhere)
    os.close(nowhere)
    try:
        yield
    finally:
        for descriptor in opened:
            with suppress(OSError):  # the task may have closed it
                os.close(descriptor)


def flush() -> None:
    """Let go of what was printed, as far as anybody takes it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(*_NOBODY):
            stream.flush()


def write(stream: TextIO, text: str) -> None:
    """Print at once what need not be read: a terminal may be gone, and the work goes on."""
    with suppress(*_NOBODY):
        stream.write(text)
        stream.flush()


def leads_to_terminal(stream: Any) -> bool:
    """Whether a person looks at a stream.

    >>> leads_to_terminal(None)
    False
    """
    try:
        return bool(stream.isatty())
    except _NOBODY:
        return False


@contextmanager
def own_terminal() -> Iterator[TextIO]:
    """The terminal that stderr leads to, by a descriptor of its own: 2 may lead to the file of a run meanwhile."""
    stream = open(os.dup(sys.stderr.fileno()), "w", encoding="utf-8", errors="replace")  # noqa: SIM115
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()


@contextmanager
def printed_through(let_through: Callable[[TextIO, str], int]) -> Iterator[None]:
    """Let a function print what Python prints on stderr, and on a terminal, to the stream that it was for."""
    out: Any = (
        redirect_stdout(_Through(sys.stdout, let_through)) if leads_to_terminal(sys.stdout) else nullcontext()
    )
    err: Any = redirect_stderr(_Through(sys.stderr, let_through))
    with out, err:
        yield


class _Through:
    """A stream of which all that is written is left to a function."""

    def __init__(self, stream: TextIO, let_through: Callable[[TextIO, str], int]) -> None:
        self._stream = stream
        self._let_through = let_through

    def write(self, text: str) -> int:
        return self._let_through(self._stream, text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
