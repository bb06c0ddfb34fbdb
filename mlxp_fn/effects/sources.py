"""Reading config directories: every file once, into one record."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.config.composition import searched_directories
from mlxp_fn.config.source_files import Layer, Sources
from mlxp_fn.errors import ConfigError, InterpolationError
from mlxp_fn.tree.interpolation import Surroundings, resolved_text

_RUN = re.compile(r"[0-9]+")

_NO_CONFIGS = (layout.OURS, ".hydra", "pyvenv.cfg")
"""What lies in a directory of runs, in one that Hydra has made for a run, and in a virtual environment."""


def read_sources(
    config_dir: str | os.PathLike[str] | None, extra_dirs: Iterable[str | os.PathLike[str]] = ()
) -> Sources:
    """Read the YAML files in a directory and all below it, and those of further directories behind it.

    `config_dir` may be absent; an extra directory may not. Hidden files, hidden directories, virtual environments
    and what runs have left are passed over.
    """
    layers = [_layer(Path(config_dir))] if config_dir is not None and Path(config_dir).is_dir() else []
    for extra in extra_dirs:
        if not Path(extra).is_dir():
            raise ConfigError(f"the config directory {str(extra)!r} is not there")
        layers.append(_layer(Path(extra)))
    return Sources(tuple(layers))


def with_search_path(
    sources: Sources, overrides: Iterable[str], config_name: str, surroundings: Surroundings
) -> Sources:
    """The sources and, behind them, the directories that `hydra.searchpath` names.

    Warns of a directory that is not there, and of a `pkg://`, which is not supported.
    """
    layers = []
    for entry in searched_directories(sources, overrides, config_name):
        try:
            resolved = resolved_text(entry, surroundings)
        except InterpolationError as error:
            raise ConfigError(f"hydra.searchpath: {error}") from error
        path = Path(resolved.removeprefix("file://"))
        if resolved.startswith(("pkg://", "structured://")):
            warnings.warn(
                f"hydra.searchpath: {resolved} is left out; write the directory of the package as file:///...",
                stacklevel=2,
            )
        elif not path.is_dir():
            warnings.warn(f"hydra.searchpath: the directory {str(path)!r} is not there", stacklevel=2)
        else:
            layers.append(_layer(path))
    return sources.with_layers(*layers) if layers else sources


def _layer(directory: Path) -> Layer:
    files: dict[str, str] = {}
    folders: set[str] = set()
    for path, relative, is_folder in _walk(directory, ""):
        if is_folder:
            folders.add(relative)
        else:
            files[relative.removesuffix(".yaml")] = _text(path)
    return Layer(f"file://{directory.absolute()}", files, frozenset(folders))


def _walk(
    directory: str | Path, prefix: str, above: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[tuple[str, str, bool]]:
    """The YAML files and the folders below a directory: path, path relative to it, and whether it is a folder."""
    for entry in _entries(directory):
        relative = f"{prefix}{entry.name}"
        if _is_folder(entry):
            status = entry.stat()
            identity = (status.st_dev, status.st_ino)
            if _is_of_configs(entry) and identity not in above:
                yield entry.path, relative, True
                yield from _walk(entry.path, f"{relative}/", above | {identity})
        elif entry.name.endswith(".yaml"):
            yield entry.path, relative, False


def _entries(directory: str | Path) -> list[os.DirEntry[str]]:
    """What lies in a directory, by name, without the hidden: an editor's lock `.#config.yaml` is no config."""
    try:
        with os.scandir(directory) as entries:
            return sorted((each for each in entries if not each.name.startswith(".")), key=lambda each: each.name)
    except OSError as error:
        raise _unreadable(directory, error) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_of_configs(folder: os.DirEntry[str]) -> bool:
    if folder.name == "__pycache__":
        return False
    # A config directory that is also the working directory may hold a million files of logs.
    if any(os.path.exists(f"{folder.path}/{name}") for name in _NO_CONFIGS):
        return False
    return not (_RUN.fullmatch(folder.name) and os.path.isdir(f"{folder.path}/{layout.METADATA}"))


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: {error}") from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str | Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path} cannot be read: {error.strerror}")
