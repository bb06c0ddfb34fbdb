"""Checkpoints: where they are found, and the event that records one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.history import note
from mlxp_fn.errors import MissingArtifactError
from mlxp_fn.records import Checkpointed

TYPE = "pickle"
_SUFFIX = ".pkl"


def file_name(log_name: str) -> str:
    """The artifact that a checkpoint is, with or without the suffix.

    >>> file_name("best"), file_name("best.pkl")
    ('best.pkl', 'best.pkl')
    """
    return log_name if not isinstance(log_name, str) or log_name.endswith(_SUFFIX) else f"{log_name}{_SUFFIX}"


def found(log_name: str, root: str | os.PathLike[str]) -> tuple[Path, str]:
    """The directory of a run and the artifact that is its checkpoint of this name; MLXP 1.0.5 added no suffix.

    `root` is the run's directory, or, as to MLXP, its folder of pickles. Raises `MissingArtifactError` where there
    is no such checkpoint.
    """
    name = layout.checked_log_name(file_name(log_name), "checkpoint name")
    run_dir = Path(root)
    if run_dir.parts[-2:] == (layout.ARTIFACTS, TYPE):
        run_dir = run_dir.parents[1]
    for candidate in (name, name.removesuffix(_SUFFIX)):
        if (run_dir / layout.ARTIFACTS / TYPE / candidate).is_file():
            return run_dir, candidate
    raise MissingArtifactError(f"no checkpoint {log_name!r} in {run_dir}; log one with log_checkpoint")


def record(run_dir: Path, name: str, sha256: str, positions: Mapping[str, int], *, fsync: bool) -> None:
    """Add to the history of the running attempt that a checkpoint was kept."""
    note(run_dir, Checkpointed(at=now(), name=name, sha256=sha256, positions=positions), fsync=fsync)
