"""What an override is made of: immutable records of the words on a command line."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import field, frozen
from msgspec import Struct


class Change(StrEnum):
    """What an override does to its key; the value is the sign before the key."""

    CHANGE = ""
    ADD = "+"
    FORCE_ADD = "++"
    DELETE = "~"


class Absent(StrEnum):
    """The value of `~key`, which has none."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


class Quoted(str):
    """A text that was written in quotes: a string, whatever is in it."""

    quote: str

    def __new__(cls, text: str, quote: str = "'") -> Quoted:
        """The text in it, and the kind of quotes."""
        quoted = super().__new__(cls, text)
        quoted.quote = quote
        return quoted


class Pairs(Struct, frozen=True):
    """A mapping, as its entries in order; a list is a tuple."""

    items: tuple[tuple[Any, Any], ...] = ()


class Choice(Struct, frozen=True):
    """One of several values; `simple` where it was written with commas alone."""

    elements: tuple[Any, ...]
    simple: bool = False
    tags: frozenset[str] = frozenset()
    shuffle: bool = False
    seed: int | None = None


class Range(Struct, frozen=True, kw_only=True):
    """Numbers at equal distances; `kind` is what each is cast to."""

    start: int | float
    stop: int | float
    step: int | float = 1
    kind: type[int] | type[float] | None = None
    tags: frozenset[str] = frozenset()
    shuffle: bool = False
    seed: int | None = None


class Interval(Struct, frozen=True):
    """All numbers between two: for an optimizer, not for a grid."""

    start: int | float
    end: int | float
    tags: frozenset[str] = frozenset()


class Glob(Struct, frozen=True):
    """The options of a group whose names match a pattern."""

    include: tuple[Any, ...]
    exclude: tuple[Any, ...] = ()


class Zip(Struct, frozen=True):
    """Values that go along with those of the other zips, place by place."""

    elements: tuple[Any, ...]


class Extension(Struct, frozen=True):
    """Values to append to a list."""

    elements: tuple[Any, ...]


SWEEPS = (Choice, Range, Interval, Glob, Zip)
"""The records that stand for several values."""


@frozen
class Override:
    """One override: `sign key @package = value`, and the text it was read from."""

    text: str = field(eq=False)
    change: Change
    key: str
    package: str | None
    value: Any

    @property
    def name(self) -> str:
        """Sign, key and package: what makes two overrides the same axis."""
        package = "" if self.package is None else f"@{self.package}"
        return f"{self.change}{self.key}{package}"

    @property
    def is_sweep(self) -> bool:
        """Whether it stands for several values."""
        return isinstance(self.value, SWEEPS)


def plain_value(value: Any) -> Any:
    """A parsed value as plain data: quotes dropped, lists and dicts."""
    match value:
        case Quoted():
            return str(value)
        case tuple():
            return [plain_value(item) for item in value]
        case Pairs(items=items):
            return {plain_value(key): plain_value(item) for key, item in items}
        case _:
            return value


def parsed_value(value: Any) -> Any:
    """The inverse of `plain_value`: plain data as the grammar would have read it."""
    match value:
        case dict():
            return Pairs(tuple((key, parsed_value(item)) for key, item in value.items()))
        case list() | tuple():
            return tuple(parsed_value(item) for item in value)
        case _:
            return value
