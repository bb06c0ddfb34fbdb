"""What schedulers know of the jobs of runs, asked for once for many of them."""

from __future__ import annotations

import os
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.effects import schedulers
from mlxp_fn.effects.schedulers import JobSeen
from mlxp_fn.errors import ConfigError
from mlxp_fn.jobs.dialects import DIALECTS, Dialect, dialect_of
from mlxp_fn.records import RunInfo, Submitted


def job_seen(run: RunInfo, run_dir: str | os.PathLike[str]) -> JobSeen | None:
    """What the scheduler says of a run's latest job; None where there is none, or nobody knows it."""
    match run.submission:
        case Submitted(scheduler=name, job_id=job_id):
            dialect = DIALECTS.get(name) or _described(Path(run_dir))
            return schedulers.job_seen(dialect, job_id) if dialect else None
        case _:
            return None


def _described(run_dir: Path) -> Dialect | None:
    """The dialect that the settings of a run describe."""
    try:
        settings = parse_yaml((run_dir / layout.SETTINGS).read_text(encoding="utf-8"), layout.SETTINGS) or {}
        return dialect_of(settings.get("scheduler") or {}, "")
    except (OSError, ValueError, ConfigError, AttributeError):
        return None
