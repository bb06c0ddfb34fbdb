"""The files of a run that tell all about it but its metrics, and what tells whether it has changed."""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterable
from contextlib import suppress

from mlxp_fn import layout
from mlxp_fn.effects.regular_files import open_regular, read_and_close

OURS, MLXPS = b"o", b"m"

_FILES = {
    OURS: (layout.CONFIG, layout.EVENTS, layout.events_file(0)),
    MLXPS: (layout.CONFIG, layout.INFO, layout.METRIC_KEYS, os.path.dirname(layout.ARTIFACT_KEYS)),
}
"""What tells whether a run of ours, or of MLXP's, has changed. An attempt of ours that has ended writes no more;
a new one, and whoever else has something to say, makes or lengthens a file of events."""

_OF_OURS = (layout.BIRTH, *map(layout.events_file, range(3)))
"""The files of a run of one attempt, and the first that it has not."""

_FOLDERS = (layout.METRIC_KEYS, os.path.dirname(layout.ARTIFACT_KEYS))

_NOWHERE = (FileNotFoundError, NotADirectoryError)

_STATE = struct.Struct("4q")
_NO_STATE = _STATE.pack(-1, -1, -1, -1)


class RunFiles:
    """Opens the files of the run `name` in the log directory `parent`, open as `directory`.

    The state of each file is remembered as it was before anything of it was read: no change since is missed.
    """

    __slots__ = ("_directory", "_read", "_states", "name", "path")

    def __init__(self, parent: str, directory: int, name: str) -> None:
        """Nothing is looked at yet."""
        self.name = name
        self.path = f"{parent}/{name}"
        self._directory = directory
        self._states: dict[str, os.stat_result | None] = {}
        self._read: dict[str, bytes | None] = {}

    def look(self) -> None:
        """Look at what tells whether the run has changed and is not read from here. Raises `OSError`."""
        if self.kind is MLXPS:
            for folder in _FOLDERS:
                self.state(folder)

    def read_ahead(self) -> None:
        """Read what runs of ours have: a system call after another takes less than one between computations.

        What cannot be read is left to whoever asks for it.
        """
        with suppress(OSError):
            if self.kind is OURS:
                self._read = {file: self._content(file) for file in _OF_OURS}
                self.state(layout.CONFIG)

    @property
    def kind(self) -> bytes:
        """Whether it is a run of ours, which has events, or of MLXP's. Raises `OSError`."""
        return MLXPS if self.state(layout.EVENTS) is None else OURS

    def read(self, file: str) -> bytes | None:
        """The content of a file, or None where there is none. Raises `OSError`."""
        return self._read[file] if file in self._read else self._content(file)

    def _content(self, file: str) -> bytes | None:
        try:
            descriptor, state = open_regular(f"{self.name}/{file}", self._directory)
        except _NOWHERE:
            self._states.setdefault(file, None)
            return None
        self._states.setdefault(file, state)
        return read_and_close(descriptor, state.st_size)

    def state(self, file: str) -> os.stat_result | None:
        """The state of a file or folder when it was first looked at; None where there was none.

        Raises `OSError`.
        """
        if file not in self._states:
            self._states[file] = _state(f"{self.name}/{file}", self._directory)
        return self._states[file]

    def stamp(self) -> bytes:
        """The kind, and the states of what tells whether the run has changed."""
        kind = self.kind
        return _stamp(kind, map(self.state, _FILES[kind]))


def is_as_stamped(stamp: bytes, directory: int, name: str) -> bool:
    """Whether a run is as it was when its stamp was made."""
    kind = stamp[:1]
    files = _FILES.get(kind)
    if files is None:
        return False
    try:
        # Nearly all of the time that unchanged runs take is spent here.
        states = [os.stat(f"{name}/{file}", dir_fd=directory) for file in files]
    except _NOWHERE:
        return stamp == _stamp(kind, [_state(f"{name}/{file}", directory) for file in files])
    except OSError:
        return False
    return stamp == _stamp(kind, states)


def is_ours(stamp: bytes) -> bool:
    """Whether it is the stamp of a run of ours."""
    return stamp.startswith(OURS)


def newest(stamp: bytes) -> int:
    """When the last of the files changed, in nanoseconds."""
    states = array("q", stamp[1:])
    return max(*states[2::4], *states[3::4])


def _stamp(kind: bytes, states: Iterable[os.stat_result | None]) -> bytes:
    """The kind, then size, inode and times of each file; -1 for those of one that is not there."""
    return kind + b"".join(
        [
            _STATE.pack(state.st_size, state.st_ino, state.st_mtime_ns, state.st_ctime_ns) if state else _NO_STATE
            for state in states
        ]
    )


def _state(path: str, directory: int) -> os.stat_result | None:
    try:
        return os.stat(path, dir_fd=directory)
    except _NOWHERE:
        return None
