"""One JSON object a line: what metrics and events are written in and read from.

msgspec does the work. It writes NaN as `null` and refuses to read it, and a diverged loss is NaN; so a value
that msgspec cannot hold goes through Python's json, which MLXP and everybody else reads it with.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from mlxp_fn.errors import MetricsError

_encode = msgspec.json.Encoder(enc_hook=lambda value: as_plain(value)).encode
_decode = msgspec.json.Decoder().decode
_decode_lines = msgspec.json.Decoder().decode_lines


def as_plain(value: Any) -> Any:
    """A numpy, torch or jax scalar as Python's own number, by protocol; tuples and mappings of ours as plain.

    Raises `MetricsError` for anything else.
    """
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    raise MetricsError(f"cannot write {value!r} of type {type(value).__name__} as JSON")


def encode(value: Any) -> bytes:
    """`value` as JSON on one line, without the line's end; NaN and infinities as Python's json writes them.

    Raises `MetricsError` for what JSON cannot hold.

    >>> encode({"loss": 0.1, "bad": float("nan")})
    b'{"loss":0.1,"bad":NaN}'
    """
    try:
        text = _encode(value)
    except (OverflowError, ValueError, UnicodeEncodeError):
        return _encode_slowly(value)
    except TypeError as error:
        raise MetricsError(str(error)) from error
    # A `null` may stand for a NaN that msgspec has swallowed.
    return _encode_slowly(value) if b"null" in text else text


def _encode_slowly(value: Any) -> bytes:
    try:
        return json.dumps(value, default=as_plain, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise MetricsError(str(error)) from error


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
