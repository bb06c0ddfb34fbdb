"""Reading metric files: several columns in one pass, or the last value from the end of the file backwards."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
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
            return _last(path, key)
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        except OSError as error:
            raise cannot("read", path, error) from error


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


def _last(path: str, key: str) -> Any:
    """The last value of a key: more and more of a file is read from the end on. Raises `OSError`."""
    descriptor, status = open_regular(path)
    try:
        end, size, rest, ending = status.st_size, _BLOCK, b"", b""
        while end > 0:
            start = max(0, end - size)
            lines = (os.pread(descriptor, end - start, start) + rest).split(b"\n")
            # What stands before the first newline may be the end of a longer line.
            rest = lines.pop(0) if start else b""
            for line in reversed(lines):
                for row in reversed(jsonl.lines(line + ending)) if line else ():
                    if type(row) is dict and key in row:
                        return row[key]
                ending = b"\n"  # of all but what stands behind the last one
            end, size = start, size * 4
        return ABSENT
    finally:
        os.close(descriptor)
