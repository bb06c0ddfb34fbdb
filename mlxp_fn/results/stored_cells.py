"""Cells as bytes and back: one byte for the kind, then msgpack.

What lies in a run's directory is kept relative to it. What would not come back as it was is refused: its run is
read anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import msgspec
from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.results.attempts import Resumed
from mlxp_fn.results.cells import ABSENT, Artifact, ArtifactRefs, ArtifactStore, MetricRef, MetricStore
from mlxp_fn.results.coded import Placed

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode

MISSING = b""
"""Stands for ABSENT."""

REFUSED = b"?"
"""Stands for a cell that would not come back as it was."""

_VALUE, _METRIC, _ARTIFACTS, _PATH, _ID = range(5)

_PLAIN = bytes([_VALUE])
_IDENTITY = bytes([_ID]) + _pack(None)

_ATOMS = frozenset({str, int, float, bool, type(None)})

_TOLD_APART = frozenset({str, type(None), type(ABSENT)})
"""Types of which no two values are equal but the same ones: 1, 1.0 and True are equal, and so are 0.0 and -0.0."""

PLACES = "info.logger."
"""What the columns that tell where a run of ours lies begin with."""


class NotStorable(ValueError):  # noqa: N818  nobody sees it as an error
    """A cell that would not come back as it was."""


@frozen
class Openers:
    """What references read their files with."""

    metrics: MetricStore
    artifacts: ArtifactStore


def encoded_column(name: str, cells: Sequence[Any], run_dirs: Sequence[str], *, movable: bool) -> list[bytes]:
    """The cells of the column `name`, each of the run in that directory, with `REFUSED` in the place of some.

    Paths of `movable` runs are kept relative to them.
    """
    if movable and name.startswith(PLACES):
        return [_or_refused(_place, *place) for place in zip(cells, run_dirs, strict=True)]
    kinds = set(map(type, cells))
    if kinds <= _TOLD_APART or kinds in ({int}, {bool}):
        once = {cell: _or_refused(encoded, cell, "") for cell in set(cells)}
        return [once[cell] for cell in cells]
    return [_or_refused(encoded, *place) for place in zip(cells, run_dirs, strict=True)]


def refused_rows(column: Sequence[bytes]) -> list[int]:
    """The rows of a column whose cells cannot be stored."""
    return [row for row, cell in enumerate(column) if cell == REFUSED] if REFUSED in column else []


def encoded(cell: Any, run_dir: str) -> bytes:
    """A cell of a run in that directory. Raises `NotStorable`."""
    try:
        if type(cell) in _ATOMS:
            return _PLAIN + _pack(cell)
        if isinstance(cell, MetricRef):
            return _metric_bytes(_inside(cell.path, run_dir), cell.key, cell.resumed)
        if cell is ABSENT:
            return MISSING
        if isinstance(cell, ArtifactRefs):
            return _bytes(_ARTIFACTS, [_facts(one, run_dir) for one in cell.artifacts])
        if _is_plain(cell):
            return _PLAIN + _pack(cell)
    except (OverflowError, UnicodeEncodeError, RecursionError) as error:
        raise NotStorable(str(error)) from error
    raise NotStorable(f"a {type(cell).__name__}")


def _or_refused(encode: Callable[[Any, str], bytes], cell: Any, run_dir: str) -> bytes:
    try:
        return encode(cell, run_dir)
    except NotStorable:
        return REFUSED


def decoded(content: bytes, openers: Openers) -> Any:
    """The cell that `encoded` was given: itself, or a `Placed` one."""
    if content == MISSING:
        return ABSENT
    kind, payload = content[0], _unpack(content[1:])
    if kind == _VALUE:
        return payload
    if kind == _METRIC:
        path, key, *attempts = payload
        # An index is as little to be trusted as all else in a log directory: it leads to no file outside of it.
        if ".." in path.split("/"):
            return ABSENT
        resumed = Resumed(*map(tuple, attempts)) if attempts else None
        return Placed(partial(_metric, path, key, openers.metrics, resumed))
    if kind == _ARTIFACTS:
        return Placed(partial(_artifacts, payload, openers.artifacts))
    return Placed(partial(_path, payload)) if kind == _PATH else Placed(_identity)


@lru_cache(maxsize=1024)  # most runs have the same logs
def _metric_bytes(path: str, key: str, resumed: Resumed | None) -> bytes:
    return _bytes(_METRIC, [path, key, *_attempts(resumed)])


@lru_cache(maxsize=64)
def _path_bytes(path: str) -> bytes:
    return _bytes(_PATH, path)


def _bytes(kind: int, payload: Any) -> bytes:
    return bytes([kind]) + _pack(payload)


def _place(cell: Any, run_dir: str) -> bytes:
    if cell is ABSENT:
        return MISSING
    return _path_bytes(_inside(cell, run_dir)) if isinstance(cell, str) else _IDENTITY


def _facts(artifact: Artifact, run_dir: str) -> list[Any]:
    return [artifact.name, _inside(artifact.path, run_dir), artifact.type, artifact.size, artifact.sha256]


def _inside(path: str, run_dir: str) -> str:
    if not path.startswith(run_dir):
        raise NotStorable(f"{path} is not in {run_dir}")
    return path[len(run_dir) :]


def _is_plain(value: Any) -> bool:
    if type(value) in _ATOMS:
        return True
    if type(value) is list:
        return all(map(_is_plain, value))
    return type(value) is dict and all(type(key) is str and _is_plain(item) for key, item in value.items())


def _attempts(resumed: Resumed | None) -> Sequence[Sequence[Any]]:
    return () if resumed is None else (resumed.starts, resumed.step_columns)


def _metric(path: str, key: str, store: MetricStore, resumed: Resumed | None, run_dir: str) -> MetricRef:
    return MetricRef(run_dir + path, key, store, resumed)


def _artifacts(facts: Sequence[Sequence[Any]], store: ArtifactStore, run_dir: str) -> ArtifactRefs:
    root = f"{run_dir}/{layout.ARTIFACTS}"
    return ArtifactRefs(
        tuple(
            Artifact(name=name, path=run_dir + folder, type=kind, size=size, sha256=digest, root=root, store=store)
            for name, folder, kind, size, digest in facts
            if ".." not in (name, *folder.split("/"))
        )
    )


def _path(rest: str, run_dir: str) -> str:
    return run_dir + rest


def _identity(run_dir: str) -> int:
    return int(run_dir.rpartition("/")[2])
