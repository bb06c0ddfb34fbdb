"""Pictures as a browser shows them from within a page."""

from __future__ import annotations

import re
from base64 import b64encode

_HEAD = 4096
"""How many bytes are looked at to tell an SVG."""

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


_SVG = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>\s*)?((<!--(?:(?!-->).)*-->|<!DOCTYPE\s[^>\[]*>)\s*)*<svg[\s>]", re.DOTALL
)
"""How an SVG begins; one that declares entities of its own is none here."""


def data_uri(content: bytes) -> str:
    """A picture as a data URI, whatever its file is called; an empty text for what is none.

    As the source of an image an SVG is drawn, and nothing in it runs or is loaded.

    >>> data_uri(b"GIF89a"), data_uri(b"<p>"), data_uri(b"<svg onload='alert(1)'/>")[:29]
    ('data:image/gif;base64,R0lGODlh', '', 'data:image/svg+xml;base64,PHN')
    """
    kind = next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)
    if kind is None and content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "image/webp"
    if kind is None and _SVG.match(content[:_HEAD]):
        kind = "image/svg+xml"
    return f"data:{kind};base64,{b64encode(content).decode()}" if kind else ""
