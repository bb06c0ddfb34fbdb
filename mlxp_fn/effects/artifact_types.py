"""The types of artifacts: how an object of each goes into a file and comes out of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import frozen

from mlxp_fn.effects.signals import held
from mlxp_fn.errors import InvalidArtifactError, MissingArtifactError


@frozen
class ArtifactType:
    """How objects of one kind go into a file and come out of it; each function takes the file's path as text.

    `load_safely` runs no code that is in the file; it is None where the type cannot be read so.
    """

    save: Callable[[Any, str], None]
    load: Callable[[str], Any]
    load_safely: Callable[[str], Any] | None = None


def _save_pickle(value: Any, path: str) -> None:
    with open(path, "wb") as file:
        _dill().dump(value, file)


def _load_pickle(path: str) -> Any:
    with open(path, "rb") as file:
        return _dill().load(file)


def _dill() -> Any:
    """The module. A signal waits for its import, which takes all that is raised in it for a missing file."""
    with held():
        import dill
    return dill


def _save_torch(value: Any, path: str) -> None:
    import torch

    torch.save(value, path)


def _load_torch(path: str) -> Any:
    import torch

    return torch.load(path, weights_only=False)


def _load_torch_weights(path: str) -> Any:
    import torch

    return torch.load(path, weights_only=True)


def _save_numpy(value: Any, path: str) -> None:
    import numpy as np

    several = isinstance(value, Mapping)
    arrays: dict[str, Any] = {key: np.asarray(array) for key, array in (value if several else {"": value}).items()}
    if any(array.dtype.hasobject for array in arrays.values()):
        raise InvalidArtifactError("an array of objects could only be loaded as a pickle; log it as type 'pickle'")
    # Into an open file: given a name, numpy would add an extension to it.
    with open(path, "wb") as file:
        np.savez(file, **arrays) if several else np.save(file, arrays[""])


def _load_numpy(path: str) -> Any:
    import numpy as np

    loaded = np.load(path, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        return loaded
    with loaded:
        return dict(loaded)


def _save_image(value: Any, path: str) -> None:
    value.savefig(path, format=Path(path).suffix[1:] or "png", bbox_inches="tight")


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


def _copy(source: str | os.PathLike[str], path: str) -> None:
    shutil.copyfile(_file(source), path)


def _link(source: str | os.PathLike[str], path: str) -> None:
    file = os.path.realpath(_file(source))
    with suppress(OSError):  # another file system, or one without links
        os.link(file, path)
        return
    shutil.copyfile(file, path)


def _file(source: str | os.PathLike[str]) -> str:
    if not isinstance(source, str | os.PathLike):
        raise InvalidArtifactError(f"an artifact of type 'file' is the path of a file, not {type(source).__name__}")
    path = os.fspath(source)
    if os.path.isdir(path):
        raise InvalidArtifactError(f"{path} is a directory, an artifact one file; pack it with shutil.make_archive")
    if not os.path.isfile(path):
        raise MissingArtifactError(f"there is no file {path} to keep")
    return path


KNOWN_TO_MLXP: Mapping[str, ArtifactType] = MappingProxyType(
    {
        "pickle": ArtifactType(_save_pickle, _load_pickle),
        "torch": ArtifactType(_save_torch, _load_torch, _load_torch_weights),
        "numpy": ArtifactType(_save_numpy, _load_numpy, _load_numpy),
        "image": ArtifactType(_save_image, _load_image, _load_image),
    }
)

TYPES: Mapping[str, ArtifactType] = MappingProxyType(
    {
        **KNOWN_TO_MLXP,
        "json": ArtifactType(_save_json, _load_json, _load_json),
        "text": ArtifactType(_save_text, _load_text, _load_text),
        "file": ArtifactType(_copy, Path, Path),
    }
)
"""The types that every reader can load."""

LINKED_FILE = ArtifactType(_link, Path, Path)
"""A `file` that shares its content with the one it was made from, where both lie on one file system."""
