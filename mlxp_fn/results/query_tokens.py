"""The words of a query, and the error that marks a place in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from mlxp_fn.errors import QueryError
from mlxp_fn.results.query import PLAIN_KEY, WORDS

CONSTANTS = {"true": True, "false": False, "none": None, "null": None}

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|.)", re.DOTALL)

_DIGITS = r"[0-9](?:_?[0-9])*"

_TOKEN = re.compile(
    rf"""
      (?P<space>   \s+)
    | (?P<number>  [+-]?(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)
    | (?P<word>    {PLAIN_KEY.pattern} | [^\W\d]\w*)
    | (?P<quoted>  '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*`)
    | (?P<sign>    ==|!=|=~|!~|<=|>=|[<>&|~()\[\]{{}},:])
    """,
    re.VERBOSE | re.DOTALL,
)


@frozen
class Token:
    """A word of a query: `kind` is the sign or reserved word itself, or one of key, literal, text and end."""

    kind: str
    value: Any
    start: int
    text: str = ""


def tokens(text: str) -> Iterator[Token]:
    """The words of a query, each made when it is asked for, the last of kind `end`.

    Raises `QueryError` for what is no word.
    """
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise query_error(text, place, _trouble(text, place))
        if match.lastgroup != "space":
            yield _token(text, match)
        place = match.end()
    yield Token("end", None, len(text))


def query_error(text: str, place: int, trouble: str, kind: type[QueryError] = QueryError) -> QueryError:
    """The error that shows the text around a place with a caret below it."""
    begin = max(0, place - 50)
    window = "".join(char if char.isprintable() else " " for char in text[begin : place + 30])
    return kind(f"{trouble}\n  {window}\n  {' ' * (place - begin)}^")


def _token(text: str, match: re.Match[str]) -> Token:
    word, start = match.group(), match.start()
    match match.lastgroup:
        case "number":
            return Token("literal", _number(text, word, start), start, word)
        case "quoted":
            value = _unescaped(text, word, start)
            return Token("key" if word[0] == "`" else "text", value, start, word)
        case "word" if word.lower() in CONSTANTS:
            return Token("literal", CONSTANTS[word.lower()], start, word)
        case "word" if word.lower() not in WORDS:
            return Token("key", word, start, word)
        case _:
            return Token(word.lower(), word, start, word)


def _number(text: str, word: str, start: int) -> int | float:
    try:
        return float(word) if set(word) & set(".eE") else int(word)
    except ValueError as error:  # Python refuses integers of thousands of digits
        raise query_error(text, start, "this number is too long") from error


def _unescaped(text: str, word: str, start: int) -> str:
    def character(match: re.Match[str]) -> str:
        found = _character(match[1])
        if found is None:
            raise query_error(text, start + 1 + match.start(), "there is no such character")
        return found

    return _ESCAPE.sub(character, word[1:-1])


def _character(code: str) -> str | None:
    """What stands behind a backslash, as Python reads it; None for the code of no character."""
    if code.isdecimal():
        return chr(int(code, 8))
    if len(code) == 1:
        return _ESCAPES.get(code, code if code in "'\"`\\" else f"\\{code}")
    if code[0] == "N":
        return _named(code[2:-1])
    return chr(int(code[1:], 16)) if int(code[1:], 16) <= 0x10FFFF else None


def _named(name: str) -> str | None:
    from unicodedata import lookup  # few queries name a character

    try:
        return lookup(name)
    except KeyError:
        return None


def _trouble(text: str, place: int) -> str:
    char = text[place]
    if char in "'\"`":
        return f"this {char} is never closed"
    return {
        "=": "a comparison is written '=='",
        "!": "'not' is written '~' or 'not', and 'is not' '!='",
    }.get(char, f"the character {char!r} means nothing here; texts stand in quotes, odd keys in backticks")
