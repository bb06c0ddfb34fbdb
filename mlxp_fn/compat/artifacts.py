"""MLXP's artifacts: 0.2.7's classes that save themselves, and 1.0.5's files that are loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mlxp_fn.effects.artifact_types import KNOWN_TO_MLXP

Artifact_types: Mapping[str, Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {name: {"save": kind.save, "load": kind.load} for name, kind in KNOWN_TO_MLXP.items()}
)
"""1.0.5's types: how each is saved and loaded."""


@dataclass  # users' subclasses are dataclasses, too, and inherit its fields
class Artifact:
    """An object with a way to save it, the base of artifacts of 0.2.7; of four arguments it is 1.0.5's file.

    >>> @dataclass
    ... class Text(Artifact):
    ...     ext = ".txt"
    >>> Text("abc").ext
    '.txt'
    >>> Artifact("a.txt", "/logs", load=len, save=None).load()
    11
    """

    obj: Any
    ext: str = ""

    def __new__(cls, *args: Any, **options: Any) -> Artifact:
        """An artifact of 1.0.5 where a name and a path are given."""
        is_file = cls is Artifact and (len(args) > 2 or "load" in options)
        return object.__new__(File if is_file else cls)

    def __post_init__(self) -> None:
        """Take the extension of the class where none was given."""
        self.ext = self.ext or type(self).ext

    def _save(self, fname: str) -> None:
        """Write `obj` into the file `fname` with the extension; subclasses say how."""
        raise NotImplementedError(f"{type(self).__name__} has no method _save(self, fname)")


class File(Artifact):
    """An artifact of 1.0.5: a file, and what loads it."""

    def __init__(self, name: str, path: str, load: Callable[[str], Any], save: Any) -> None:
        self.name = name
        self.path = path
        self._load = load
        self._write = save

    def load(self) -> Any:
        """The object in the file."""
        return self._load(os.path.join(self.path, self.name))


@dataclass
class Checkpoint(Artifact):
    """Anything that dill can write."""

    ext: str = ".pkl"

    def _save(self, fname: str) -> None:
        KNOWN_TO_MLXP["pickle"].save(self.obj, f"{fname}{self.ext}")


@dataclass
class NumpyArray(Artifact):
    """A mapping of numpy arrays."""

    ext: str = ".npz"

    def _save(self, fname: str) -> None:
        KNOWN_TO_MLXP["numpy"].save(self.obj, f"{fname.removesuffix('.npz')}.npz")


@dataclass
class PNGImage(Artifact):
    """A figure of matplotlib's."""

    ext: str = ".png"

    def _save(self, fname: str) -> None:
        KNOWN_TO_MLXP["image"].save(self.obj, f"{fname}{self.ext}")


@dataclass
class TorchModel(Artifact):
    """A tensor, a module or its state."""

    ext: str = ".pth"

    def _save(self, fname: str) -> None:
        KNOWN_TO_MLXP["torch"].save(self.obj, f"{fname}{self.ext}")
