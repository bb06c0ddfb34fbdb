"""Artifacts: objects kept in files, written under another name first, found again by type and name."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.effects.artifact_records import record
from mlxp_fn.effects.artifact_types import TYPES, ArtifactType
from mlxp_fn.effects.files import cannot, make_folder, settle
from mlxp_fn.effects.listing import files_below
from mlxp_fn.effects.signals import held
from mlxp_fn.errors import InvalidArtifactError, LogDirError, MissingArtifactError
from mlxp_fn.nearest import nearest
from mlxp_fn.results.cells import Artifact

_UNFINISHED = re.compile(r"\.\d+-\d+-tmp-")
"""What the name of a file begins with until it is whole: process and thread, and no dot that makes an extension."""


def save(
    run_dir: Path, types: Mapping[str, ArtifactType], kind: str, name: str, value: Any, *, fsync: bool = False
) -> str:
    """Keep `value` as `artifacts/<kind>/<name>`, replacing what was there, and record it; returns its SHA-256.

    The disk has the file before it takes its name, and with `fsync` the name and the record, too.
    """
    layout.checked_log_name(name, "artifact name")
    writer = _type(types, kind)
    path = run_dir / layout.ARTIFACTS / kind / name
    # The extension stays last, and none is added: some writers choose their format by it.
    temporary = path.with_name(f".{os.getpid()}-{threading.get_ident()}-tmp-{path.name}")
    with _writing(path):
        make_folder(path.parent, fsync=fsync)
    try:
        # What a user's own writer raises is the user's.
        with _writing(path) if kind in TYPES else nullcontext():
            writer.save(value, str(temporary))
        if not temporary.is_file():
            raise InvalidArtifactError(
                f"the save function of type {kind!r} left no file at the path it was given; it must write exactly "
                "there, and add no extension"
            )
        with _writing(path):
            size, sha256 = _settle(temporary)
        # A signal between the two would leave a file that is not the one on record.
        with held():
            with _writing(path):
                os.replace(temporary, path)
                if fsync:
                    settle(path.parent)
            with _writing(run_dir / layout.ARTIFACT_RECORDS):
                record(run_dir, kind, name, size, sha256, fsync=fsync)
    finally:
        with suppress(OSError):
            temporary.unlink()
    return sha256


def remove_unfinished(run_dir: Path) -> None:
    """Take away what writers left that were killed; only who runs the run alone may."""
    root = run_dir / layout.ARTIFACTS
    for path in files_below(str(root)):
        if _UNFINISHED.match(path.rpartition("/")[2]):
            (root / path).unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except (LogDirError, InvalidArtifactError):
        raise
    except OSError as error:
        raise cannot("write the artifact", path, error) from error


def load(run_dir: Path, types: Mapping[str, ArtifactType], kind: str | None, name: str) -> Any:
    """What `save` was given. Without `kind` the one type is taken that has an artifact of that name.

    Raises `MissingArtifactError` where there is none.
    """
    layout.checked_log_name(name, "artifact name")
    root = run_dir / layout.ARTIFACTS
    kind = kind or _kind_of(root, name)
    reader = _type(types, kind)
    path = root / kind / name
    if not path.is_file():
        raise MissingArtifactError(f"there is no artifact {name!r} of type {kind!r} in {run_dir}")
    _refuse_outside(root, path)
    return reader.load(str(path))


def _type(types: Mapping[str, ArtifactType], kind: str) -> ArtifactType:
    try:
        return types[kind]
    except KeyError:
        raise InvalidArtifactError(
            f"unknown artifact type {kind!r}; there are {', '.join(sorted(types))}; "
            f"add it with logger.register_artifact_type({kind!r}, save, load)"
        ) from None


def _kind_of(root: Path, name: str) -> str:
    kinds = sorted(path.name for path in root.glob("*") if (path / name).is_file())
    if not kinds:
        known = sorted({file.partition("/")[2] for file in files_below(str(root))})
        near = nearest(name, known)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}" if known else "it has none"
        raise MissingArtifactError(f"there is no artifact {name!r} in {root.parent}; {hint}")
    if len(kinds) > 1:
        found = f"{' and '.join(kinds)} both have an artifact {name!r} in {root.parent}"
        raise MissingArtifactError(f"{found}; say which artifact_type is meant")
    return kinds[0]


def _refuse_outside(root: str | Path, path: str | Path) -> None:
    """Links are not followed out of the artifacts of a run: a log directory may come from anybody."""
    if not os.path.realpath(path).startswith(f"{os.path.realpath(root)}/"):
        raise InvalidArtifactError(f"{path} is a link out of {root}; it is not followed")


def _settle(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file, once the disk has it."""
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        return file.tell(), sha256


@frozen
class ArtifactFiles:
    """The store of the artifacts of runs on this machine's disks."""

    def load(self, artifact: Artifact, loader: Callable[[str], Any] | None, safe: bool) -> Any:
        """The object in the file; which function reads it is never taken from the log directory.

        Raises `MissingArtifactError` where the file is gone, and `InvalidArtifactError` where nothing known, or
        nothing `safe`, can read it.
        """
        read = _safe_reader(artifact, loader) if safe else loader or _reader(artifact)
        self._refuse_missing(artifact)
        return read(artifact.file)

    def sha256(self, artifact: Artifact) -> str:
        """The digest of the file as it is now. Raises `MissingArtifactError` where it is gone."""
        self._refuse_missing(artifact)
        with open(artifact.file, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _refuse_missing(self, artifact: Artifact) -> None:
        if not os.path.isfile(artifact.file):
            raise MissingArtifactError(f"there is no file {artifact.file} any more")
        _refuse_outside(artifact.root, artifact.file)


FILES = ArtifactFiles()


def _reader(artifact: Artifact) -> Callable[[str], Any]:
    if artifact.type not in TYPES:
        raise InvalidArtifactError(
            f"artifacts of type {artifact.type!r} are read by a function of your own, which a log directory cannot "
            f"bring: call load(loader=function) with one that takes a path; the file is {artifact.file}"
        )
    return TYPES[artifact.type].load


def _safe_reader(artifact: Artifact, loader: Callable[[str], Any] | None) -> Callable[[str], Any]:
    if loader:
        raise InvalidArtifactError("safe=True cannot vouch for a loader of your own; leave out one of the two")
    safely = TYPES[artifact.type].load_safely if artifact.type in TYPES else None
    if safely is None:
        raise InvalidArtifactError(
            f"{artifact.file} is of type {artifact.type!r}, which safe=True refuses: loading it may run code that "
            "is in it; call load() if you trust whoever wrote it"
        )
    return safely
