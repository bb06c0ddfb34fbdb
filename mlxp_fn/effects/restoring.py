"""The proof that a new copy of the code is what was copied, byte for byte; what is not is noted in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mlxp_fn import jsonl
from mlxp_fn.effects.git import line_of
from mlxp_fn.effects.working_trees import tracked_files
from mlxp_fn.effects.worktrees import NOT_RESTORED


def note_not_restored(root: str, copy: Path, but: frozenset[str]) -> None:
    """Compare the files of a new copy with those it was made of, and note in the copy which differ.

    `but` are paths that are known to differ: changes that are not in the version.
    """
    compared = (path for path in tracked_files(str(copy)) if path not in but)
    different = [path for path in compared if _differs(os.path.join(root, path), str(copy / path))]
    if different:
        admin = line_of(str(copy), "rev-parse", "--absolute-git-dir")
        Path(admin, NOT_RESTORED).write_bytes(jsonl.encode(different))


def _differs(original: str, copied: str) -> bool:
    try:
        here, there = os.lstat(original), os.lstat(copied)
    except FileNotFoundError:
        return os.path.lexists(original)  # what is not in the original, as in a sparse checkout, is no loss
    except OSError:
        return True
    if stat.S_IFMT(here.st_mode) != stat.S_IFMT(there.st_mode):
        return True
    if stat.S_ISLNK(here.st_mode):
        return os.readlink(original) != os.readlink(copied)
    if here.st_size != there.st_size or (here.st_mode ^ there.st_mode) & stat.S_IXUSR:
        return True
    with open(original, "rb") as one, open(copied, "rb") as other:
        return any(block != other.read(_BLOCK) for block in iter(lambda: one.read(_BLOCK), b""))


_BLOCK = 1 << 18
