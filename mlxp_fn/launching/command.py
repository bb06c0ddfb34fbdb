"""A launched script's command line, understood: which config files it reads, and which jobs it means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve
from msgspec import Struct

from mlxp_fn.config.argv import Flags, UsageError
from mlxp_fn.config.composition import SETTINGS, Composed, compose_job
from mlxp_fn.config.merging import merged
from mlxp_fn.config.settings import structured
from mlxp_fn.config.source_files import Layer, Sources
from mlxp_fn.config.sweeps import Job, Sweep, sweep_of
from mlxp_fn.effects.sources import read_sources, with_search_path
from mlxp_fn.effects.surroundings import surroundings
from mlxp_fn.errors import MissingConfigError
from mlxp_fn.launching.execution import Launch
from mlxp_fn.launching.preparation import placed
from mlxp_fn.records import Status, default_settings
from mlxp_fn.tree import Config
from mlxp_fn.tree.interpolation import Surroundings

UNSUPPORTED = {
    "experimental_rerun": "--experimental-rerun is Hydra's; the config of run 7 is logs/7/metadata/config.yaml",
}
"""Flags that are understood and cannot be served, and what to do instead."""


class Command(Struct, frozen=True, kw_only=True):
    """One command line, understood: the flags, and the config files that they lead to."""

    launching: Launch
    flags: Flags
    sources: Sources
    config_name: str
    surroundings: Surroundings

    def sweep(self) -> Sweep:
        """The jobs that the overrides mean."""
        return sweep_of(
            self.sources,
            self.flags.overrides,
            self.config_name,
            self.surroundings,
            self.settings,
            self.may_be_absent,
        )

    def wanted(self) -> Sweep:
        """The jobs, without those that `--only` leaves out; runs that are there are known by their digests."""
        sweep, only = self.sweep(), self.flags.only
        if not only:
            return sweep
        from mlxp_fn.effects.store import statuses_by_digest

        homes = {placed(structured(job.settings), self.launching.beside).logger.parent_log_dir for job in sweep}
        known = statuses_by_digest(homes)

        def is_wanted(config: Config) -> bool:
            statuses = known.get(config.digest)
            if statuses is None:
                return "missing" in only
            return "failed" in only and statuses <= {Status.FAILED, Status.INTERRUPTED, Status.LOST}

        return sweep.where(is_wanted)

    def composed(self) -> Composed:
        """The one job that the overrides mean. Raises `OverrideError` where they mean several."""
        return compose_job(
            self.sources,
            self.flags.overrides,
            self.config_name,
            self.surroundings,
            settings=self.settings,
            may_be_absent=self.may_be_absent,
        )

    def with_config(self, config: Mapping[Any, Any]) -> Job:
        """One job with a config that the caller brings; of the files only `mlxp.yaml` counts."""
        text = self.sources.text(SETTINGS)
        layers = (Layer("settings", {SETTINGS: text}),) if text else ()
        composed = compose_job(Sources(layers, base=config), surroundings=self.surroundings, settings=self.settings)
        return Job(index=0, overrides=(), config=composed.config, settings=composed.settings)

    @property
    def is_shown(self) -> bool:
        """Whether something is printed, and nothing run."""
        flags = self.flags
        return bool(flags.version or flags.help or flags.hydra_help or flags.cfg or flags.info or flags.dry_run)

    @property
    def settings(self) -> dict[str, Any]:
        """Those that hold where nobody says otherwise."""
        settings: dict[str, Any] = merged(default_settings(), dict(self.launching.settings), {})
        return settings

    @property
    def may_be_absent(self) -> bool:
        """A script needs no `config.yaml`; a file that somebody has named must be there."""
        return self.config_name == "config"


def understood(launching: Launch, folder: Path, config_name: str, flags: Flags) -> Command:
    """The command that these flags mean. Raises `UsageError` for those that have no meaning here."""
    for given, advice in UNSUPPORTED.items():
        if getattr(flags, given):
            raise UsageError(advice)
    if (flags.resolve or flags.package) and not (flags.cfg or flags.help):
        raise UsageError("--resolve and --package say what --cfg shows; add --cfg job")
    name = flags.config_name or config_name
    about = surroundings()
    if flags.config_path and not (launching.home / flags.config_path).is_dir():
        raise MissingConfigError(f"there is no config directory {str(launching.home / flags.config_path)!r}")
    sources = read_sources(
        launching.home / flags.config_path if flags.config_path else folder,
        [flags.config_dir] if flags.config_dir else [],
    )
    if launching.config_type:
        from mlxp_fn.config.typed import defaults_of

        sources = evolve(sources, base=defaults_of(launching.config_type))
    return Command(
        launching=launching,
        flags=flags,
        sources=with_search_path(sources, flags.overrides, name, about),
        config_name=name,
        surroundings=about,
    )
