"""A run that was made before it starts, as a scheduler's job finds it: its config comes from its record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from attrs import evolve

from mlxp_fn.config.settings import with_logger
from mlxp_fn.config.sweeps import Job
from mlxp_fn.effects.run_records import read_record
from mlxp_fn.effects.surroundings import surroundings
from mlxp_fn.errors import LaunchError
from mlxp_fn.jobs.masking import masked_override
from mlxp_fn.tree.config import recorded_config


def recorded_job(run_dir: Path, overrides: tuple[str, ...] = ()) -> Job:
    """The job that goes on with this run: config files edited since it was made do not reach it.

    `overrides`, where there are any, are those it was made with. Raises `LaunchError` for others, and where the
    record is not there or was edited.
    """
    run_dir = run_dir.absolute()
    made = job_of_record(run_dir)
    given = tuple(masked_override(text, made.settings.get("mask", ())) for text in overrides)
    if given and given != made.overrides:
        raise LaunchError(
            f"run {run_dir.name} was made with {' '.join(made.overrides) or 'no overrides'}, "
            f"not with {' '.join(given)}; leave the overrides out, or make a new run"
        )
    return evolve(made, settings=_of_this_run(made.settings, run_dir))


def job_of_record(run_dir: Path) -> Job:
    """The job that made this run. Raises `LaunchError` where the record is not there or was edited."""
    try:
        record = read_record(run_dir)
    except FileNotFoundError as error:
        missing = Path(error.filename).relative_to(run_dir)
        raise LaunchError(f"{run_dir} is no run that can be made again: there is no {missing}") from error
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise LaunchError(f"the record of a run cannot be read in {run_dir}: {error}") from error
    config = recorded_config(record.unresolved, record.config, record.birth.digest, surroundings())
    return Job(index=0, overrides=record.birth.overrides, config=config, settings=record.settings)


def _of_this_run(settings: Mapping[str, Any], run_dir: Path) -> dict[str, Any]:
    """The recorded settings, that lead to this run and nowhere else: it is not submitted again."""
    here = with_logger(settings, parent_log_dir=str(run_dir.parent), forced_log_id=int(run_dir.name))
    return {**here, "use_logger": True, "use_scheduler": False}
