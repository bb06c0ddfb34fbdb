"""The words of a query, and the error that marks a place in it."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from mlxp_fn.errors import QueryError
from mlxp_fn.results.query import PLAIN_KEY, WORDS

CONSTANTS = {"true": True, "false": False, "none": None, "null": None}

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}

_TOKEN = re.compile(
    rf"""
      (?P<space>   \s+)
    | (?P<number>  [+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<word>    {PLAIN_KEY.pattern})
    | (?P<quoted>  '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*`)
    | (?P<sign>    ==|!=|<=|>=|[<>&|~()\[\]{{}},:])
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


def tokens(text: str) -> list[Token]:
    """The words of a query, the last of kind `end`. Raises `QueryError` for what is no word."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise query_error(text, place, _trouble(text, place))
        if match.lastgroup != "space":
            found.append(_token(text, match))
        place = match.end()
    return [*found, Token("end", None, len(text))]


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
        return int(word) if word.lstrip("+-").isdigit() else float(word)
    except ValueError as error:  # Python refuses integers of thousands of digits
        raise query_error(text, start, "this number is too long") from error


def _unescaped(text: str, word: str, start: int) -> str:
    def character(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 1:
            return _ESCAPES.get(code, code if code in "'\"`\\" else match[0])
        if int(code[1:], 16) > 0x10FFFF:
            raise query_error(text, start + 1 + match.start(), "there is no such character")
        return chr(int(code[1:], 16))

    pattern = r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)"
    return re.sub(pattern, character, word[1:-1], flags=re.DOTALL)


def _trouble(text: str, place: int) -> str:
    char = text[place]
    if char in "'\"`":
        return f"this {char} is never closed"
    return {
        "=": "a comparison is written '=='",
        "!": "'not' is written '~' or 'not', and 'is not' '!='",
    }.get(char, f"the character {char!r} means nothing here; texts stand in quotes, odd keys in backticks")
