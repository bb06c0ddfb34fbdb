"""Before a task is called: settings placed, the config given its form, the run born or gone on with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from attrs import evolve

from mlxp_fn import jsonl, layout
from mlxp_fn.config.sweeps import Job
from mlxp_fn.config.typed import structured_as
from mlxp_fn.config_dict import ConfigDict
from mlxp_fn.effects import run_dirs
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.history import History
from mlxp_fn.errors import ConfigError, LaunchError, MetricsError, MissingFieldError, SettingsError
from mlxp_fn.jobs.birth import birth_files
from mlxp_fn.jobs.description import described
from mlxp_fn.jobs.masking import masked_override
from mlxp_fn.logger import DefaultLogger, Logger, logger_class
from mlxp_fn.records import Created, Described, Event, Settings, Started, fold
from mlxp_fn.results.info_view import info_columns
from mlxp_fn.tree import Config


def placed(settings: Settings, beside: Path) -> Settings:
    """The settings with their relative directories in `beside`."""
    return evolve(
        settings,
        logger=evolve(settings.logger, parent_log_dir=str(beside / settings.logger.parent_log_dir)),
        version_manager=evolve(
            settings.version_manager,
            parent_work_dir=str(beside / settings.version_manager.parent_work_dir),
        ),
    )


def task_config(settings: Settings, config: Config, *, seeded: bool, config_type: type | None) -> Any:
    """The config in the form the task wants: frozen, of the user's own class, or MLXP's mutable dict.

    Raises `MissingFieldError` where the seed is missing, `InterpolationError` where an interpolation leads
    nowhere, `ConfigError` for what cannot be recorded.
    """
    if seeded and "seed" not in config:
        raise MissingFieldError(
            f"the seeding function needs a key 'seed' in the config{'' if config else ', which is empty'}; "
            "add `seed: 0` to the config file or `+seed=0` to the command line"
        )
    try:
        flat = config.flat(strict=settings.resolve)
    except MissingFieldError:  # `???` is an error for who reads it, as in Hydra
        flat = config.flat(strict=False)
    if settings.use_logger:
        _refuse_what_no_record_holds(flat)
    if config_type:
        return structured_as(config_type, config.to_dict())
    return ConfigDict(config.to_dict()) if settings.as_ConfigDict else config


def _refuse_what_no_record_holds(flat: Mapping[str, Any]) -> None:
    """Raise `ConfigError` for a value that YAML has and JSON has not, before a directory is claimed."""
    try:
        jsonl.encode(flat)
    except MetricsError:
        for key, value in flat.items():
            try:
                jsonl.encode(value)
            except MetricsError as error:
                raise ConfigError(f"the value of {key!r} cannot be recorded: {error}") from None


def make_logger(settings: Settings, rank: int = 0, default: type[Logger] = DefaultLogger) -> Logger | None:
    """The logger the settings name, its run directory claimed; None where there shall be none.

    All ranks but the first get one of the same methods that claims and writes nothing. MLXP's name for its own
    logger means `default`.
    """
    if not settings.use_logger:
        return None
    chosen = settings.logger
    logger: Logger = made(
        _of_rank(logger_class(chosen.name, default), rank),
        "logger",
        parent_log_dir=chosen.parent_log_dir,
        forced_log_id=chosen.forced_log_id,
        log_streams_to_file=chosen.log_streams_to_file,
        # A class of the user's own need not know a setting that nobody gave.
        **({"fsync": True} if chosen.fsync else {}),
        **chosen.options,
    )
    return logger


def _of_rank(kind: type[Logger], rank: int) -> type[Logger]:
    if rank == 0:
        return kind
    from mlxp_fn.launching.ranks import silenced  # jobs of several processes are rare

    return silenced(kind)


def made(kind: Callable[..., Any], setting: str, **arguments: Any) -> Any:
    """An instance of a class that may be the user's own. Raises `SettingsError` for arguments it does not take."""
    try:
        _signature(kind).bind(**arguments)
    except TypeError as error:
        raise SettingsError(f"mlxp.{setting}: {getattr(kind, '__name__', kind)}: {error}") from error
    return kind(**arguments)


# A sweep has many runs and one logger.
_signature = cache(inspect.signature)


def depended_on(logger: Logger | None, job: Job, settings: Settings, file: str) -> Mapping[str, Any] | None:
    """What is recorded of the surroundings of an attempt; nothing where nothing is logged."""
    if logger is None:
        return None
    from mlxp_fn.effects.dependencies import gathered

    found = gathered(Path(logger.parent_log_dir), file, settings)
    seed = job.config.flat(strict=False).get("seed")
    return {"seed": seed, **found} if seed is not None else found


def begin(logger: Logger | None, job: Job, settings: Settings, started: Callable[[int], Started]) -> History:
    """Give birth to a run in its first attempt, or begin another; `started` makes its event of its number."""
    said = _said(settings)
    if logger is None:
        return History(None, 1, (Created(at=now()), *said, started(1)))
    run_dir = Path(logger.log_dir)
    if not run_dirs.is_born(run_dir):
        events: tuple[tuple[Event, ...], ...] = ((Created(at=now()), *said), (started(1),))
        give_birth(logger, job, events)
        return History(run_dir, 1, tuple(chain(*events)), in_view=True, fsync=logger.fsync)
    _refuse_another_config(run_dir, job.config)
    before = run_dirs.read_past(run_dir)
    start = run_dirs.claim_attempt(run_dir, started, fsync=logger.fsync)
    history = History(run_dir, start.attempt, (*before, start), fsync=logger.fsync)
    for event in said:
        history.happened(event)
    return history


def _said(settings: Settings) -> tuple[Described, ...]:
    """What the settings call the run."""
    if not (settings.name or settings.notes or settings.tags):
        return ()
    return (described(now(), name=settings.name, notes=settings.notes, add=settings.tags),)


def give_birth_unstarted(logger: Logger, job: Job, settings: Settings, origin: int | None = None) -> None:
    """Make the run of a job that is started later, in the directory that its logger has claimed.

    `origin` is the run beside it that it repeats.
    """
    give_birth(logger, job, ((Created(at=now(), origin=origin), *_said(settings)),))


def give_birth(logger: Logger, job: Job, events: tuple[tuple[Event, ...], ...]) -> None:
    """Make the run of a job; `events` are what happened already, a tuple for each attempt."""
    files = birth_files(
        log_id=logger.log_id,
        config=job.config,
        overrides=tuple(masked_override(text, job.settings.get("mask", ())) for text in job.overrides),
        settings=job.settings,
        info=info_columns(fold(chain(*events)), logger.get_info()),
        events=events,
    )
    run_dirs.give_birth(Path(logger.log_dir), files, fsync=logger.fsync)


def _refuse_another_config(run_dir: Path, config: Config) -> None:
    """A run has one config: going on with another would make its record a lie."""
    try:
        birth = run_dirs.read_birth(run_dir)
    except FileNotFoundError:
        return  # a run of MLXP's own, which has no such record
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise LaunchError(
            f"{run_dir / layout.BIRTH} cannot be read, so that run {run_dir.name} cannot go on"
        ) from error
    if birth.digest == config.digest:
        return
    given = config.flat(strict=False)
    differing = sorted(
        key for key in {*birth.config, *given} if birth.config.get(key, "(absent)") != given.get(key, "(absent)")
    )
    raise LaunchError(
        f"run {run_dir.name} was created with another config ({', '.join(differing) or 'of other types'}); "
        "go on with its own, or leave out forced_log_id to make a new run"
    )
