"""How a bare word becomes a number, a boolean, null or stays a text, in overrides and in interpolations alike."""

from __future__ import annotations

import re

_INT = re.compile(r"[+-]?(?:0|[1-9](?:_?[0-9])*)", re.ASCII)
_FLOAT = re.compile(
    r"""[+-]?(?:
        (?:(?:0|[1-9](?:_?[0-9])*)\.(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?
      | (?:0|[1-9](?:_?[0-9])*)[eE][+-]?[0-9](?:_?[0-9])*
      | [iI][nN][fF] | [nN][aA][nN]
    )""",
    re.ASCII | re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}

RUN = re.compile(r"(?:[A-Za-z0-9_:/\-+.%*@?|$ \t]|\\[\\()\[\]{}:=, \t]|\\)+")
"""What an unquoted text may consist of, where no interpolation begins."""

ESCAPE = re.compile(r"\\([\\()\[\]{}:=, \t])")
"""A backslash that makes the next character an ordinary one."""


def scalar(word: str) -> bool | int | float | str | None:
    """The value that a bare word stands for.

    >>> [scalar(word) for word in ("1_000", "1e-3", "True", "null", "01", "1.2.3")]
    [1000, 0.001, True, None, '01', '1.2.3']
    """
    lower = word.lower()
    if lower in _WORDS:
        return _WORDS[lower]
    if _INT.fullmatch(word):
        return int(word)
    if _FLOAT.fullmatch(word):
        return float(word)
    return word
