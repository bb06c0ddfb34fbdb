"""The history of a run while it happens: events appended, MLXP's `info.yaml` kept in step."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.config.yaml_writer import to_yaml
from mlxp_fn.effects.files import LineWriter, write_atomically
from mlxp_fn.effects.run_dirs import last_attempt
from mlxp_fn.effects.signals import held
from mlxp_fn.jobs.birth import event_line
from mlxp_fn.records import Event, RunInfo, fold
from mlxp_fn.results.info_view import info_columns, logger_columns


class History:
    """What has happened to one run so far. Without a directory it is only remembered."""

    def __init__(
        self,
        run_dir: Path | None,
        attempt: int,
        before: tuple[Event, ...] = (),
        *,
        in_view: bool = False,
        fsync: bool = False,
    ) -> None:
        """`before` are the events that are in files already, oldest first; `in_view` says in `info.yaml`, too."""
        self._run_dir = run_dir
        self._lines = LineWriter(run_dir / layout.events_file(attempt), fsync=fsync) if run_dir else None
        self._fsync = fsync
        self._in_view = in_view
        self._process = os.getpid()
        self._lock = threading.Lock()
        self.info: RunInfo = fold(before)

    def happened(self, event: Event) -> RunInfo:
        """Append `event`; when this returns it is in the file, and the state it led to is in `info.yaml`.

        Threads may come at once. A forked child adds its line and leaves the view to its parent. Raises
        `LogDirError`; then `info` tells whether the event is in the file.
        """
        if os.getpid() != self._process:  # it may have inherited the lock held
            self._append(event)
            if self._lines:
                _show(self._lines.path)
            return self.info
        with held(), self._lock:
            self._append(event)
            self._write_view()
            return self.info

    def begin(self) -> None:
        """Write the view, where it does not tell yet that the attempt has begun."""
        if not self._in_view:
            self._write_view()

    def close(self) -> None:
        """Give the file back."""
        if self._lines:
            self._lines.close()

    def _append(self, event: Event) -> None:
        if self._lines:
            self._lines.append(event_line(event))
        self.info = self.info.after(event)

    def _write_view(self) -> None:
        if self._run_dir:
            view = info_columns(self.info, logger_columns(int(self._run_dir.name), str(self._run_dir)))
            write_atomically(self._run_dir / layout.INFO, to_yaml(view), fsync=self._fsync)


def note(run_dir: Path, event: Event, *, fsync: bool) -> None:
    """Add an event to the history of the running attempt, which need not be this process's.

    A logger that no run has begun with has no history.
    """
    attempt = last_attempt(run_dir)
    if attempt:
        lines = LineWriter(run_dir / layout.events_file(attempt), fsync=fsync)
        lines.append(event_line(event))
        lines.close()
        _show(lines.path)


def _show(events: Path) -> None:
    """Let readers see that a file of events has grown which may be of an attempt that has ended: they look at the
    folder, and into the file only when that has changed."""
    with suppress(OSError):
        os.utime(events.parent)
