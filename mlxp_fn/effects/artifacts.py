"""Artifacts: objects kept in files, written under another name first, found again by type and name."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

import msgspec
import yaml
from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.effects.files import cannot, write_atomically
from mlxp_fn.errors import InvalidArtifactError, LogDirError, MissingArtifactError


@frozen
class ArtifactType:
    """How objects of one kind go into a file and come out of it; both take the file's path as text."""

    save: Callable[[Any, str], None]
    load: Callable[[str], Any]


def _save_pickle(value: Any, path: str) -> None:
    import dill

    with open(path, "wb") as file:
        dill.dump(value, file)


def _load_pickle(path: str) -> Any:
    import dill

    with open(path, "rb") as file:
        return dill.load(file)


def _save_torch(value: Any, path: str) -> None:
    import torch

    torch.save(value, path)


def _load_torch(path: str) -> Any:
    import torch

    return torch.load(path)


def _save_numpy(value: Any, path: str) -> None:
    import numpy as np

    # Into an open file: given a name, numpy would add an extension to it.
    with open(path, "wb") as file:
        np.savez(file, **value) if isinstance(value, Mapping) else np.savez(file, value)


def _load_numpy(path: str) -> dict[str, Any]:
    import numpy as np

    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _save_image(value: Any, path: str) -> None:
    value.savefig(path, bbox_inches="tight")


def _load_image(path: str) -> Any:
    from matplotlib import image

    return image.imread(path)


def _save_json(value: Any, path: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def _load_json(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _save_text(value: str, path: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(value)


def _load_text(path: str) -> str:
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


KNOWN_TO_MLXP: Mapping[str, ArtifactType] = MappingProxyType(
    {
        "pickle": ArtifactType(_save_pickle, _load_pickle),
        "torch": ArtifactType(_save_torch, _load_torch),
        "numpy": ArtifactType(_save_numpy, _load_numpy),
        "image": ArtifactType(_save_image, _load_image),
    }
)

TYPES: Mapping[str, ArtifactType] = MappingProxyType(
    {
        **KNOWN_TO_MLXP,
        "json": ArtifactType(_save_json, _load_json),
        "text": ArtifactType(_save_text, _load_text),
    }
)
"""The types that every reader can load."""


_RECORDING = threading.Lock()
"""Held while a record is read, added to and written, so that threads keep one another's."""


def save(run_dir: Path, types: Mapping[str, ArtifactType], kind: str, name: str, value: Any) -> str:
    """Keep `value` as `artifacts/<kind>/<name>`, replacing what was there, and record it; returns its SHA-256."""
    layout.checked_log_name(name, "artifact name")
    writer = _type(types, kind)
    path = run_dir / layout.ARTIFACTS / kind / name
    # The extension stays last: some writers choose their format by it.
    temporary = path.with_name(f".{os.getpid()}.{threading.get_ident()}.tmp.{path.name}")
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # What a user's own writer raises is the user's.
        with _writing(path) if kind in TYPES else nullcontext():
            writer.save(value, str(temporary))
        with _writing(path):
            size, sha256 = _settle(temporary)
            os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink()
    with _RECORDING, _writing(run_dir / layout.ARTIFACT_RECORDS):
        _record(run_dir, kind, name, size, sha256)
    return sha256


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except LogDirError:
        raise
    except OSError as error:
        raise cannot("write the artifact", path, error) from error


def load(run_dir: Path, types: Mapping[str, ArtifactType], kind: str | None, name: str) -> Any:
    """What `save` was given. Without `kind` it is looked for among the types recorded for that name.

    Raises `MissingArtifactError` where there is none.
    """
    layout.checked_log_name(name, "artifact name")
    kind = kind or _kind_of(run_dir, name)
    path = run_dir / layout.ARTIFACTS / kind / name
    if not path.is_file():
        raise MissingArtifactError(f"there is no artifact {name!r} of type {kind!r} in {run_dir}")
    return _type(types, kind).load(str(path))


def records(run_dir: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every artifact of a run by `<type>/<name>`; empty where nothing can be read."""
    try:
        found = msgspec.json.decode((run_dir / layout.ARTIFACT_RECORDS).read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _type(types: Mapping[str, ArtifactType], kind: str) -> ArtifactType:
    try:
        return types[kind]
    except KeyError:
        raise InvalidArtifactError(
            f"unknown artifact type {kind!r}; there are {', '.join(sorted(types))}; "
            "add one with register_artifact_type(name, save, load)"
        ) from None


def _kind_of(run_dir: Path, name: str) -> str:
    kinds = [PurePath(key).parts[0] for key in records(run_dir) if key.partition("/")[2] == name]
    kinds = kinds or [path.name for path in (run_dir / layout.ARTIFACTS).glob("*") if (path / name).is_file()]
    if len(kinds) != 1:
        found = "there is no artifact" if not kinds else f"{' and '.join(kinds)} both have an artifact"
        raise MissingArtifactError(f"{found} {name!r} in {run_dir}; say which artifact_type is meant")
    return kinds[0]


def _settle(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file, once the disk has it."""
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        return file.tell(), sha256


def _record(run_dir: Path, kind: str, name: str, size: int, sha256: str) -> None:
    all_of_them = {**records(run_dir), f"{kind}/{name}": {"size": size, "sha256": sha256}}
    keys = run_dir / layout.ARTIFACT_RECORDS
    keys.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(keys, msgspec.json.encode(all_of_them))
    if kind in KNOWN_TO_MLXP:
        text = yaml.dump(_mlxp_view(all_of_them), Dumper=yaml.CSafeDumper, allow_unicode=True)
        write_atomically(run_dir / layout.ARTIFACT_KEYS, text.encode())


def _mlxp_view(all_of_them: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    """`{type: {folder: {file: ''}}}`. A type MLXP does not know would break its whole reader: left out."""
    view: dict[str, dict[str, dict[str, str]]] = {}
    for key in all_of_them:
        kind, _, name = key.partition("/")
        if kind in KNOWN_TO_MLXP:
            path = PurePath(name)
            view.setdefault(kind, {}).setdefault(layout.folder_key(path.parent), {})[path.name] = ""
    return view
