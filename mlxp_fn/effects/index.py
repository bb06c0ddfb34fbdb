"""The index of a log directory: what was read of its runs, kept so that only changed ones are read again.

A cache and nothing more. Segments are written once, under a name that nobody had; a manifest, replaced by rename,
names those that count. Whatever is torn, foreign or of another version is as if it were not there. A directory that
cannot be written has its index in the user's cache directory.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import time_ns

import msgspec
from attrs import evolve, frozen

from mlxp_fn import layout
from mlxp_fn.effects import user_cache
from mlxp_fn.effects.files import write_atomically
from mlxp_fn.effects.regular_files import read_bytes
from mlxp_fn.errors import LogDirError
from mlxp_fn.results import segments
from mlxp_fn.results.segments import Part, Segment
from mlxp_fn.version import __version__

_FORMAT = f"3 {__version__} {sys.byteorder}"

_MANIFEST = "manifest.json"

_COARSE_NS = 3_000_000_000
"""How coarse the clock of a file server may be: what is not older than this when it is read, is read again."""

_ELSEWHERE_NS = 3_600_000_000_000
"""The same where the index lies on another file system, whose clock may be another."""

_ORPHANED_NS = 3_600_000_000_000
"""How old a segment is that no manifest names any more, and nobody can be reading."""


class _Entry(msgspec.Struct, frozen=True):
    file: str
    crc32: int


class _Manifest(msgspec.Struct, frozen=True):
    format: str
    segments: tuple[_Entry, ...]


@frozen
class Index:
    """The segments of a log directory as they were when this process looked.

    `place` is None where nothing can be written; `coarse` is how far, in nanoseconds, the clock there may be from
    that of the runs.
    """

    place: Path | None
    coarse: int = 0
    segments: tuple[Segment, ...] = ()
    entries: tuple[_Entry, ...] = ()

    def settled(self) -> int:
        """The time, in nanoseconds, before which a file must have changed for what is read after this call to be
        told from any later state of it."""
        if self.place is None:
            return 0
        probe = self.place / f".clock.{os.getpid()}"
        try:
            probe.touch()
            return probe.stat().st_mtime_ns - self.coarse
        except OSError:
            return 0
        finally:
            with suppress(OSError):
                probe.unlink()


def open_index(parent: str) -> Index:
    """The index of a log directory; an empty one where there is none that can be used."""
    place, coarse = _place(parent)
    index = Index(place, coarse)
    if place is None:
        return index
    try:
        content = read_bytes(str(place / _MANIFEST))
        manifest = msgspec.json.decode(content or b"", type=_Manifest)
    except (OSError, msgspec.MsgspecError):
        return index
    if manifest.format != _FORMAT:
        return index
    found = [(segment, entry) for entry in manifest.segments if (segment := _read(place, entry))]
    return evolve(
        index, segments=tuple(segment for segment, _ in found), entries=tuple(entry for _, entry in found)
    )


def add(index: Index, new: Sequence[Segment], live: Sequence[Sequence[int]]) -> None:
    """Write new segments as one; `live` are, for each segment of the index, the rows that still hold.

    Old segments that are not much larger than what is added are merged with it, so that there are few.
    """
    if index.place is None:
        return
    parts: list[Part] = [(segment, range(len(segment))) for segment in new]
    kept: list[_Entry] = []
    size = sum(map(len, new))
    for segment, entry, rows in sorted(
        zip(index.segments, index.entries, live, strict=True), key=lambda part: len(part[0])
    ):
        if len(segment) <= 2 * size:
            parts.append((segment, rows))
            size += len(rows)
        else:
            kept.append(entry)
    with suppress(LogDirError, OSError):  # a cache that cannot be written is no misfortune
        written = _write(index.place, segments.merged(parts))
        manifest = _Manifest(_FORMAT, (*kept, written))
        write_atomically(index.place / _MANIFEST, msgspec.json.encode(manifest))
        _sweep(index.place, {entry.file for entry in manifest.segments})


def _place(parent: str) -> tuple[Path | None, int]:
    """Where the index of a log directory is, and how far the clock there may be from that of the runs."""
    here = Path(parent, layout.INDEX)
    with suppress(OSError):
        here.mkdir(parents=True, exist_ok=True)
        if os.access(here, os.W_OK):
            return here, _COARSE_NS
    with suppress(OSError):
        there = user_cache.place(f"index/{hashlib.sha256(os.fsencode(parent)).hexdigest()[:32]}")
        there.mkdir(parents=True, exist_ok=True)
        return there, _ELSEWHERE_NS
    return None, 0


def _read(place: Path, entry: _Entry) -> Segment | None:
    try:
        content = read_bytes(str(place / entry.file)) or b""
        if zlib.crc32(content) != entry.crc32:
            return None
        return segments.from_bytes(content)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def _write(place: Path, segment: Segment) -> _Entry:
    content = segments.to_bytes(segment)
    name = f"{os.urandom(8).hex()}.segment"
    write_atomically(place / name, content)
    return _Entry(name, zlib.crc32(content))


def _sweep(place: Path, named: set[str]) -> None:
    for file in place.glob("*.segment"):
        if file.name not in named and time_ns() - file.stat().st_mtime_ns > _ORPHANED_NS:
            file.unlink(missing_ok=True)
