"""Which runs a log directory has."""

from __future__ import annotations

import os
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.files import unlisted
from mlxp_fn.effects.run_dirs import is_born, is_ours


def run_ids(parent: Path) -> list[int]:
    """The ids of the runs in a log directory, ascending, MLXP's included. Raises `LogDirError`."""
    return [int(name) for name in _names(parent) if is_born(parent / name)]


def run_dirs_of(parent: Path) -> list[Path]:
    """The directories of our runs in a log directory, by id. Raises `LogDirError`."""
    return [parent / name for name in _names(parent) if is_ours(parent / name)]


def trashed_ids(parent: Path) -> list[int]:
    """The ids of the runs in its trash, ascending; nothing where there is none."""
    trash = parent / layout.TRASH
    return run_ids(trash) if trash.is_dir() else []


def _names(parent: Path) -> list[str]:
    try:
        return sorted(filter(layout.is_run_name, os.listdir(parent)), key=int)
    except OSError as error:
        raise unlisted(parent, error) from error
