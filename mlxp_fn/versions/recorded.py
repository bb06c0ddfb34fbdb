"""Which code a run executed, as its record tells, and how that is started."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from attrs import frozen

from mlxp_fn.records import RunInfo
from mlxp_fn.versions.restarts import moved
from mlxp_fn.versions.states import COMMIT


@frozen(kw_only=True)
class RecordedCode:
    """The code of a run: a commit of the repository at `root`, the copy of it, and the words that start its script.

    `root` and `copy` are None where the run did not execute from a copy of ours; `commit` where none is known.
    `is_whole` says whether the commit is all of the code: no file of it was changed. `directory` is where the run
    stood, `original` where its user did.
    """

    commit: str | None
    root: str | None
    copy: str | None
    is_whole: bool
    script: tuple[str, ...]
    directory: str
    original: str
    version: Mapping[str, Any] | None = None

    def in_repository(self) -> tuple[str, ...]:
        """The script where the user has it, not in the copy."""
        if self.root is None or self.copy is None:
            return self.script
        return tuple(moved(word, self.copy, self.root) for word in self.script)

    @property
    def file(self) -> str | None:
        """The path of the script; None for a module."""
        last = self.script[-1] if self.script else ""
        return last if PurePath(last).is_absolute() else None


def recorded_code(info: RunInfo) -> RecordedCode:
    """The code that the last attempt of a run executed."""
    version = info.version_manager or {}
    commit, root, copy = (_text(version.get(name)) for name in ("commit_hash", "repo_path", "copy"))
    if commit and root and copy and version.get("from_copy") is True:
        return RecordedCode(
            commit=_hash(commit),
            root=root,
            copy=copy,
            is_whole=not version.get("altered"),
            script=info.script,
            directory=info.work_dir,
            original=_text(version.get("original_dir")) or info.work_dir,
            version=version,
        )
    git = (info.environment or {}).get("git")
    known: Mapping[str, Any] = git if isinstance(git, Mapping) else {}
    return RecordedCode(
        # A version that was copied beside code which was imported already still tells what that was.
        commit=_hash(commit) or _hash(_text(known.get("commit"))),
        root=root,
        copy=None,
        is_whole=version.get("dirty", known.get("dirty")) is False,
        script=info.script,
        directory=info.work_dir,
        original=info.work_dir,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _hash(value: str | None) -> str | None:
    return value if value and COMMIT.fullmatch(value) else None
