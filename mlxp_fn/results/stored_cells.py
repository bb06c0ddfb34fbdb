"""Cells as bytes and back: one byte for the kind, then msgpack.

What lies in a run's directory is told relative to it. What would not come back as it was is refused: its run is
read anew each time.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any

import msgspec
from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.results.attempts import Resumed
from mlxp_fn.results.cells import ABSENT, Artifact, ArtifactRefs, ArtifactStore, MetricRef, MetricStore
from mlxp_fn.results.coded import Placed

_pack = msgspec.msgpack.Encoder().encode

MISSING = b""
"""Stands for ABSENT."""

REFUSED = b"?"
"""Stands for a cell that would not come back as it was."""

_VALUE, _METRIC, _ARTIFACTS, _PATH, _ID = range(5)

_PAYLOADS: tuple[Any, ...] = (
    Any,
    tuple[str, str, tuple[int, ...], tuple[str, ...]],
    tuple[tuple[str, str, str, Any, Any], ...],
    str,
    None,
)
"""What is kept of a cell of each kind."""

_unpack = [msgspec.msgpack.Decoder(payload).decode for payload in _PAYLOADS]

_ATOMS = frozenset({str, int, float, bool, type(None)})

_TOLD_APART = frozenset({str, type(None), type(ABSENT), Placed})
"""Types of which no two values are equal but the same ones: 1, 1.0 and True are equal, and so are 0.0 and -0.0."""


class NotStorable(ValueError):  # noqa: N818  nobody sees it as an error
    """A cell that would not come back as it was."""


@frozen
class Openers:
    """What references read their files with."""

    metrics: MetricStore
    artifacts: ArtifactStore


def placed_metric(file: str, key: str, store: MetricStore, resumed: Resumed | None = None) -> Placed:
    """A key of a metric file, whose path begins in the run's directory."""
    starts, step_columns = (resumed.starts, resumed.step_columns) if resumed else ((), ())
    return Placed(partial(_metric, file, key, store, resumed), (_METRIC, (file, key, starts, step_columns)))


def placed_artifacts(facts: Sequence[Sequence[Any]], store: ArtifactStore) -> Placed:
    """Artifacts, of each the name, its folder in the run's directory, type, size and SHA-256."""
    return Placed(partial(_artifacts, facts, store), (_ARTIFACTS, facts))


def placed_path(rest: str) -> Placed:
    """A path that begins with that of the run's directory."""
    return Placed(partial(_path, rest), (_PATH, rest))


def placed_id() -> Placed:
    """The id of the run, which is the name of its directory."""
    return Placed(_identity, (_ID, None))


@frozen
class Stored:
    """A column: encoded cells, each once, and the number of its cell for every row."""

    cells: Sequence[bytes]
    codes: array[int]

    def refused(self) -> list[int]:
        """The rows whose cells cannot be stored."""
        if REFUSED not in self.cells:
            return []
        return [row for row, code in enumerate(self.codes) if self.cells[code] == REFUSED]


def stored_column(cells: Sequence[Any], name: str = "") -> Stored:
    """The cells of a column, `REFUSED` in the place of some, and of all where its name is no Unicode."""
    if not _is_unicode(name):
        return recoded([MISSING if cell is ABSENT else REFUSED for cell in cells])
    kinds = set(map(type, cells))
    if kinds <= _TOLD_APART or kinds in ({int}, {bool}) or (kinds == {float} and 0.0 not in cells):
        once = dict.fromkeys(cells)
        return Stored(list(map(_or_refused, once)), _codes(once, cells))
    return recoded(list(map(_or_refused, cells)))


def recoded(cells: Sequence[bytes]) -> Stored:
    """A column of encoded cells."""
    once = dict.fromkeys(cells)
    return Stored(list(once), _codes(once, cells))


def _codes(once: Collection[Any], cells: Collection[Any]) -> array[int]:
    """For every cell its place among the different ones."""
    if len(once) == 1:
        return array("B", bytes(len(cells)))
    places = {cell: place for place, cell in enumerate(once)}
    width = "B" if len(places) <= 1 << 8 else "H" if len(places) <= 1 << 16 else "I"
    return array(width, map(places.__getitem__, cells))


def encoded(cell: Any) -> bytes:
    """A cell. Raises `NotStorable`."""
    try:
        if cell is ABSENT:
            return MISSING
        if type(cell) is Placed:
            kind, payload = cell.stored
            return bytes([kind]) + _pack(payload)
        if _is_plain(cell):
            return bytes([_VALUE]) + _pack(cell)
    except (OverflowError, UnicodeEncodeError, RecursionError) as error:
        raise NotStorable(str(error)) from error
    raise NotStorable(f"a {type(cell).__name__}")


def decoded(content: bytes, openers: Openers) -> Any:
    """The cell that `encoded` was given. Raises `msgspec.MsgspecError` or `IndexError` for what it never made."""
    if content == MISSING:
        return ABSENT
    kind = content[0]
    payload = _unpack[kind](content[1:])
    if kind == _VALUE:
        return payload
    if kind == _METRIC:
        file, key, starts, step_columns = payload
        # An index is as little to be trusted as all else in a log directory: it leads to no file outside of it.
        if layout.leaves(file):
            return ABSENT
        return placed_metric(file, key, openers.metrics, Resumed(starts, step_columns) if starts else None)
    if kind == _ARTIFACTS:
        return placed_artifacts(list(_inside(payload)), openers.artifacts)
    return placed_path(payload) if kind == _PATH else placed_id()


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON may hold halves of characters
        return False
    return True


def _or_refused(cell: Any) -> bytes:
    try:
        return encoded(cell)
    except NotStorable:
        return REFUSED


def _is_plain(value: Any) -> bool:
    if type(value) in _ATOMS:
        return True
    if type(value) is list:
        return all(map(_is_plain, value))
    return type(value) is dict and all(type(key) is str and _is_plain(item) for key, item in value.items())


def _inside(facts: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    return (fact for fact in facts if not layout.leaves(f"{fact[1]}/{fact[0]}"))


def _metric(file: str, key: str, store: MetricStore, resumed: Resumed | None, run_dir: str) -> MetricRef:
    return MetricRef(f"{run_dir}/{file}", key, store, resumed)


def _artifacts(facts: Sequence[Sequence[Any]], store: ArtifactStore, run_dir: str) -> ArtifactRefs:
    root = f"{run_dir}/{layout.ARTIFACTS}"
    return ArtifactRefs(
        tuple(
            Artifact(
                name=name, path=f"{run_dir}/{folder}", type=kind, size=size, sha256=digest, root=root, store=store
            )
            for name, folder, kind, size, digest in facts
        )
    )


def _path(rest: str, run_dir: str) -> str:
    return run_dir + rest


def _identity(run_dir: str) -> int:
    return int(run_dir.rpartition("/")[2])
