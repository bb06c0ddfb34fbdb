"""Tables for other programs: JSON, CSV and Markdown; and what a person is shown of a value."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from types import MappingProxyType
from typing import Any, Protocol

from mlxp_fn.views.printable import printable
from mlxp_fn.views.table import as_text
from mlxp_fn.views.tally import clock_of


class Rows(Protocol):
    """What can be written as rows: a frame."""

    def __len__(self) -> int: ...
    def names(self) -> Iterable[str]: ...
    def shown(self, name: str, rows: Sequence[int]) -> list[Any]: ...
    def __getitem__(self, key: str, /) -> list[Any]: ...


def as_json(rows: Rows) -> str:
    """A list of objects, one on each line; numbers that are not finite as Python's json writes them."""
    return "[" + ",\n ".join(json.dumps(record, default=str) for record in records(rows)) + "]"


def records(rows: Rows) -> list[dict[str, Any]]:
    """Each row as a mapping; None where there is nothing."""
    names = list(rows.names())
    return [dict(zip(names, line, strict=True)) for line in _lines(rows, names)]


def as_csv(rows: Rows) -> str:
    """A line of names, then a line for each row; lists and mappings as JSON, nothing where there is nothing."""
    names, written = list(rows.names()), _Written()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_csv_cell(value) for value in line] for line in _lines(rows, names))
    return "".join(written.parts).removesuffix("\n")


def as_markdown(rows: Rows) -> str:
    """A table as Markdown has it."""
    columns = texts(rows)
    lines = [list(map(heading, columns)), ["---"] * len(columns), *zip(*columns.values(), strict=True)]
    return "\n".join("| " + " | ".join(map(_markdown_cell, line)) + " |" for line in lines)


FORMS: Mapping[str, Callable[[Rows], str]] = MappingProxyType({"json": as_json, "csv": as_csv, "md": as_markdown})


def texts(rows: Rows) -> dict[str, list[str]]:
    """What people see of each column."""
    places = range(len(rows))
    return {name: [cell_text(name, value) for value in rows.shown(name, places)] for name in rows.names()}


def heading(name: str) -> str:
    """What a column is called where people read it."""
    return as_text(name.removeprefix("config."), 60)


def cell_text(name: str, value: Any) -> str:
    """What people see of a value in a column.

    >>> cell_text("took", 3725.4), cell_text("took", 0.42), cell_text("tags", ["a", "b"]), cell_text("lr", None)
    ('1:02:05', '0.42s', 'a, b', 'None')
    """
    match name, value:
        case "took", int() | float():
            return duration(value)
        case (("started" | "ended" | "settled" | "since" | "last sign of life"), str()):
            return as_text(local_time(value))
        case "run", str():
            return printable(value)  # a directory is there to be copied
        case "tags", list():
            return as_text(", ".join(map(str, value)))
        case _:
            return as_text(value)


def duration(seconds: float) -> str:
    """A time as a clock shows it, a short one in parts of a second."""
    if seconds < 60:
        return f"{seconds:.1f}s" if seconds >= 1 else f"{seconds:.2f}s"
    return clock_of(int(seconds))


def runs_text(count: int) -> str:
    """So many runs, in words."""
    return f"{count} run{'s' if count != 1 else ''}"


def size_text(size: int) -> str:
    """A number of bytes for people.

    >>> size_text(512), size_text(2_500_000)
    ('512 B', '2.5 MB')
    """
    number, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if number < 1000:
            break
        number, unit = number / 1000, larger
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"


def local_time(text: str) -> str:
    """An instant of a record on the clock here, to the minute; as it is where it is none."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text


class _Written:
    """A file for `csv`, which writes into nothing else."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> None:
        self.parts.append(text)


def _lines(rows: Rows, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(rows[name] for name in names), strict=True)


def _csv_cell(value: Any) -> Any:
    return json.dumps(value, default=str) if isinstance(value, list | tuple | Mapping | bool) else value


def _markdown_cell(text: str) -> str:
    return escape(text, quote=False).replace("|", "\\|")
