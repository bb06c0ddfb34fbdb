"""What runs depended on, as it was recorded: all of it, for one run at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mlxp_fn.effects import contents
from mlxp_fn.effects.remarks import warn
from mlxp_fn.effects.run_dirs import read_past
from mlxp_fn.errors import LogDirError
from mlxp_fn.records import Started


def environment_of(run_dir: str | os.PathLike[str], attempt: int | None = None) -> dict[str, Any]:
    """All that is recorded of what a run depended on, its last attempt or the one with that number.

    `packages` maps names to versions, `editable` those installed in place to where they lie; `hardware` has the
    processor, memory and GPUs; the rest is what `info.*` shows. What is missing or damaged is None, and a warning
    says so. Raises `LogDirError` where there is no such attempt.
    """
    place = Path(run_dir).absolute()
    attempts = [event for event in read_past(place) if isinstance(event, Started)]
    chosen = [event for event in attempts if attempt in (None, event.attempt)]
    if not chosen:
        raise LogDirError(f"{place} has no attempt{'' if attempt is None else f' {attempt}'}")
    facts = dict(chosen[-1].environment or {})
    installed, facts["hardware"] = (_kept(place.parent, facts.get(name)) for name in ("packages", "hardware"))
    return {**facts, "packages": None, **(installed or {})}


def _kept(parent: Path, digest: Any) -> dict[str, Any] | None:
    """What is stored of that digest; None, and a warning, where it cannot be had."""
    if digest is None:
        return None
    try:
        return contents.kept(parent, str(digest))
    except LogDirError as error:
        warn(str(error))
        return None
