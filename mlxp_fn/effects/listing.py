"""What files there are below a folder, and how long they are."""

from __future__ import annotations

import os
from collections.abc import Iterator


def files_below(folder: str) -> Iterator[str]:
    """The paths, from `folder`, of the files in it and in its folders; `.keys` and links to folders are left out.

    Nothing where there is no such folder.
    """
    for path, _ in _entries(folder, ""):
        yield path


def sizes_below(folder: str) -> dict[str, int]:
    """How many bytes each of these files has."""
    sizes = {}
    for path, entry in _entries(folder, ""):
        sizes[path] = entry.stat().st_size
    return sizes


def _entries(folder: str, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in found:
        if not entry.is_dir(follow_symlinks=False):
            yield prefix + entry.name, entry
        elif entry.name != ".keys":
            yield from _entries(entry.path, f"{prefix}{entry.name}/")
