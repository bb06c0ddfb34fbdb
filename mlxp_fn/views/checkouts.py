"""The code of a run that was put into a directory, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Protocol


class CheckedOut(Protocol):
    """What was put where."""

    @property
    def run(self) -> int: ...
    @property
    def commit(self) -> str: ...
    @property
    def repository(self) -> str: ...
    @property
    def directory(self) -> str: ...
    @property
    def script(self) -> str | None: ...
    @property
    def is_whole(self) -> bool: ...
    @property
    def empty(self) -> tuple[str, ...]: ...


def checkout_text(found: CheckedOut) -> str:
    """What is where, in two or three lines."""
    lines = [
        f"the code of run {found.run} is in {found.directory}",
        f"  commit {found.commit} of {found.repository}",
        *([f"  script {found.script}"] if found.script else []),
    ]
    return "\n".join(lines)


def checkout_json(found: CheckedOut) -> str:
    """The same for other programs."""
    facts = ("run", "commit", "repository", "directory", "script", "is_whole", "empty")
    return json.dumps({name: getattr(found, name) for name in facts})


def checkout_remarks(found: CheckedOut) -> Iterator[str]:
    """What of the code is not there."""
    if not found.is_whole:
        yield f"run {found.run} may have run with changes to this commit that nobody kept"
    if found.empty:
        yield f"the commit of these submodules is not on this machine, and they are empty: {', '.join(found.empty)}"
