"""What was read from config directories: files by their paths, and what each of them says."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from msgspec import Struct

from mlxp_fn.config.default_items import Item, parse_defaults
from mlxp_fn.config.hydra_node import HYDRA_FILES, HYDRA_FOLDERS
from mlxp_fn.config.packages import Package, absolute_package
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.errors import ConfigError

_COMMENT = re.compile(r"\s*#\s*@(\S+)[ \t]*(.*?)\s*$")


class Layer(Struct, frozen=True):
    """One directory of the search path: paths without `.yaml` to texts, and the folders that are there."""

    name: str
    files: Mapping[str, str]
    folders: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Its name, and how much is in it."""
        return f"Layer({self.name!r}, {len(self.files)} files)"


_HYDRA = Layer("Hydra's own", HYDRA_FILES, HYDRA_FOLDERS)


class SourceFile(Struct, frozen=True):
    """A config file, understood: its header's package, its defaults list (None without one) and the rest."""

    path: str
    package: Package | None
    defaults: tuple[Item, ...] | None
    body: Any


@frozen
class Sources:
    """The search path, first layer first; files are parsed when asked for, each once.

    `base` lies under the files: the defaults of a class that describes the config.
    """

    layers: tuple[Layer, ...] = ()
    base: Mapping[str, Any] = field(factory=dict, repr=False)
    _known: dict[Any, Any] = field(factory=dict, init=False, eq=False, repr=False)

    def find(self, path: str) -> SourceFile | None:
        """The file of that path, with or without `.yaml`, in the first layer that has it."""
        key = ("file", path)
        if key not in self._known:
            self._known[key] = self._find(path)
        found: SourceFile | None = self._known[key]
        return found

    def is_group(self, path: str) -> bool:
        """Whether a layer has a folder of that name."""
        return any(path in layer.folders for layer in (_HYDRA, *self.layers))

    def options(self, group: str) -> tuple[str, ...]:
        """The names of the files in a group, in all layers, sorted."""
        key = ("options", group)
        if key not in self._known:
            prefix = f"{group}/" if group else ""
            names = {
                path[len(prefix) :]
                for layer in (_HYDRA, *self.layers)
                for path in layer.files
                if path.startswith(prefix)
            }
            self._known[key] = tuple(sorted(name for name in names if "/" not in name))
        options: tuple[str, ...] = self._known[key]
        return options

    def groups(self) -> tuple[str, ...]:
        """All groups, sorted."""
        return tuple(sorted({folder for layer in self.layers for folder in layer.folders}))

    def text(self, path: str) -> str | None:
        """The text of a file, in the first layer that has it."""
        return next((layer.files[path] for layer in (_HYDRA, *self.layers) if path in layer.files), None)

    def with_layers(self, *layers: Layer) -> Sources:
        """These sources and, behind them, further layers."""
        return Sources((*self.layers, *layers), self.base)

    def _find(self, path: str) -> SourceFile | None:
        normal = path.removesuffix(".yaml")
        if normal.startswith("./"):
            normal = posixpath.normpath(normal)
        text = self.text(normal)
        return None if text is None else read_source(normal, text)


def read_source(path: str, text: str) -> SourceFile:
    """Understand one file. Raises `ConfigError`, which names it."""
    name = f"{path}.yaml"
    body = parse_yaml(text, name)
    if not isinstance(body, (dict, list, type(None))):
        raise ConfigError(f"{name} holds {body!r}; a config file holds a mapping")
    defaults = None
    if isinstance(body, dict) and "defaults" in body:
        defaults = parse_defaults(body["defaults"], name)
        body = {key: value for key, value in body.items() if key != "defaults"}
    return SourceFile(path, _header_package(text, name), defaults, {} if body is None else body)


def _header_package(text: str, name: str) -> Package | None:
    """The package of a line `# @package name` before anything but blank lines and other such lines."""
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _COMMENT.fullmatch(line)
        if not match:
            return None
        if match[1] == "package":
            if len(match[2].split()) != 1:
                raise ConfigError(f"{name}: the line {line.strip()!r} names one package: # @package name")
            return absolute_package(match[2])
    return None
