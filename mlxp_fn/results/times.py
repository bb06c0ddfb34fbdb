"""Times in queries: instants, as in `info.start > '2026-11-01'`, and ages, as in `info.age < '2d'`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.query import AGE, CONTAINMENT, END, MATCHES, START, Key, Term

_YEAR_OR_MONTH = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_AGE = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?[smhdw])+")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@frozen
class Scale:
    """How the texts in a comparison are read: `read` gives what is compared, or None for another text."""

    read: Callable[[str], Any]
    meant: str


def scale(left: Term, sign: str, right: Term) -> Scale | None:
    """How a comparison reads texts, if one side of it is a time."""
    names = {term.name for term in (left, right) if isinstance(term, Key)}
    if sign in MATCHES or (sign in CONTAINMENT and not isinstance(left, Key)):
        return None  # they ask for a part of the text
    if AGE in names:
        return AGES
    return INSTANTS if names & {START, END} else None


def as_read(scale: Scale | None, value: Any) -> Any:
    """A value as a scale reads it: texts that are times, and those in lists; anything else as it is."""
    if scale is None:
        return value
    if isinstance(value, str):
        read = scale.read(value)
        return value if read is None else read
    return [as_read(scale, item) for item in value] if isinstance(value, list) else value


def instant(text: str) -> datetime | None:
    """The instant that a time in ISO 8601 begins with, in UTC where it names no zone.

    >>> print(instant("2026-11"), instant("2026-11-01 02:00+02:00") == instant("2026-11-01"))
    2026-11-01 00:00:00+00:00 True
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return _of_year_or_month(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def seconds(text: str) -> float | None:
    """How long an age is.

    >>> seconds("2d"), seconds("1h30m"), seconds("2 days")
    (172800.0, 5400.0, None)
    """
    if not _AGE.fullmatch(text):
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in re.findall(r"([0-9.]+)([smhdw])", text))


def age(start: Any, now: datetime | None) -> Any:
    """The seconds from the text of an instant until now; ABSENT where one of them is not known."""
    begin = instant(start) if isinstance(start, str) else None
    return ABSENT if begin is None or now is None else (now - begin).total_seconds()


def _of_year_or_month(text: str) -> datetime | None:
    match = _YEAR_OR_MONTH.fullmatch(text)
    if not match:
        return None
    try:
        return datetime.fromisoformat(f"{text}-01" if match[1] else f"{text}-01-01").replace(tzinfo=UTC)
    except ValueError:  # a month 13
        return None


AGES = Scale(seconds, "an age such as '90s', '2d' or '1h30m'")
INSTANTS = Scale(instant, "a time such as '2026-11-01' or '2026-11-01T10:30+02:00'")
