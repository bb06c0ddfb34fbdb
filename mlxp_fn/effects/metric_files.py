"""Reading metric files: several columns in one pass, or the last value from the end of the file backwards."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from attrs import frozen

from mlxp_fn import jsonl
from mlxp_fn.results.cells import ABSENT

_BLOCK = 1 << 12

_decode_lines = msgspec.json.Decoder(dict[str, Any]).decode_lines


@frozen
class Disk:
    """The store of the metrics of runs on this machine's disks. A file that is not there has no values."""

    def series(self, path: str, keys: Collection[str]) -> Mapping[str, list[Any]]:
        """The present values of each key, oldest first; torn and foreign lines are passed over."""
        lines = _lines(path)
        return {key: [line[key] for line in lines if key in line] for key in keys}

    def last(self, path: str, key: str) -> Any:
        """The last present value of a key, or ABSENT."""
        return next((line[key] for line in _lines_backwards(path) if key in line), ABSENT)

    def at(self, path: str, key: str, row: int) -> Any:
        """The value of a key in the line of that number, from 0, or ABSENT."""
        lines = _lines(path)
        return lines[row].get(key, ABSENT) if row < len(lines) else ABSENT


DISK = Disk()


def keys_in(path: str) -> list[str]:
    """Every key of a metric file, in the order of their first lines: the whole file is read."""
    return list(dict.fromkeys(key for line in _lines(path) for key in line))


def read_bytes(path: str) -> bytes | None:
    """The content of a file, or None where there is none. Raises `OSError` where it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        size = os.fstat(descriptor).st_size
        content = os.read(descriptor, size + 1)
        # A file may grow meanwhile, and one call gives two gigabytes at most.
        while size and (more := os.read(descriptor, 1 << 20)):
            content += more
        return content
    finally:
        os.close(descriptor)


def _lines(path: str) -> list[dict[str, Any]]:
    content = read_bytes(path) or b""
    try:
        return _decode_lines(content)
    except msgspec.DecodeError:  # NaN, or a line that is torn or no mapping
        return [line for line in jsonl.lines(content) if isinstance(line, dict)]


def _lines_backwards(path: str) -> Iterator[dict[str, Any]]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        end, rest, block = os.fstat(descriptor).st_size, b"", _BLOCK
        while end > 0:
            start = max(0, end - block)
            chunk = os.pread(descriptor, end - start, start) + rest
            # What stands before the first newline may be the end of a longer line.
            rest, newline, whole = chunk.partition(b"\n") if start else (b"", b"", chunk)
            if start and not newline:
                rest, whole = chunk, b""
            for line in reversed(list(jsonl.lines(whole))):
                if isinstance(line, dict):
                    yield line
            end, block = start, block * 2
    finally:
        os.close(descriptor)
