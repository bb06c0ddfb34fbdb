"""Files that grow: their last lines, and what is appended to them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from mlxp_fn.effects.files import cannot
from mlxp_fn.effects.regular_files import open_regular

PAUSE = 0.25
"""How many seconds pass between two looks."""

_BLOCK = 1 << 16


@frozen(kw_only=True)
class Followed:
    """The last whole lines of a file, the unfinished one behind them, and the place where that begins."""

    lines: tuple[str, ...]
    rest: str
    end: int


def last_lines(path: Path, count: int) -> Followed:
    """So many of the last whole lines of a file; only its end is read."""
    try:
        with _opened(path) as file:
            size = start = file.seek(0, os.SEEK_END)
            content = b""
            while start > 0 and content.count(b"\n") <= count:
                step = min(_BLOCK, start)
                start -= step
                file.seek(start)
                content = file.read(step) + content
    except OSError as error:
        raise cannot("read", path, error) from error
    *lines, rest = content.split(b"\n")
    chosen = lines[max(0, len(lines) - count) :]
    return Followed(lines=tuple(map(_text, chosen)), rest=_text(rest), end=size - len(rest))


def followed(path: Path, start: int, goes_on: Callable[[], bool]) -> Iterator[str]:
    """The lines appended behind `start`, until nobody writes any more; a file that was cut is read anew."""
    rest = b""
    while True:
        more = goes_on()  # asked before the look: what was written until then is seen
        start, content = _appended(path, start)
        *lines, rest = (rest + content).split(b"\n")
        yield from map(_text, lines)
        if not more:
            break
        time.sleep(PAUSE)
    if rest:
        yield _text(rest)


def _appended(path: Path, start: int) -> tuple[int, bytes]:
    try:
        with _opened(path) as file:
            if os.fstat(file.fileno()).st_size < start:
                start = 0
            file.seek(start)
            content = file.read()
    except OSError as error:
        raise cannot("read", path, error) from error
    return start + len(content), content


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(open_regular(str(path))[0], "rb")


def _text(line: bytes) -> str:
    return line.decode(errors="replace")
