"""A run that was made before it starts, as a scheduler's job finds it: its config comes from its record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from attrs import evolve

from mlxp_fn import layout
from mlxp_fn.config.settings import with_logger
from mlxp_fn.config.sweeps import Job
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.effects import run_dirs
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
        birth = run_dirs.read_birth(run_dir)
        config_yaml = (run_dir / layout.CONFIG).read_bytes()
        settings = _parsed(run_dir / layout.SETTINGS)
        unresolved_file = run_dir / layout.CONFIG_UNRESOLVED
        unresolved = _parsed(unresolved_file if unresolved_file.exists() else run_dir / layout.CONFIG)
    except FileNotFoundError as error:
        missing = Path(error.filename).relative_to(run_dir)
        raise LaunchError(f"{run_dir} is no run that can be made again: there is no {missing}") from error
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise LaunchError(f"the record of a run cannot be read in {run_dir}: {error}") from error
    if hashlib.sha256(config_yaml).hexdigest() != birth.config_sha256:
        raise LaunchError(f"{run_dir / layout.CONFIG} was edited after the run was made; make a new run instead")
    config = recorded_config(unresolved, _parsed(run_dir / layout.CONFIG), birth.digest, surroundings())
    return Job(index=0, overrides=birth.overrides, config=config, settings=settings)


def _of_this_run(settings: Mapping[str, Any], run_dir: Path) -> dict[str, Any]:
    """The recorded settings, that lead to this run and nowhere else: it is not submitted again."""
    here = with_logger(settings, parent_log_dir=str(run_dir.parent), forced_log_id=int(run_dir.name))
    return {**here, "use_logger": True, "use_scheduler": False}


def _parsed(path: Path) -> Any:
    return parse_yaml(path.read_text(encoding="utf-8", errors="surrogatepass"), path.name) or {}
