"""The grammar of override values: text to values, with the place of every error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

from mlxp_fn.config.syntax import Choice, Pairs, Quoted
from mlxp_fn.errors import OverrideError
from mlxp_fn.tree.scalars import scalar

_TOKEN = re.compile(r"\$\{[^}]+\}|\\[\\()\[\]{}:=, \t]|[A-Za-z0-9_:/\-+.%*@?|$ \t\\]")
_KEY_TOKEN = re.compile(r"\\[\\()\[\]{}:=, \t]|[A-Za-z0-9_/\-+.%*@?|$ \t\\]")
_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_\-]*)[ \t]*\([ \t]*")
_KEYWORD = re.compile(r"([A-Za-z_][A-Za-z0-9_\-]*)[ \t]*=[ \t]*")
_BLANKS = re.compile(r"[ \t]*")
_QUOTED = {quote: re.compile(rf"{quote}((?:[^\\{quote}]|\\.)*){quote}", re.DOTALL) for quote in "'\""}
_MAXIMAL_DEPTH = 100


def parse_value(text: str, start: int) -> Any:
    """The value that begins at `start` of an override's text.

    Raises `OverrideError`, which shows the whole override with a caret at the place.
    """
    return _Parser(text, start).value()


def refuse(text: str, at: int, reason: str) -> NoReturn:
    """Raise an `OverrideError` that shows the override and marks the place."""
    shown = text.replace("\n", "\N{SYMBOL FOR NEWLINE}").replace("\t", " ")
    raise OverrideError(f"cannot read the override {text!r}: {reason}\n  {shown}\n  {' ' * at}^")


class _Parser:
    """Recursive descent over one override; it lives for one call of `parse_value`."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.depth = 0

    def value(self) -> Any:
        """One element, or a sweep over several."""
        self.blanks()
        if self.at == len(self.text):
            return ""
        elements = [self.element()]
        while self.delimiter(","):
            elements.append(self.element())
        if self.at < len(self.text):
            self.refuse(self.unexpected("a comma or the end is expected"))
        return elements[0] if len(elements) == 1 else Choice(tuple(elements), simple=True)

    def element(self) -> Any:
        self.depth += 1
        if self.depth > _MAXIMAL_DEPTH:
            self.refuse("brackets are nested too deeply")
        try:
            return self.element_proper()
        finally:
            self.depth -= 1

    def element_proper(self) -> Any:
        match self.text[self.at : self.at + 1]:
            case "'" | '"' as quote:
                return self.quoted(quote)
            case "[":
                return tuple(self.items("[", "]", self.element))
            case "{":
                return _without_repeats(self.items("{", "}", self.entry))
        if match := _FUNCTION.match(self.text, self.at):
            return self.function(match)
        return self.bare(_TOKEN, "a value")

    def quoted(self, quote: str) -> Quoted:
        match = _QUOTED[quote].match(self.text, self.at)
        if not match:
            self.refuse(f"this {quote} is never closed")
        self.at = match.end()
        return Quoted(_unquoted(match[1], quote), quote)

    def items(self, opening: str, closing: str, item: Callable[[], Any]) -> list[Any]:
        """What stands between brackets, separated by commas."""
        begin = self.at
        self.at += len(opening)
        self.blanks()
        if self.delimiter(closing):
            return []
        found = [item()]
        while self.delimiter(","):
            found.append(item())
        if not self.delimiter(closing):
            if self.at == len(self.text):
                self.at = begin
                self.refuse(f"this {opening} is never closed")
            self.refuse(self.unexpected(f"a comma or {closing} is expected"))
        return found

    def entry(self) -> tuple[Any, Any]:
        key = self.bare(_KEY_TOKEN, "a key")
        if not self.delimiter(":"):
            self.refuse(self.unexpected("a colon is expected"))
        return key, self.element()

    def bare(self, token: re.Pattern[str], wanted: str) -> Any:
        """A run of ordinary characters; a single word may be a number, a boolean or null."""
        tokens: list[str] = []
        while match := token.match(self.text, self.at):
            tokens.append(match[0])
            self.at = match.end()
        end = len(tokens)
        while end and tokens[end - 1] in " \t":
            end -= 1
        if not end or tokens[end - 1] != ":":  # blanks behind a colon are part of it
            del tokens[end:]
        if not tokens:
            self.refuse(self.unexpected(f"{wanted} is expected"))
        escaped = any(len(token) == 2 for token in tokens)
        text = "".join(token[1] if len(token) == 2 else token for token in tokens)
        return text if escaped else scalar(text)

    def function(self, match: re.Match[str]) -> Any:
        from mlxp_fn.config.functions import FUNCTIONS, called  # most overrides call none

        name, start = match[1], self.at
        if name not in FUNCTIONS:
            self.refuse(f"there is no function {name!r}; there are {', '.join(FUNCTIONS)}")
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for keyword, value in self.items(match[0], ")", self.argument):
            if keyword:
                named[keyword] = value
            elif named:
                self.refuse("an argument without a name after one with a name")
            else:
                positional.append(value)
        try:
            return called(name, positional, named)
        except (ValueError, TypeError, OverflowError) as error:
            call = self.text[start : self.at]
            self.at = start
            self.refuse(f"{type(error).__name__} in {call}: {error}")

    def argument(self) -> tuple[str, Any]:
        keyword = _KEYWORD.match(self.text, self.at)
        if keyword:
            self.at = keyword.end()
        value = self.element()
        return (keyword[1] if keyword else ""), value

    def delimiter(self, character: str) -> bool:
        """Step over a delimiter and the blanks that belong to it, where it comes next."""
        end = self.blanks_end()
        if self.text[end : end + 1] != character:
            return False
        self.at = end + 1
        if character in ",:":
            self.blanks()
        return True

    def blanks_end(self) -> int:
        match = _BLANKS.match(self.text, self.at)
        return match.end() if match else self.at

    def blanks(self) -> None:
        self.at = self.blanks_end()

    def unexpected(self, otherwise: str) -> str:
        if self.at >= len(self.text):
            return f"{otherwise}, but here it ends"
        character = self.text[self.at]
        if character in "'\"":
            return f"{otherwise}; a quote must enclose the whole value, or be in the other kind of quotes"
        if character in " \t":
            return f"{otherwise}; a blank cannot stand here"
        return f"{otherwise}, not {character!r}; quote the value if it is text: '...'"

    def refuse(self, reason: str) -> NoReturn:
        refuse(self.text, self.at, reason)


def _unquoted(inner: str, quote: str) -> str:
    """Backslashes count only before a quote, and before the closing one."""

    def halved(match: re.Match[str]) -> str:
        return "\\" * (len(match[1]) // 2) + match[2]

    return re.sub(rf"(\\+)({quote}|\Z)", halved, inner)


def _without_repeats(entries: list[tuple[Any, Any]]) -> Pairs:
    """Of a key that is given twice the later value wins, at the place of the first."""
    return Pairs(tuple(dict(entries).items()))
