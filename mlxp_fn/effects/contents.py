"""What many runs share, stored once for each content in the directory they lie in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlxp_fn import jsonl, layout
from mlxp_fn.effects.files import cannot, make_folder, write_atomically
from mlxp_fn.errors import LogDirError


def as_content(value: Mapping[str, Any]) -> tuple[str, bytes]:
    """The digest by which a mapping is stored, and the line of JSON that is stored."""
    text = jsonl.encode(value) + b"\n"
    return hashlib.sha256(text).hexdigest(), text


def keep(parent: Path, digest: str, text: bytes, *, fsync: bool = False) -> None:
    """Store what `as_content` gave among the contents of a log directory, unless it is there.

    Whoever else does the same meanwhile writes the same.
    """
    path = parent / layout.contents_file(digest)
    if not _is_whole(path, len(text)):
        try:
            make_folder(path.parent, fsync=fsync)
        except OSError as error:
            raise cannot("write", path, error) from error
        write_atomically(path, text, fsync=fsync)


def kept(parent: Path, digest: str) -> dict[str, Any]:
    """The mapping with that digest. Raises `LogDirError` where it is missing or damaged."""
    path = parent / layout.contents_file(digest)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise cannot("read", path, error) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise LogDirError(f"{path} is damaged: its content is not what its name says")
    try:
        value = jsonl.decode(content)
    except (ValueError, RecursionError) as error:
        raise LogDirError(f"{path} is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise LogDirError(f"{path} holds no mapping")
    return value


def _is_whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False
