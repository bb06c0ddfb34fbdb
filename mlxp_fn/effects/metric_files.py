"""Reading metric files: several columns in one pass, or the last value from the end of the file backwards."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from mlxp_fn import jsonl
from mlxp_fn.effects.files import cannot
from mlxp_fn.effects.regular_files import open_regular, read_bytes
from mlxp_fn.results.attempts import Resumed, one_curve, parts
from mlxp_fn.results.cells import ABSENT

_BLOCK = 1 << 9
"""How many bytes are read from the end first; then four times as many, and so on."""


@frozen
class Disk:
    """The store of the metrics of runs on this machine's disks. A file that is not there has no values.

    `step_columns` are the reader's own, instead of those that a resumed run was launched with.
    """

    step_columns: tuple[str, ...] | None = None

    def lines(self, path: str) -> Sequence[Mapping[str, Any]]:
        """All lines, oldest first; those that are torn or no mapping are passed over."""
        return _rows(_content(path))

    def curve(self, path: str, resumed: Resumed) -> Sequence[Mapping[str, Any]]:
        """All lines of a log that several attempts wrote, as one curve."""
        columns = resumed.step_columns if self.step_columns is None else self.step_columns
        return one_curve([_rows(part) for part in parts(_content(path), resumed.starts)], columns)

    def last(self, path: str, key: str) -> Any:
        """The last present value of a key, or ABSENT."""
        try:
            for lines in _lines_from_the_end(path):
                for line in filter(None, reversed(lines)):
                    for row in jsonl.lines(line):
                        if isinstance(row, dict) and key in row:
                            return row[key]
        except OSError as error:
            raise cannot("read", path, error) from error
        return ABSENT


def _content(path: str) -> bytes:
    try:
        return read_bytes(path) or b""
    except OSError as error:
        raise cannot("read", path, error) from error


def _rows(content: bytes) -> list[dict[str, Any]]:
    return [line for line in jsonl.lines(content) if isinstance(line, dict)]


DISK = Disk()


def keys_in(path: str) -> list[str]:
    """Every key of a metric file, in the order of their first lines: the whole file is read."""
    return list(dict.fromkeys(key for line in DISK.lines(path) for key in line))


def _lines_from_the_end(path: str) -> Iterator[list[bytes]]:
    """The lines of a file, some at a time, the last ones first; nothing where there is no file."""
    try:
        descriptor, status = open_regular(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    end, size, rest = status.st_size, _BLOCK, b""
    try:
        while end > 0:
            start = max(0, end - size)
            lines = (os.pread(descriptor, end - start, start) + rest).split(b"\n")
            # What stands before the first newline may be the end of a longer line.
            rest = lines.pop(0) if start else b""
            yield lines
            end, size = start, size * 4
    finally:
        os.close(descriptor)
