"""One JSON object a line: what metrics and events are written in and read from.

msgspec does the work. It writes NaN as `null` and refuses to read it, and a diverged loss is NaN; so what msgspec
cannot hold is written as Python's json writes it, and read with that, as MLXP and everybody else does.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, Any

import msgspec

from mlxp_fn.errors import MetricsError

if TYPE_CHECKING:
    import json

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_decode_lines = msgspec.json.Decoder().decode_lines

_ATOMS = frozenset({str, int, float, bool, type(None)})
_NOT_FINITE = {"nan": msgspec.Raw(b"NaN"), "inf": msgspec.Raw(b"Infinity"), "-inf": msgspec.Raw(b"-Infinity")}

DIGITS = 4300
"""Python reads no longer integer unless told to."""


def encode(value: Any, *, text_keys: bool = False) -> bytes:
    """`value` as JSON on one line, without the line's end; NaN and infinities as Python's json writes them.

    Numbers, texts, booleans, None, lists, tuples and dicts of these; configs; enums as their value; scalars of
    numpy, torch and jax. Keys that are numbers, booleans or None become texts, or with `text_keys` are refused.
    Raises `MetricsError` for all else, though msgspec has ways to write some of it.

    >>> encode({"loss": 0.1, "bad": float("nan")})
    b'{"loss":0.1,"bad":NaN}'
    """
    if type(value) is dict:
        # Nearly every row is flat; this loop is all that such a row pays.
        for key, item in value.items():
            if type(item) not in _ATOMS or type(key) is not str:
                value = _checked(value, text_keys)
                break
    else:
        value = _checked(value, text_keys)
    text = _encoded(value)
    if len(text) > DIGITS and not 0 < sys.get_int_max_str_digits() <= DIGITS:
        _refuse_long_ints(value)
    return text


def _encoded(value: Any) -> bytes:
    try:
        text = _encode(value)
        # A `null` may stand for a NaN that msgspec has swallowed.
        return _encode(_showing_not_finite(value)) if b"null" in text else text
    except (OverflowError, ValueError, TypeError, RecursionError):
        pass  # a huge int, a lone surrogate, a key that is True or None
    try:
        return _pythons_encoder().encode(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MetricsError(str(error)) from error


@cache
def _pythons_encoder() -> json.JSONEncoder:
    from json import JSONEncoder  # a start needs none of Python's json, and would pay for it

    return JSONEncoder(separators=(",", ":"))


@cache
def _pythons_decoder() -> json.JSONDecoder:
    from json import JSONDecoder

    return JSONDecoder()


def _showing_not_finite(value: Any) -> Any:
    # Every row of a run that has diverged comes here; `match` would take twice as long.
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else _NOT_FINITE[repr(value)]
    if kind is dict:
        return {key: _showing_not_finite(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_showing_not_finite(item) for item in value]
    return value


def _refuse_long_ints(value: Any) -> None:
    """Raise `MetricsError` for what only a process that has lifted Python's limit could read."""
    match value:
        case int() if abs(value) >= 10**DIGITS:
            raise MetricsError(f"an integer has more than {DIGITS} digits, which Python's json does not read")
        case dict():
            _refuse_long_ints([*value, *value.values()])
        case list() | tuple():
            for item in value:
                _refuse_long_ints(item)


def _checked(value: Any, text_keys: bool) -> Any:
    try:
        return _plain(value, _text_key if text_keys else _any_key)
    except RecursionError:
        raise MetricsError(f"a value of type {type(value).__name__} is nested too deeply, or in itself") from None


def _plain(value: Any, key_of: Callable[[Any], Any]) -> Any:
    if type(value) in _ATOMS:
        return value
    match value:
        case Enum():
            return _plain(value.value, key_of)
        case dict():
            return {key_of(key): _plain(item, key_of) for key, item in value.items()}
        case list() | tuple():
            return value if _ATOMS.issuperset(map(type, value)) else [_plain(item, key_of) for item in value]
        # The numbers and texts of subclasses, whatever those make of `str()` and `float()`.
        case str():
            return str.__str__(value)
        case int():
            return int.__int__(value)
        case float():
            return float.__float__(value)
        case Mapping() if hasattr(value, "to_dict"):
            return _plain(value.to_dict(), key_of)
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return _number(value)
    raise MetricsError(f"JSON cannot hold a value of type {type(value).__name__}")


def _text_key(key: Any) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    raise MetricsError(f"the key {key!r} of type {type(key).__name__} is not text; write {str(key)!r}")


def _any_key(key: Any) -> Any:
    if type(key) in _ATOMS:
        return key
    if isinstance(key, Enum):
        return _any_key(key.value)
    if isinstance(key, (str, int, float)):
        return _plain(key, _any_key)
    raise MetricsError(f"JSON cannot hold the key {key!r} of type {type(key).__name__}")


def _number(value: Any) -> Any:
    """A numpy, torch or jax scalar as Python's own number, by protocol."""
    kind = f"{type(value).__name__} ({getattr(value, 'dtype', '?')})"
    # A date's own number would be one of nanoseconds, and what is masked has none.
    if getattr(getattr(value, "dtype", None), "kind", "") in ("M", "m") or getattr(value, "mask", False):
        raise MetricsError(f"JSON cannot hold a value of type {kind}")
    try:
        number = value.item()
    except (TypeError, ValueError, RuntimeError) as error:
        raise MetricsError(f"a value of type {kind} has no number: {error}") from error
    if type(number) in _ATOMS:
        return number
    if isinstance(number, Real):  # numpy's longdouble is its own item
        nearest = float(number)
        if math.isfinite(nearest) or number in (math.inf, -math.inf) or number != number:
            return nearest
        raise MetricsError(f"a value of type {kind} is too large for a float: {number!r}")
    raise MetricsError(f"JSON cannot hold a value of type {kind}")


def decode(line: bytes) -> Any:
    """What `encode` was given. Raises `ValueError` for what is not JSON.

    >>> decode(b'{"loss": NaN, "iter": 3}')
    {'loss': nan, 'iter': 3}
    """
    if b"NaN" not in line and b"Infinity" not in line:
        try:
            return _decode(line)
        except msgspec.DecodeError:  # a lone surrogate, perhaps
            pass
    text = line.decode().strip()
    value, end = _pythons_decoder().raw_decode(text)
    if end < len(text):
        raise ValueError(f"something follows the JSON value: {text[end : end + 20]!r}")
    return value


def lines(content: bytes) -> list[Any]:
    """Every whole line of a file, decoded; a torn last line and lines that are not JSON are passed over.

    Where a writer was killed within a line, and another went on behind it, what that one wrote is read.

    >>> lines(b'{"a": 1}\\n{"a{"a": 2}\\n{"a"')
    [{'a': 1}, {'a': 2}]
    """
    try:
        return _decode_lines(content)
    except (msgspec.DecodeError, ValueError, RecursionError):  # a NaN, a torn line, or no JSON at all
        *ended, rest = content.split(b"\n")
        values = [value for line in ended if line for value in _decoded(line, _BEGINNINGS)]
        return values + _decoded(rest, 1)


_BEGINNINGS = 64
"""In how many places of a line the one that was written behind a torn one is looked for."""


def _decoded(line: bytes, beginnings: int) -> list[Any]:
    """The values on a line: several where the end of a line was lost, as in a file that is whole otherwise."""
    try:
        if b"NaN" not in line and b"Infinity" not in line:
            return _decode_lines(line)
    except (msgspec.DecodeError, ValueError, RecursionError):  # a lone surrogate, perhaps
        pass
    start = 0
    while beginnings and start >= 0:
        try:
            return [decode(line[start:])]
        except (ValueError, RecursionError):
            start, beginnings = line.find(b'{"', start + 1), beginnings - 1
    return []
