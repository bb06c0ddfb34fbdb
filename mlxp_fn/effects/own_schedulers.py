"""Schedulers that users describe, and whose description is followed.

A description names commands to call, and a log directory holds the one that its runs were submitted under. What is
found there is never executed: of a description there only one counts that this user has submitted with before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlxp_fn import jsonl, layout
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.effects import user_cache
from mlxp_fn.effects.files import cannot
from mlxp_fn.effects.schedulers import answers
from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.dialects import Dialect, dialect_of
from mlxp_fn.jobs.scheduler_block import understood_block


def remember(block: Mapping[str, Any]) -> None:
    """Note that this user submits with this description."""
    if _calls_something(block):
        user_cache.keep(_place(block), jsonl.encode(dict(block)))


def dialect_of_run(run_dir: Path, name: str | None) -> Dialect:
    """The dialect that a run was, or is to be, submitted in: of that name, or as its settings describe it.

    Raises `SubmissionError` where they describe one that this user has not submitted with, and another `MlxpError`
    where they cannot be read.
    """
    try:
        settings = parse_yaml((run_dir / layout.SETTINGS).read_text(encoding="utf-8"), layout.SETTINGS)
        script = (run_dir / layout.SCRIPT).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise cannot("read", run_dir / layout.SETTINGS, error) from error
    described = settings.get("scheduler") if isinstance(settings, Mapping) else None
    block = understood_block(described if isinstance(described, Mapping) else {})
    if _calls_something(block) and user_cache.recall(_place(block)) is None:
        raise SubmissionError(
            f"run {run_dir.name} is for {block.get('name', name)!r}, a scheduler that is described in its own "
            f"{layout.SETTINGS}; that is followed only where you have submitted with it yourself: call `mlxpsub "
            "--dry-run` with a script under the same settings"
        )
    if name and not {"name", "like"} & set(block):
        block = {**block, "name": name}
    return dialect_of(block, script, answers)


def _calls_something(block: Mapping[str, Any]) -> bool:
    """Whether it says more than which of the known schedulers it is."""
    return bool(set(block) - {"name", "like"})


def _place(block: Mapping[str, Any]) -> str:
    text = jsonl.encode(sorted((key, repr(value)) for key, value in block.items()))
    return f"schedulers/{hashlib.sha256(text).hexdigest()}.json"
