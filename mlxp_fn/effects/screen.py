"""What a command prints: on a terminal with colours and as wide as that is, elsewhere plain text without limits.

On a terminal nothing that came from a log directory can act: control characters are escaped here and in
`views.table.as_text`, by the same function. rich draws there, and is not imported elsewhere.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from types import MappingProxyType
from typing import Any

from mlxp_fn.effects.printed import leads_to_terminal
from mlxp_fn.views.fitting import fitting, narrowed
from mlxp_fn.views.printable import printable
from mlxp_fn.views.rows import FORMS, Rows, heading, texts
from mlxp_fn.views.table import aligned, is_numeric

_LOOKS: Mapping[str, str] = MappingProxyType(
    {
        "COMPLETE": "green", "RUNNING": "cyan", "STARTING": "cyan", "FAILED": "red", "INTERRUPTED": "yellow",
        "LOST": "magenta", "STALE": "magenta",
    }
)  # fmt: skip
"""The colour of a status."""


def is_watched() -> bool:
    """Whether what is printed is read by a person at a terminal."""
    return leads_to_terminal(sys.stdout)


def has_colours() -> bool:
    """Whether colours are wanted: on a terminal, unless NO_COLOR says no."""
    return is_watched() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def size() -> tuple[int, int]:
    """How many columns and lines there are to write in; elsewhere than on a terminal, those of an old one."""
    return get_terminal_size() if is_watched() else (80, 24)


def put(text: str) -> None:
    """Print text of ours that may hold names and values of others."""
    print(printable(text, keep="\n\t") if is_watched() else text, flush=True)


def tell(text: str) -> None:
    """Print a remark on stderr."""
    print(printable(text, keep="\n"), file=sys.stderr)


@contextmanager
def remarks_told() -> Iterator[None]:
    """Warnings as lines on stderr, without the place in the code that they come from."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_: tell(f"warning: {message}")
        yield


def put_rows(rows: Rows, form: str | None = None) -> None:
    """Print a table, as JSON, CSV or Markdown if `form` says so."""
    if form:
        put(FORMS[form](rows))
    elif is_watched():
        _draw(rows)
    else:
        columns = _present(texts(rows))
        put("\n".join(aligned([[heading(name), *column] for name, column in columns.items()], _right(columns))))


def _present(columns: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The columns that have anything to show."""
    return {name: column for name, column in columns.items() if any(column)}


def _right(columns: Mapping[str, Sequence[str]]) -> list[bool]:
    return [is_numeric([text for text in column if text]) and name != "key" for name, column in columns.items()]


def _draw(rows: Rows) -> None:
    from rich.cells import cell_len
    from rich.text import Text

    columns = _present(texts(rows))
    room = get_terminal_size().columns
    widths = narrowed(
        {name: max(map(cell_len, [heading(name), *column])) for name, column in columns.items()}, room
    )
    chosen = fitting(columns, widths, room)
    table = _table()
    for name, right in zip(columns, _right(columns), strict=True):
        if name in chosen:
            side = "right" if right else "left"
            table.add_column(Text(heading(name)), justify=side, no_wrap=True, max_width=widths[name])
    for line in zip(*(columns[name] for name in chosen), strict=True):
        table.add_row(*(Text(text, style=_LOOKS.get(text, "")) for text in line))
    missing = [heading(name) for name in columns if name not in chosen]
    _show(table, len(rows), f"no room for {', '.join(missing)}; --csv has all" if missing else "")


def _table() -> Any:
    from rich.table import Table

    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True, header_style="bold")


def _show(table: Any, rows: int, remark: str) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, color_system="standard" if has_colours() else None)

    def draw() -> None:
        console.print(table)
        if remark:
            console.print(Text(remark, style="dim"))

    _paged(draw, console, rows + 2 + bool(remark))


def _paged(draw: Callable[[], None], console: Any, height: int) -> None:
    """Draw; what is higher than the terminal through the user's pager."""
    if height <= get_terminal_size().lines or not leads_to_terminal(sys.stdin):
        draw()
        return
    os.environ.setdefault("LESS", "-FRX")
    with console.pager(styles=has_colours()):
        draw()
