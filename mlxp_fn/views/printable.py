"""Texts from log directories made harmless for a terminal: the one place that escapes control characters."""

from __future__ import annotations


def printable(text: str, keep: str = "") -> str:
    r"""The text with every character that a terminal would act upon written as an escape, but those in `keep`.

    >>> printable("a\x1b[31m\nb"), printable("a\nb", keep="\n")
    ('a\\x1b[31m\\nb', 'a\nb')
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode() for char in text
    )
