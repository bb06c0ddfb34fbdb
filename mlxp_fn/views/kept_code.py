"""The versions of the code that a repository keeps, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mlxp_fn.views.rows import size_text
from mlxp_fn.views.table import aligned


class KeptVersion(Protocol):
    """A version that a repository keeps."""

    @property
    def commit(self) -> str: ...
    @property
    def is_snapshot(self) -> bool: ...
    @property
    def copies(self) -> Sequence[str]: ...
    @property
    def size(self) -> int: ...
    @property
    def written(self) -> int: ...
    @property
    def needed(self) -> str: ...


def kept_text(versions: Sequence[KeptVersion]) -> str:
    """A line for each version, who needs it at its end; and one for each copy into which files were written."""
    columns = [
        [version.commit for version in versions],
        ["snapshot" if version.is_snapshot else "commit" for version in versions],
        [size_text(version.size) if version.copies else "no copy" for version in versions],
        [version.needed or "nobody needs it" for version in versions],
    ]
    written = [
        f"  {', '.join(version.copies)}: {_files(version.written)} the commit's"
        for version in versions
        if version.written and not version.needed
    ]
    return "\n".join([*aligned(columns, [False, False, True, False]), *written])


def amount_text(versions: Sequence[KeptVersion]) -> str:
    """How much there is of versions."""
    copies = sum(len(version.copies) for version in versions)
    size = size_text(sum(version.size for version in versions))
    return f"{count_text(versions)} ({copies} {'copy' if copies == 1 else 'copies'}, {size})"


def count_text(versions: Sequence[KeptVersion]) -> str:
    """How many versions there are."""
    return f"{len(versions)} version{'s' if len(versions) != 1 else ''} of the code"


def _files(count: int) -> str:
    return "1 file that is not" if count == 1 else f"{count} files that are not"
