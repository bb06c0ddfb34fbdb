"""The record of a run's artifacts: size and SHA-256 of each for us, and what MLXP's reader wants to know."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import Any

import msgspec
import yaml

from mlxp_fn import layout
from mlxp_fn.effects.artifact_types import KNOWN_TO_MLXP
from mlxp_fn.effects.files import make_folder, write_atomically
from mlxp_fn.effects.regular_files import read_bytes


def read_records(run_dir: str | os.PathLike[str]) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of the artifacts of a run by `<type>/<name>`; empty where nothing can be read."""
    try:
        content = read_bytes(os.path.join(run_dir, layout.ARTIFACT_RECORDS))
        return msgspec.json.decode(content or b"{}", type=dict[str, dict[str, Any]])
    except (OSError, msgspec.DecodeError):
        return {}


def record(run_dir: Path, kind: str, name: str, size: int, sha256: str, *, fsync: bool = False) -> None:
    """Add an artifact to the record, or what has become of it; threads and processes wait for one another."""
    ours, mlxp_s = run_dir / layout.ARTIFACT_RECORDS, run_dir / layout.ARTIFACT_KEYS
    make_folder(ours.parent, fsync=fsync)
    with _alone_in(ours.parent):
        before = read_records(run_dir)
        key = f"{kind}/{name}"
        after = {**before, key: {"size": size, "sha256": sha256}}
        write_atomically(ours, msgspec.json.encode(after), fsync=fsync)
        if kind in KNOWN_TO_MLXP and (key not in before or not mlxp_s.exists()):
            view = _mlxp_view(after, _noted_for_mlxp(mlxp_s))
            text = yaml.dump(view, Dumper=yaml.CSafeDumper, allow_unicode=True)
            write_atomically(mlxp_s, text.encode(), fsync=fsync)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep others out meanwhile. Where the file system has no such locks an entry may be lost, never an artifact:
    readers look at the files, and an entry only says more about one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        # Said aloud, for a fork made meanwhile has the descriptor too.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _noted_for_mlxp(path: Path) -> dict[str, Any]:
    """What stands there already: a run that MLXP made may go on under us."""
    try:
        noted = yaml.load(read_bytes(os.fspath(path)) or b"", Loader=yaml.CSafeLoader)
        return msgspec.convert(noted, dict[str, dict[str, dict[str, str]]])
    except (OSError, yaml.YAMLError, msgspec.ValidationError):
        return {}


def _mlxp_view(keys: Iterable[str], view: Mapping[str, Any]) -> dict[str, Any]:
    """`{type: {folder: {file: ''}}}`. A type MLXP does not know would break its whole reader: left out."""
    view = dict(view)
    for key in keys:
        kind, _, name = key.partition("/")
        if kind in KNOWN_TO_MLXP:
            path = PurePath(name)
            view.setdefault(kind, {}).setdefault(layout.folder_key(path.parent), {})[path.name] = ""
    return view
