"""The metric files of a run: one JSON object a line, encoded whole before a byte is written."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from mlxp_fn import jsonl, layout
from mlxp_fn.config.yaml_writer import writable
from mlxp_fn.effects.files import LineWriter
from mlxp_fn.effects.produced import tell
from mlxp_fn.errors import LogDirError, MetricsError, MlxpError
from mlxp_fn.records import Products

MOST_OPEN = 64
"""How many logs of a run hold their file open; many systems give a process 1024 files."""

_NEVER_FOLDED = 1 << 30


class MetricLogs:
    """All metric logs of a run. Beyond `MOST_OPEN` the one not written to for longest gives its file back.

    In the process `attended_in` somebody will look when the attempt ends what there is; elsewhere the history is
    told of new keys.
    """

    def __init__(self, run_dir: Path, *, fsync: bool = False, read_only: bool = False) -> None:
        """With `fsync` the disk has a line before `append` returns."""
        self._read_only = read_only
        self._run_dir = run_dir
        self._fsync = fsync
        self.attended_in: int | None = None
        self._logs: dict[str, MetricLog] = {}
        self._by_use: OrderedDict[str, None] = OrderedDict()

    def append(self, name: str, row: Mapping[str, Any]) -> None:
        """Write one line to the log `name`. Raises `LogNameError` and `MetricsError`, and then writes nothing."""
        log = self._logs.get(name)
        if log is None:
            if self._read_only:
                raise read_only(self._run_dir)
            new = MetricLog(self._run_dir, layout.checked_log_name(name), fsync=self._fsync)
            # A thread that comes second uses the first one's; its own has opened nothing yet.
            log = self._logs.setdefault(name, new)
        new_keys = log.append(row)
        if new_keys and not self.attended():
            tell(self._run_dir, Products(metrics={name: new_keys}))
        if len(self._logs) > MOST_OPEN:
            self._limit_open(name)

    def attended(self) -> bool:
        """Whether what is logged now will be seen when the attempt ends."""
        return self.attended_in == os.getpid()

    def close(self) -> None:
        """Give all files back until the next line."""
        for log in tuple(self._logs.values()):
            log.close()

    def _limit_open(self, name: str) -> None:
        if not self._by_use:
            self._by_use.update(dict.fromkeys(self._logs))
        # Each step is one step also for threads, and a log closed under another's hands opens again.
        self._by_use.pop(name, None)
        self._by_use[name] = None
        while len(self._by_use) > MOST_OPEN:
            with suppress(KeyError):  # others have closed them all meanwhile
                oldest, _ = self._by_use.popitem(last=False)
                self._logs[oldest].close()


def read_only(run_dir: Path) -> LogDirError:
    """The error of a logger that may not write."""
    return LogDirError(
        f"this logger came out of a pickle and is of run {run_dir}, which is not active in this process: it only "
        "reads; log with the logger of a task that runs, ctx.logger"
    )


class MetricLog:
    """One log of one run, open for appending.

    The keys go, each once, into a file of lines of YAML that is only ever appended to, for MLXP's reader: writers
    in many processes cannot lose one another's, and a key that two of them note stands there twice, which is no
    error to YAML.
    """

    def __init__(self, run_dir: Path, name: str, *, fsync: bool = False) -> None:
        """`name` must have been checked."""
        self._lines = LineWriter(run_dir / layout.metric_file(name), fsync=fsync)
        self._keys_file = run_dir / layout.metric_keys_file(name)
        self._keys = _read_keys(self._keys_file)

    def append(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Write one line; returns the keys that no line had.

        Raises `MetricsError`, and writes nothing, where a key or value is not for JSON.
        """
        if type(row) is not dict:
            row = _as_dict(row)
        try:
            line = jsonl.encode(row, text_keys=True)
        except MlxpError:
            _blame(row)
            raise
        self._lines.append(line + b"\n")
        # Noted behind the line: MLXP's reader stops at a key that no line has.
        return () if self._keys.issuperset(row) else self._note_keys(row)

    def close(self) -> None:
        """Give the file back until the next line."""
        self._lines.close()

    def _note_keys(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        new = tuple(str.__str__(key) for key in row if key not in self._keys)
        LineWriter(self._keys_file, fsync=self._lines.fsync).append(b"".join(map(_key_line, new)))
        self._keys.update(new)
        return new


def _key_line(key: str) -> bytes:
    return yaml.dump({writable(key): ""}, Dumper=yaml.CSafeDumper, allow_unicode=True, width=_NEVER_FOLDED).encode()


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
    """Raise the error that names the first key that is no text, or whose value cannot be encoded."""
    for key, value in row.items():
        if not isinstance(key, str):
            raise MetricsError(f"the metric key {key!r} is not text; write {str(key)!r}") from None
        try:
            jsonl.encode(value, text_keys=True)
        except MlxpError as error:
            raise MetricsError(
                f"the metric {key!r} cannot be logged: {error}; "
                "log numbers, texts, booleans, None, or lists and mappings of these"
            ) from None
