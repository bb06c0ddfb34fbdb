"""The metric files of a run: one JSON object a line, encoded whole before a byte is written."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mlxp_fn import jsonl, layout
from mlxp_fn.effects.files import LineWriter, cannot, write_atomically
from mlxp_fn.errors import MetricsError, MlxpError

_TURNS = 20
"""How often a writer of keys tries to be the last one among many."""


_NOTING = threading.Lock()
"""Held while keys are read, added to and written: of all loggers, for two may write one log."""


class MetricLog:
    """One log of one run, open for appending."""

    def __init__(self, run_dir: Path, name: str) -> None:
        """`name` must have been checked."""
        self._lines = LineWriter(run_dir / layout.metric_file(name))
        self._keys_file = run_dir / layout.metric_keys_file(name)
        self._keys = _read_keys(self._keys_file)

    def append(self, row: Mapping[str, Any]) -> None:
        """Write one line. Raises `MetricsError`, and writes nothing, where a key or value is not for JSON."""
        if type(row) is not dict:
            row = _as_dict(row)
        try:
            line = jsonl.encode(row)
        except MlxpError:
            _blame(row)
            raise
        if not self._keys.issuperset(row):
            self._note_keys(row)
        self._lines.append(line + b"\n")

    def close(self) -> None:
        """Give the file back until the next line."""
        self._lines.close()

    def _note_keys(self, row: Mapping[str, Any]) -> None:
        # The keys are noted before the first line that holds them, so that a reader misses none.
        odd = next((key for key in row if not isinstance(key, str)), None)
        if odd is not None:
            raise MetricsError(f"the metric key {odd!r} is not text; write {str(odd)!r}")
        with _NOTING:
            wanted = _read_keys(self._keys_file) | self._keys | row.keys()
            # A writer in another process may replace the file before we look again; then it is our turn.
            for _ in range(_TURNS):
                self._write_keys(wanted)
                found = _read_keys(self._keys_file)
                if found >= wanted:
                    break
                wanted |= found
            self._keys = wanted

    def _write_keys(self, keys: set[str]) -> None:
        try:
            self._keys_file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot("make", self._keys_file.parent, error) from error
        text = yaml.dump(dict.fromkeys(keys, ""), Dumper=yaml.CSafeDumper, allow_unicode=True)
        write_atomically(self._keys_file, text.encode())


def _read_keys(path: Path) -> set[str]:
    try:
        return set(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or ())
    except (OSError, yaml.YAMLError, TypeError):
        return set()


def _as_dict(row: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise MetricsError(f"metrics are a mapping of names to values, not {type(row).__name__}")
    return dict(row)


def _blame(row: Mapping[str, Any]) -> None:
    """Raise the error that names the first key whose value cannot be encoded."""
    for key, value in row.items():
        try:
            jsonl.encode(value)
        except MlxpError as error:
            if isinstance(value, (list, tuple, Mapping)):
                raise MetricsError(f"the metric {key!r} cannot be logged: {error}") from None
            raise MetricsError(
                f"the metric {key!r} is of type {type(value).__name__}, which JSON cannot hold; "
                "log numbers, texts, booleans, None, or lists and mappings of these"
            ) from None
