"""Composing and expanding from Python: the files are read once, the rest is a pure function of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mlxp_fn.config import composition
from mlxp_fn.config.expansion import Expansion, expansion
from mlxp_fn.config.source_files import Sources
from mlxp_fn.effects.sources import read_sources, with_search_path
from mlxp_fn.effects.surroundings import surroundings
from mlxp_fn.errors import MissingConfigError
from mlxp_fn.records import Status
from mlxp_fn.tree import Config
from mlxp_fn.tree.interpolation import Surroundings


def compose(
    config_path: str | os.PathLike[str], config_name: str = "config", overrides: Iterable[str] = ()
) -> Config:
    """The config that the files in a directory and the overrides make, in Hydra's language.

    `config_path` is relative to the working directory. Raises a `ConfigError` that says what cannot be composed:
    `MissingConfigError` for a file that is not there, `OverrideError` for an override that makes no sense.
    """
    overrides, about = tuple(overrides), surroundings()
    sources = _sources(config_path, overrides, config_name, about)
    return composition.compose(sources, overrides, config_name, about)


def expand(overrides: Sequence[str], config_path: str | os.PathLike[str] | None = None) -> Expansion:
    """The overrides of each job that sweeping overrides mean, in the order of Hydra's basic sweeper.

    A sequence of tuples of `Override`s, made when they are asked for; its length is known without making them.
    `config_path` is needed where the options of a group matter, as in `db=glob(*)`.

    >>> [[override.text for override in job] for job in expand(["seed=1,2", "lr=0.1"])]
    [['seed=1', 'lr=0.1'], ['seed=2', 'lr=0.1']]
    """
    sources = (
        Sources() if config_path is None else _sources(config_path, tuple(overrides), "config", surroundings())
    )
    return expansion(sources, overrides)


def done(parent_log_dir: str | os.PathLike[str] = "./logs") -> frozenset[str]:
    """The digests of the configs that a run of this log directory has completed: `sweep.minus(done("logs"))`."""
    from mlxp_fn.effects.store import statuses_by_digest  # reading is not launching

    statuses = statuses_by_digest([parent_log_dir])
    return frozenset(digest for digest, seen in statuses.items() if Status.COMPLETE in seen)


def _sources(
    config_path: str | os.PathLike[str], overrides: tuple[str, ...], config_name: str, about: Surroundings
) -> Sources:
    if not Path(config_path).is_dir():
        raise MissingConfigError(f"there is no config directory {os.fspath(config_path)!r}")
    return with_search_path(read_sources(config_path), overrides, config_name, about)
