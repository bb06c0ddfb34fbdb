"""Figures in files, with what they were made from."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Mapping
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlxp_fn.effects.files import cannot, write_atomically
from mlxp_fn.effects.regular_files import open_regular, read_and_close
from mlxp_fn.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FIELDS = {"pdf": "Subject", "svg": "Description"}
"""Where a format that has no fields of one's own takes a text."""

MADE_FROM = "mlxp_fn"
"""The name of the fact that `made_from` reads."""

_PNG = b"\x89PNG\r\n\x1a\n"
_IN_PDF = re.compile(rb"/Subject\s*\(((?:\\.|[^\\)])*)\)", re.DOTALL)
_IN_SVG = re.compile(rb"<dc:description>(.*?)</dc:description>", re.DOTALL)


def blank_axes() -> Axes:
    """Axes on a figure of their own, which no window shows. Raises `MissingExtraError` without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("a plot needs matplotlib; pip install 'mlxp-fn[plot]'") from error
    axes: Axes = Figure(figsize=(7.2, 4.4), layout="constrained").subplots()
    return axes


def made_from(path: Path) -> str | None:
    """What the fact `MADE_FROM` in a PNG, PDF or SVG says; None where it is missing. Raises `LogDirError`."""
    try:
        descriptor, status = open_regular(str(path))
        content = read_and_close(descriptor, status.st_size)
    except OSError as error:
        raise cannot("read the figure", path, error) from error
    if content.startswith(_PNG):
        return _in_png(content)
    found = _IN_PDF.search(content) if content.startswith(b"%PDF") else _IN_SVG.search(content)
    if found is None:
        return None
    if content.startswith(b"%PDF"):
        text = re.sub(rb"\\(.)", rb"\1", found[1], flags=re.DOTALL).decode(errors="replace")
    else:
        text = unescape(found[1].decode(errors="replace"))
    return text.removeprefix(f"{MADE_FROM}: ")


def _in_png(content: bytes) -> str | None:
    place = len(_PNG)
    while place + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        name, _, text = content[place + 8 : place + 8 + length].partition(b"\0")
        if kind == b"tEXt" and name == MADE_FROM.encode():
            return text.decode("latin-1")
        place += length + 12
    return None


def save_figure(axes: Axes, path: str | os.PathLike[str], metadata: Mapping[str, str] | None = None) -> Path:
    """Write the figure that `axes` are on, in the format that the path ends in, PNG if in none; returns the path.

    `metadata` says what the figure was made from, and travels in the file. The file is replaced in one step.
    """
    target = Path(path)
    kind = target.suffix.removeprefix(".").lower() or "png"
    facts = dict(metadata or {})
    if kind != "png":
        facts = (
            {_FIELDS[kind]: "; ".join(f"{name}: {fact}" for name, fact in facts.items())} if kind in _FIELDS else {}
        )
    figure: Any = axes.get_figure(root=True)
    content = BytesIO()
    figure.savefig(content, format=kind, dpi=max(150, figure.dpi), metadata=facts or None)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content.getvalue())
    return target
