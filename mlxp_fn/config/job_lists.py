"""What a job is, and where those of a launched script come from: files and overrides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen
from msgspec.structs import replace

from mlxp_fn.config.composition import compose_job
from mlxp_fn.config.expansion import Expansion
from mlxp_fn.config.source_files import Sources
from mlxp_fn.tree import Config
from mlxp_fn.tree.interpolation import Surroundings


@frozen(kw_only=True)
class Job:
    """One configuration to run: its place in the sweep, the overrides that made it, and its settings."""

    index: int
    overrides: tuple[str, ...]
    config: Config
    settings: dict[str, Any]


class Jobs(ABC):
    """What a sweep draws its jobs from."""

    @abstractmethod
    def __len__(self) -> int:
        """How many there are."""

    @abstractmethod
    def job(self, place: int) -> Job:
        """The job at a place from 0 to the length."""

    def jobs(self) -> Iterator[Job]:
        """All of them, each composed when its turn comes."""
        return map(self.job, range(len(self)))

    @abstractmethod
    def probes(self) -> Iterator[Job]:
        """Jobs that together have every value of every axis."""

    @abstractmethod
    def with_settings(self, settings: Mapping[str, Any]) -> Jobs:
        """The same jobs with other settings below their own."""


@frozen(kw_only=True)
class Composing(Jobs):
    """Jobs composed from files."""

    expansion: Expansion
    sources: Sources
    config_name: str
    surroundings: Surroundings
    settings: Mapping[str, Any]
    may_be_absent: bool

    def __len__(self) -> int:
        return len(self.expansion)

    def job(self, place: int) -> Job:
        own = self.expansion[place]
        hydra = self.surroundings.hydra
        numbered = {**hydra, "job": {**hydra.get("job", {}), "num": place}}
        composed = compose_job(
            self.sources,
            (*own, *self.expansion.common),
            self.config_name,
            replace(self.surroundings, hydra=numbered),
            settings=self.settings,
            may_be_absent=self.may_be_absent,
        )
        texts = tuple(override.text for override in own)
        return Job(index=place, overrides=texts, config=composed.config, settings=composed.settings)

    def probes(self) -> Iterator[Job]:
        return map(self.job, self.expansion.points.probes())

    def with_settings(self, settings: Mapping[str, Any]) -> Jobs:
        return evolve(self, settings=settings)
