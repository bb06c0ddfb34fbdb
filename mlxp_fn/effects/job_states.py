"""What schedulers know of the jobs of runs, asked for once for many of them."""

from __future__ import annotations

import os
from pathlib import Path

from mlxp_fn.effects import schedulers
from mlxp_fn.effects.schedulers import JobSeen
from mlxp_fn.errors import MlxpError
from mlxp_fn.jobs.dialects import DIALECTS, Dialect
from mlxp_fn.records import RunInfo, Submitted


def job_seen(run: RunInfo, run_dir: str | os.PathLike[str]) -> JobSeen | None:
    """What the scheduler says of a run's latest job; None where there is none, or nobody knows it."""
    match run.submission:
        case Submitted(scheduler=name, job_id=job_id):
            dialect = DIALECTS.get(name) or _described(Path(run_dir), name)
            return schedulers.job_seen(dialect, job_id) if dialect else None
        case _:
            return None


def _described(run_dir: Path, name: str) -> Dialect | None:
    """The dialect that the settings of a run describe, where that is followed."""
    from mlxp_fn.effects.own_schedulers import dialect_of_run  # few runs need it

    try:
        return dialect_of_run(run_dir, name)
    except (MlxpError, ValueError, AttributeError):
        return None
