"""Text with `${...}` in it, parsed: OmegaConf's grammar of references and resolver calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from mlxp_fn.errors import InterpolationError
from mlxp_fn.tree.scalars import ESCAPE, RUN, scalar


class Joined(Struct, frozen=True):
    """A text made of several parts, or of one that must become a text."""

    parts: tuple[Any, ...]


class Reference(Struct, frozen=True):
    """`${a.b}`, or with `level` leading dots `${..b}`; `source` is the text it was read from."""

    level: int
    keys: tuple[Any, ...]
    source: str


class Call(Struct, frozen=True):
    """`${resolver:argument,...}`; `texts` are the arguments as they were written."""

    name: Any
    arguments: tuple[Any, ...]
    texts: tuple[str, ...]
    source: str


class Elements(Struct, frozen=True):
    """A list among the arguments of a call."""

    items: tuple[Any, ...]


class Entries(Struct, frozen=True):
    """A mapping among the arguments of a call."""

    items: tuple[tuple[Any, Any], ...]


Expression = str | Joined | Reference | Call

_PLAIN = re.compile(r"[^$\\]+|\$(?!\{)")
_BACKSLASHES = re.compile(r"(\\+)(\$\{)?")
_KEY = re.compile(r"(?:[^\\{}()\[\]:. \t'\"$]|\$(?!\{))+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")
_BLANKS = re.compile(r"[ \t]*")
_DOTS = re.compile(r"\.*")
_QUOTED_PLAIN = {quote: re.compile(rf"[^$\\{quote}]+|\$(?!\{{)") for quote in "'\""}


@lru_cache(maxsize=8192)
def parse_interpolated(text: str) -> Expression:
    """What a text means: itself, or a reference, a call, or several of these joined.

    Raises `InterpolationError` that marks the place.

    >>> parse_interpolated("${a.b}")
    Reference(level=0, keys=('a', 'b'), source='${a.b}')
    >>> parse_interpolated(r"\\${a}")
    '${a}'
    """
    return _Parser(text).whole()


@lru_cache(maxsize=1024)
def parse_element(text: str) -> Any:
    """One argument of a resolver, standing alone: what `${oc.decode:...}` reads."""
    return _Parser(text).single_element()


class _Parser:
    """Recursive descent over one text; it lives for one call of `parse_interpolated`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> Expression:
        return _simplified(self.parts_until(None))

    def single_element(self) -> Any:
        self.blanks()
        value = self.element()
        self.blanks()
        if self.at < len(self.text):
            raise self.error("unexpected character")
        return value

    def parts_until(self, quote: str | None) -> tuple[Any, ...]:
        """The parts of a text up to its end or, in quotes, up to the closing one."""
        plain = _QUOTED_PLAIN[quote] if quote else _PLAIN
        parts: list[Any] = []
        while self.at < len(self.text) and not (quote and self.text[self.at] == quote):
            if match := plain.match(self.text, self.at):
                self.at = match.end()
                parts.append(match[0])
            elif self.text.startswith("${", self.at):
                parts.append(self.interpolation())
            else:
                parts.append(self.backslashes(quote))
        return tuple(parts)

    def backslashes(self, quote: str | None) -> str:
        """Backslashes count only before `${` and before the quote that would end the text."""
        match = self.matched(_BACKSLASHES)
        count = len(match[1])
        self.at += count
        following = self.text[self.at : self.at + 1]
        if match[2] and count % 2:
            self.at += 2
            return "\\" * (count // 2) + "${"
        if quote and following == quote and count % 2:
            self.at += 1
            return "\\" * (count // 2) + quote
        return "\\" * (count // 2 if match[2] or (quote and following == quote) else count)

    def interpolation(self) -> Reference | Call:
        start = self.at
        self.at += 2
        self.blanks()
        level = len(self.take(_DOTS))
        keys = [self.bracketed() if self.peek("[") else self.key()]
        while not self.closes("}"):
            if not level and self.peek(":"):
                return self.call(keys, start)
            if self.peek("["):
                keys.append(self.bracketed())
            else:
                self.expect(".")
                keys.append(self.key())
        return Reference(level, tuple(keys), self.text[start : self.at])

    def key(self) -> Any:
        if self.text.startswith("${", self.at):
            return self.interpolation()
        if not _KEY.match(self.text, self.at):
            raise self.error("a key is expected")
        return self.take(_KEY)

    def bracketed(self) -> Any:
        self.expect("[")
        key = self.key()
        self.expect("]")
        return key

    def call(self, name: list[Any], start: int) -> Call:
        for part in name:
            if isinstance(part, str) and not _NAME.fullmatch(part):
                raise self.error(f"{part!r} is no resolver's name")
        self.expect(":")
        self.blanks()
        arguments: list[Any] = []
        texts: list[str] = []
        while not self.closes("}"):
            if texts:
                self.expect(",")
                self.blanks()
            begin = self.at
            arguments.append("" if self.ahead() in (",", "}") else self.element())
            texts.append(self.text[begin : self.at].strip(" \t"))
        dotted = tuple(part for key in name for part in (".", key))[1:]
        return Call(_simplified(dotted), tuple(arguments), tuple(texts), self.text[start : self.at])

    def element(self) -> Any:
        match self.text[self.at : self.at + 1]:
            case "'" | '"' as quote:
                return self.quoted(quote)
            case "[":
                return Elements(tuple(self.sequence("[", "]", self.element)))
            case "{":
                return Entries(tuple(self.sequence("{", "}", self.entry)))
            case _:
                return self.primitive()

    def quoted(self, quote: str) -> Any:
        self.at += 1
        parts = self.parts_until(quote)
        self.expect(quote)
        simple = _simplified(parts)
        return simple if isinstance(simple, str) else Joined(parts)

    def sequence(self, opening: str, closing: str, item: Callable[[], Any]) -> list[Any]:
        self.expect(opening)
        items: list[Any] = []
        while not self.closes(closing):
            if items:
                self.expect(",")
            self.blanks()
            items.append(item())
        return items

    def entry(self) -> tuple[Any, Any]:
        key = self.primitive(before_colon=True)
        self.blanks()
        self.expect(":")
        self.blanks()
        return key, self.element()

    def primitive(self, *, before_colon: bool = False) -> Any:
        """A run of bare characters and interpolations; one word alone has a type. A key ends before a colon."""
        parts: list[Any] = []
        while True:
            if self.text.startswith("${", self.at):
                parts.append(self.interpolation())
            elif run := self.bare(before_colon):
                parts.append(run)
            else:
                break
        if not parts:
            raise self.error("a value is expected")
        if isinstance(parts[-1], str):
            parts[-1] = parts[-1].rstrip(" \t") or ""
        words = tuple(ESCAPE.sub(r"\1", part) if isinstance(part, str) else part for part in parts)
        if len(words) == 1:
            return scalar(parts[0]) if words[0] == parts[0] and isinstance(parts[0], str) else words[0]
        return Joined(tuple(part for part in words if part != ""))

    def bare(self, before_colon: bool) -> str:
        match = RUN.match(self.text, self.at)
        if not match:
            return ""
        run = match[0].split("${")[0]
        # `$` is a bare character, but `${` begins an interpolation.
        if run.endswith("$") and self.text.startswith("${", self.at + len(run) - 1):
            run = run[:-1]
        if before_colon:
            colon = re.search(r"(?<!\\):", run)
            run = run[: colon.start()] if colon else run
        self.at += len(run)
        return run

    def ahead(self) -> str:
        end = self.matched(_BLANKS).end()
        return self.text[end : end + 1]

    def closes(self, closing: str) -> bool:
        """Step over the closing bracket where it comes next; an end of the text is an error."""
        if self.ahead() == closing:
            self.blanks()
            self.at += 1
            return True
        if self.ahead() == "":
            self.at = len(self.text)
            raise self.error(f"{closing!r} is expected")
        return False

    def peek(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def take(self, pattern: re.Pattern[str]) -> str:
        match = self.matched(pattern)
        self.at = match.end()
        return match[0]

    def matched(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise self.error("unexpected character")
        return match

    def blanks(self) -> None:
        self.take(_BLANKS)

    def expect(self, character: str) -> None:
        if character in ",":
            self.blanks()
        if not self.peek(character):
            raise self.error(f"{character!r} is expected")
        self.at += len(character)

    def error(self, reason: str) -> InterpolationError:
        return InterpolationError(
            f"cannot read the interpolation: {reason}\n  {self.text}\n  {' ' * self.at}^\n"
            r"A dollar and a brace that are meant as text are written \${"
        )


def _simplified(parts: tuple[Any, ...]) -> Expression:
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    simple: Expression = parts[0] if len(parts) == 1 else Joined(parts)
    return simple
