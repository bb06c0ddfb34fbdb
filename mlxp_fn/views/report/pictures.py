"""Pictures as a browser shows them from within a page."""

from __future__ import annotations

from base64 import b64encode

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def data_uri(content: bytes) -> str:
    """A picture as a data URI, whatever its file is called; an empty text for what is none.

    >>> data_uri(b"GIF89a"), data_uri(b"<svg onload='alert(1)'>")
    ('data:image/gif;base64,R0lGODlh', '')
    """
    kind = next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)
    if kind is None and content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "image/webp"
    return f"data:{kind};base64,{b64encode(content).decode()}" if kind else ""
