"""A version of the code, and what is recorded of it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from mlxp_fn.config.yaml_writer import writable

RECORDED_PATHS = 100
"""How many names of altered files are recorded; their number is recorded in any case."""


class Version(Struct, frozen=True, kw_only=True):
    """Which code runs execute: a commit of the repository at `root`, and its copy.

    `latest` is the commit on the user's branch, `directory` where the user stood. `is_dirty` says whether the
    working tree was not as the commit that runs, but for a snapshot, which is of such a tree.
    """

    commit: str
    root: str
    copy: str
    directory: str
    latest: str | None = None
    branch: str | None = None
    remote: str | None = None
    is_dirty: bool = False
    is_snapshot: bool = False
    requirements: tuple[str, ...] = ()
    installed: tuple[str, ...] | None = None
    altered: tuple[str, ...] = ()
    not_restored: tuple[str, ...] = ()

    def info(self, from_copy: bool) -> dict[str, Any]:
        """`info.version_manager`: MLXP's keys and ours. `from_copy`: whether the code that runs is the copy's."""
        ours = {
            "copy": writable(self.copy),
            "from_copy": from_copy,
            "original_dir": writable(self.directory),
            "branch": self.branch and writable(self.branch),
            "remote": self.remote and writable(self.remote),
            "latest_commit": self.latest,
            "dirty": self.is_dirty,
            "snapshot": self.is_snapshot,
        }
        named = {"altered": self.altered, "not_restored": self.not_restored}
        found = {name: recorded_paths(paths) for name, paths in named.items() if paths}
        installed = {} if self.installed is None else {"installed": list(self.installed)}
        return {
            "requirements": list(self.requirements),
            "commit_hash": self.commit,
            "repo_path": writable(self.root),
            **ours,
            **installed,
            **found,
        }


def recorded_paths(paths: tuple[str, ...]) -> list[str]:
    """The first names of many, as any file can hold them."""
    rest = [f"and {len(paths) - RECORDED_PATHS} more"] if len(paths) > RECORDED_PATHS else []
    return [*map(writable, paths[:RECORDED_PATHS]), *rest]
