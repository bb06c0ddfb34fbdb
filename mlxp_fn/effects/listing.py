"""What files there are below a folder, and how large they are."""

from __future__ import annotations

import os
from collections.abc import Iterator


def files_below(folder: str, prefix: str = "") -> Iterator[str]:
    """The paths, from `folder`, of the files in it and in its folders; `.keys` and links to folders are left out.

    Nothing where there is no such folder. Each path begins with `prefix`.
    """
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name, is_folder in found:
        if not is_folder:
            yield prefix + name
        elif name != ".keys":
            yield from files_below(f"{folder}/{name}", f"{prefix}{name}/")


def sizes_below(folder: str) -> Iterator[int]:
    """The size in bytes of each file below a folder; links are not followed."""
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(f"{place}/{name}").st_size
            except FileNotFoundError:  # somebody writes while we look
                continue
