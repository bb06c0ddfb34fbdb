"""Figures in files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from mlxp_fn.effects.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FIELDS = {"pdf": "Subject", "svg": "Description"}
"""Where a format that has no fields of one's own takes a text."""


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
    figure = axes.get_figure(root=True)
    content = BytesIO()
    figure.savefig(content, format=kind, dpi=150, metadata=facts or None)  # type: ignore[union-attr]
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content.getvalue())
    return target
