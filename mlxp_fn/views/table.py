"""Frames as tables of plain text and of HTML; nothing that is in a file is read for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Protocol

from mlxp_fn.views.printable import printable

ELLIPSIS = "…"


class Tabular(Protocol):
    """What can be shown: a frame."""

    def __len__(self) -> int: ...
    def keys(self) -> Sequence[str]: ...
    def shown(self, name: str, rows: Sequence[int]) -> list[Any]: ...


def table(
    frame: Tabular, columns: Sequence[str] | None = None, max_rows: int | None = None, max_width: int | None = None
) -> str:
    """The rows as aligned text. Where not all fits, a last line says what was left out.

    What is wider than `max_width` has most columns of `info` left out, and then those of one value only.
    """
    rows = _ends(len(frame), max_rows)
    names = list(frame.keys() if columns is None else columns)
    texts = {name: [printable(name), *(as_text(value) for value in frame.shown(name, rows))] for name in names}
    if max_width:
        names = _fitting(texts, max_width)
    lines = aligned([texts[name] for name in names], [is_numeric(texts[name][1:]) for name in names])
    if len(rows) < len(frame):
        lines.insert(1 + len(rows) // 2, ELLIPSIS)
    return "\n".join([*lines, f"[{_extent(frame, len(names), len(texts))}]"])


def html_table(frame: Tabular, max_rows: int = 50, max_width: int = 140) -> str:
    """The same as an HTML table, everything in it escaped."""
    rows = _ends(len(frame), max_rows)
    columns = frame.keys()
    texts = {name: [as_text(name), *(as_text(value) for value in frame.shown(name, rows))] for name in columns}
    names = _fitting(texts, max_width)
    if len(rows) < len(frame):
        for name in names:
            texts[name].insert(1 + len(rows) // 2, ELLIPSIS)
    head, *lines = zip(*(map(escape, texts[name]) for name in names), strict=True) if names else [()]
    heads = "".join(f"<th>{name}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in line) + "</tr>" for line in lines)
    extent = _extent(frame, len(names), len(texts))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table><p>{extent}</p>"


def html_pairs(pairs: Mapping[str, Any]) -> str:
    """Names and values below each other, everything escaped."""
    lines = (
        f"<tr><th>{escape(as_text(name))}</th><td>{escape(as_text(value))}</td></tr>"
        for name, value in pairs.items()
    )
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def as_text(value: Any, limit: int = 40) -> str:
    """A value in one short line: six digits, curves by their ends, control characters escaped.

    >>> as_text(0.123456789), as_text([3.0, 2.0, 1.0, 0.5]), as_text("a\\nb")
    ('0.123457', '[3, …, 0.5] (4)', 'a\\\\nb')
    """
    match value:
        case bool() | None:
            text = str(value)
        case float():
            text = f"{value:.6g}"
        case list() | tuple() if len(value) > 3:
            text = f"[{as_text(value[0], 12)}, {ELLIPSIS}, {as_text(value[-1], 12)}] ({len(value)})"
        case list() | tuple():
            text = f"[{', '.join(as_text(item, 12) for item in value)}]"
        case Mapping():
            text = f"{{{', '.join(f'{as_text(key, 12)}: {as_text(item, 12)}' for key, item in value.items())}}}"
        case _:
            text = printable(str(value)[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def _ends(length: int, limit: int | None) -> list[int]:
    """Which rows are shown: all, or the first and the last."""
    if limit is None or length <= limit:
        return list(range(length))
    return [*range(limit // 2), *range(length - (limit - limit // 2), length)]


def _fitting(texts: Mapping[str, Sequence[str]], max_width: int) -> list[str]:
    """The columns that fit, chosen by importance, in their own order; all of them where they do."""
    chosen: set[str] = set()
    room = max_width
    if sum(max(map(len, column)) + 2 for column in texts.values()) <= max_width:
        return list(texts)
    for name in sorted(texts, key=lambda name: _importance(name, texts[name][1:])):
        width = max(map(len, texts[name])) + 2
        if chosen and _importance(name, texts[name][1:]) == _NOISE:
            break
        if width <= room or not chosen:
            chosen.add(name)
            room -= width
    return [name for name in texts if name in chosen]


_NOISE = 4
"""The importance of what is the same for all runs of a project, or nobody's question: paths, hosts, times."""


def _importance(name: str, column: Sequence[str]) -> int:
    if name in ("info.logger.log_id", "info.status"):
        return 0
    if name.startswith("info."):
        return _NOISE
    if not name.startswith("config."):
        return 2
    return 1 if len(set(column)) > 1 else 3


def is_numeric(column: Sequence[str]) -> bool:
    """Whether a column is of numbers, and stands to the right."""
    return all(text[:1] in "+-.0123456789" or text in ("nan", "inf", "None") for text in column)


def aligned(columns: Sequence[Sequence[str]], to_the_right: Sequence[bool]) -> list[str]:
    """Columns of texts as lines."""
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, to_the_right, strict=True)
        ).rstrip()
        for line in zip(*columns, strict=True)
    ]


def _extent(frame: Tabular, shown: int, columns: int) -> str:
    of = f"{shown} of {columns}" if shown < columns else columns or "no"
    return f"{len(frame)} rows, {of} columns"
