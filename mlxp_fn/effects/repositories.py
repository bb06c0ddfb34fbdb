"""The state of the git repository that the code of a run lies in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mlxp_fn.effects.commands import answer_of
from mlxp_fn.jobs.masking import without_credentials

_PATIENCE = 5.0
"""Seconds that git is given for each question."""

_ELSEWHERE = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"})
"""Variables, set in a hook for one, that lead git to another repository than the one we ask about."""


def repository(folder: str) -> dict[str, Any] | None:
    """Commit, branch, remote, and whether a file of the commit was changed; None outside of a repository.

    Asked once: what is changed after the code was loaded is not what runs.
    """
    if not any((place / ".git").exists() for place in (Path(folder), *Path(folder).parents)):
        return None
    state = _state(folder)
    return None if state is None else {**state, "remote": _remote(folder)}


def _state(folder: str) -> dict[str, Any] | None:
    # Without untracked files: the log directory is one, and may be large.
    status = _git(folder, "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    if status is None:
        # In a repository of too many files; what HEAD is can be told at once.
        head = (_git(folder, "rev-parse", "HEAD", "--abbrev-ref", "HEAD") or "").split()
        return {"commit": head[0], "branch": _branch(head[1]), "dirty": None} if len(head) == 2 else None
    lines = status.splitlines()
    told = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# branch."))
    commit = told.get("branch.oid")
    return {
        "commit": None if commit == "(initial)" else commit,
        "branch": _branch(told.get("branch.head")),
        "dirty": any(not line.startswith("#") for line in lines),
    }


def _branch(name: str | None) -> str | None:
    return None if name in ("(detached)", "HEAD", "") else name


def _remote(folder: str) -> str | None:
    """Where `origin` lies, or else the first remote."""
    answer = _git(folder, "config", "--get-regexp", r"^remote\..*\.url$") or ""
    urls = dict(line.split(" ", 1) for line in answer.splitlines() if " " in line)
    url = urls.get("remote.origin.url") or next(iter(urls.values()), None)
    return url and without_credentials(url)


def _git(folder: str, *arguments: str) -> str | None:
    environ = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return answer_of(("git", "--no-optional-locks", "-C", folder, *arguments), seconds=_PATIENCE, environ=environ)
