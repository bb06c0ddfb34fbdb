"""One JSON object a line: what metrics and events are written in and read from.

msgspec does the work. It writes NaN as `null` and refuses to read it, and a diverged loss is NaN; so a value
that msgspec cannot hold goes through Python's json, which MLXP and everybody else reads it with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from numbers import Real
from typing import Any

import msgspec

from mlxp_fn.errors import MetricsError

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_decode_lines = msgspec.json.Decoder().decode_lines

_ATOMS = frozenset({str, int, float, bool, type(None)})


def encode(value: Any) -> bytes:
    """`value` as JSON on one line, without the line's end; NaN and infinities as Python's json writes them.

    Numbers, texts, booleans, None, lists, tuples and dicts of these; configs; enums as their value; scalars of
    numpy, torch and jax. Raises `MetricsError` for all else, though msgspec has ways to write some of it.

    >>> encode({"loss": 0.1, "bad": float("nan")})
    b'{"loss":0.1,"bad":NaN}'
    """
    if type(value) is dict:
        # Nearly every row is flat; this loop is all that such a row pays.
        for key, item in value.items():
            if type(item) not in _ATOMS or type(key) is not str:
                value = _checked(value)
                break
    else:
        value = _checked(value)
    try:
        text = _encode(value)
    # A huge int, a lone surrogate, a key that is True or None.
    except (OverflowError, ValueError, TypeError, RecursionError):
        return _encode_slowly(value)
    # A `null` may stand for a NaN that msgspec has swallowed.
    return _encode_slowly(value) if b"null" in text else text


def _encode_slowly(value: Any) -> bytes:
    try:
        return json.dumps(value, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MetricsError(str(error)) from error


def _checked(value: Any) -> Any:
    try:
        return _plain(value)
    except RecursionError:
        raise MetricsError(f"a value of type {type(value).__name__} is nested too deeply, or in itself") from None


def _plain(value: Any) -> Any:
    if type(value) in _ATOMS:
        return value
    match value:
        case Enum():
            return _plain(value.value)
        case dict():
            return {_key(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return value if _ATOMS.issuperset(map(type, value)) else [_plain(item) for item in value]
        # The numbers and texts of subclasses, whatever those make of `str()` and `float()`.
        case str():
            return str.__str__(value)
        case int():
            return int.__int__(value)
        case float():
            return float.__float__(value)
        case Mapping() if hasattr(value, "to_dict"):
            return _plain(value.to_dict())
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return _number(value)
    raise MetricsError(f"JSON cannot hold a value of type {type(value).__name__}")


def _key(key: Any) -> Any:
    if type(key) in _ATOMS:
        return key
    if isinstance(key, (Enum, str, int, float)):
        return _plain(key)
    raise MetricsError(f"JSON cannot hold the key {key!r} of type {type(key).__name__}")


def _number(value: Any) -> Any:
    """A numpy, torch or jax scalar as Python's own number, by protocol."""
    try:
        number = value.item()
    except (TypeError, ValueError, RuntimeError) as error:
        raise MetricsError(f"a value of type {type(value).__name__} has no number: {error}") from error
    if type(number) in _ATOMS:
        return number
    if isinstance(number, Real):  # numpy's longdouble is its own item
        return float(number)
    raise MetricsError(f"JSON cannot hold a value of type {type(number).__name__}")


def decode(line: bytes) -> Any:
    """What `encode` was given. Raises `ValueError` for what is not JSON.

    >>> decode(b'{"loss": NaN, "iter": 3}')
    {'loss': nan, 'iter': 3}
    """
    try:
        return _decode(line)
    except msgspec.DecodeError:
        return json.loads(line)


def lines(content: bytes) -> list[Any]:
    """Every whole line of a file, decoded; a torn last line and lines that are not JSON are passed over.

    >>> lines(b'{"a": 1}\\n{"a": 2}\\n{"a"')
    [{'a': 1}, {'a': 2}]
    """
    try:
        return _decode_lines(content)
    except (msgspec.DecodeError, ValueError, RecursionError):  # a NaN, a torn line, or no JSON at all
        return [value for line in content.split(b"\n") if line for value in _decoded(line)]


def _decoded(line: bytes) -> list[Any]:
    try:
        return [decode(line)]
    except (ValueError, RecursionError):
        return []
