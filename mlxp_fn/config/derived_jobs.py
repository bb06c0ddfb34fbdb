"""Where jobs come from in Python: one config and its axes, or other jobs. A launched script loads none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from attrs import evolve, frozen

from mlxp_fn.config.grids import overrides_of
from mlxp_fn.config.job_lists import Job, Jobs
from mlxp_fn.config.merging import merged
from mlxp_fn.config.points import Points
from mlxp_fn.tree import Config


@frozen
class Evolving(Jobs):
    """Jobs made of one config by giving other values to some of its keys."""

    config: Config
    points: Points
    own_settings: Mapping[str, Any]
    settings: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.points)

    def job(self, place: int) -> Job:
        changes = dict(self.points[place])
        return Job(
            index=place,
            overrides=overrides_of(self.config, changes),
            config=self.config.evolve(changes),
            settings=merged(dict(self.settings), dict(self.own_settings), {}),
        )

    def probes(self) -> Iterator[Job]:
        return map(self.job, self.points.probes())

    def with_settings(self, settings: Mapping[str, Any]) -> Jobs:
        return evolve(self, settings=settings)


@frozen
class Joined(Jobs):
    """The jobs of several sweeps, one after the other."""

    parts: tuple[Jobs, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def job(self, place: int) -> Job:
        for part in self.parts:
            if place < len(part):
                return part.job(place)
            place -= len(part)
        raise IndexError(place)

    def jobs(self) -> Iterator[Job]:
        return (job for part in self.parts for job in part.jobs())

    def probes(self) -> Iterator[Job]:
        return (job for part in self.parts for job in part.probes())

    def with_settings(self, settings: Mapping[str, Any]) -> Jobs:
        return Joined(tuple(part.with_settings(settings) for part in self.parts))


@frozen
class Kept(Jobs):
    """The jobs that a question about their config is answered with yes for."""

    source: Jobs
    keep: Callable[[Config], bool]

    @cached_property
    def count(self) -> int:
        return sum(1 for _ in self.jobs())

    def __len__(self) -> int:
        return self.count

    def job(self, place: int) -> Job:
        return next(islice(self.jobs(), place, None))

    def jobs(self) -> Iterator[Job]:
        return (job for job in self.source.jobs() if self.keep(job.config))

    def probes(self) -> Iterator[Job]:
        return (job for job in self.source.probes() if self.keep(job.config))

    def with_settings(self, settings: Mapping[str, Any]) -> Jobs:
        return Kept(self.source.with_settings(settings), self.keep)
