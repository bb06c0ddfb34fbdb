"""How a process that runs from a copy of its code is told so: a text in an environment variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from mlxp_fn import jsonl


class Mark(Struct, frozen=True, kw_only=True):
    """What a process that runs from a copy is told: from which, of which repository, and what to record.

    `process` was started again from the copy; those that it starts inherit the mark, and are no restart.
    """

    process: int
    copy: str
    root: str
    info: Mapping[str, Any]


def mark_text(mark: Mark) -> str:
    """The mark as the value of an environment variable."""
    facts = {"process": mark.process, "copy": mark.copy, "root": mark.root, "info": dict(mark.info)}
    return jsonl.encode(facts).decode()


def parse_mark(text: str) -> Mark | None:
    """The mark in a text; None for what is none.

    >>> parse_mark(mark_text(Mark(process=1, copy="/c", root="/r", info={}))).root, parse_mark("{}")
    ('/r', None)
    """
    try:
        match jsonl.decode(text.encode()):
            case {"process": int(process), "copy": str(copy), "root": str(root), "info": dict(info)}:
                return Mark(process=process, copy=copy, root=root, info=info)
    except ValueError:
        pass
    return None
