"""Which runs a log directory has."""

from __future__ import annotations

import os
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.files import unlisted
from mlxp_fn.effects.run_dirs import is_born


def run_ids(parent: Path) -> list[int]:
    """The ids of the runs in a log directory, ascending, MLXP's included. Raises `LogDirError`."""
    try:
        names = os.listdir(parent)
    except OSError as error:
        raise unlisted(parent, error) from error
    return sorted(int(name) for name in names if layout.is_run_name(name) and is_born(parent / name))


def trashed_ids(parent: Path) -> list[int]:
    """The ids of the runs in its trash, ascending; nothing where there is none."""
    trash = parent / layout.TRASH
    return run_ids(trash) if trash.is_dir() else []
