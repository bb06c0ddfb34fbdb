"""Runs as files for other programs: CSV, JSON, Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mlxp_fn.browsing.choice import Choice
from mlxp_fn.effects.counting import counting
from mlxp_fn.effects.files import write_atomically
from mlxp_fn.effects.remarks import warn
from mlxp_fn.errors import InvalidKeyError
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.overview import cells_of, expanded
from mlxp_fn.results.steps import long
from mlxp_fn.views.rows import as_csv, as_json

FORMATS = ("csv", "json", "parquet")

_AT_ONCE = 32
"""How many runs are read before it is shown how many were."""


def exported(asked: Choice, *, columns: Sequence[str] = (), curves: bool = False) -> Frame:
    """The table that is exported: a row for each run, with the config, what is known of it and last values.

    With `curves` it is a row for every value that was logged: `run, row, step, metric, value`; `columns` are the
    metrics then. Raises as `Choice.runs` does, and `UnknownColumnError`.
    """
    runs = asked.runs()
    if curves:
        return _joined(map(long(*columns), _in_parts(runs)))
    names = [name for column in columns for name in expanded(runs, column)] or _all(runs)
    return _joined(Frame({name: cells_of(part, name) for name in dict.fromkeys(names)}) for part in _in_parts(runs))


def format_of(path: Path, format: str | None) -> str:
    """The format that is asked for, or that the file's name ends in. Raises `InvalidKeyError`."""
    found = format or path.suffix.removeprefix(".").lower()
    if found not in FORMATS:
        raise InvalidKeyError(f"{path} ends in none of .{', .'.join(FORMATS)}; say --format")
    return found


def write_export(table: Frame, path: Path, format: str) -> None:
    """Write a table into a file, in one step. Raises `LogDirError`, and `MissingExtraError` for Parquet without
    pyarrow."""
    if format == "parquet":
        content = _parquet(table)
    else:
        content = ({"csv": as_csv, "json": as_json}[format](table) + "\n").encode("utf-8", "surrogatepass")
    write_atomically(path, content)


def _in_parts(runs: Frame) -> Iterator[Frame]:
    """Some runs after the others, for what is read of them takes time."""
    with counting(len(runs), "exporting runs") as advance:
        for first in range(0, len(runs), _AT_ONCE):
            part = runs[first : first + _AT_ONCE]
            yield part
            advance(len(part))


def _joined(parts: Iterable[Frame]) -> Frame:
    """The rows of all parts below each other."""
    columns: dict[str, list[Any]] = {}
    for part in parts:
        for name in part.names():
            columns.setdefault(name, []).extend(part.cells(name))
    return Frame(columns)


def _all(runs: Frame) -> list[str]:
    """Everything but whole artifacts."""
    return [name for name in runs.keys() if not name.startswith("artifact.")]  # noqa: SIM118  not a mapping


def _parquet(table: Frame) -> bytes:
    from mlxp_fn.results.arrow_tables import as_parquet

    return as_parquet(table, warn)
