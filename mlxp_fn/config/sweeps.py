"""Sweeps: jobs that are composed when somebody asks for them, and what can be done with many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, overload

from attrs import evolve, frozen

from mlxp_fn.config.composition import compose_job
from mlxp_fn.config.expansion import Expansion, expansion
from mlxp_fn.config.grids import overrides_of, points_of
from mlxp_fn.config.merging import merged
from mlxp_fn.config.points import Points, probes
from mlxp_fn.config.source_files import Sources
from mlxp_fn.errors import OverrideError
from mlxp_fn.interpolation import Surroundings
from mlxp_fn.tree import Config


@frozen(kw_only=True)
class Job:
    """One configuration to run: its place in the sweep, the overrides that made it, and its settings."""

    index: int
    overrides: tuple[str, ...]
    config: Config
    settings: dict[str, Any]


@frozen(repr=False)
class Sweep(Sequence[Job]):
    """Jobs in order, composed one at a time; it can be iterated over any number of times.

    `where` keeps some, `minus` leaves some out, `|` puts another sweep behind. The number of jobs is known
    without composing any, unless `where` or `minus` must look at each.

    >>> jobs = sweep({"seed": 0}, {"seed": [1, 2]}) | sweep({"seed": 0}, {"lr": [0.1]})
    >>> [job.config.to_dict() for job in jobs]
    [{'seed': 1}, {'seed': 2}, {'seed': 0, 'lr': 0.1}]
    """

    _jobs: _Jobs

    def __len__(self) -> int:
        """How many jobs there are."""
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        """The jobs, each composed when its turn comes."""
        return (evolve(job, index=place) for place, job in enumerate(self._jobs.jobs()))

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Job]: ...
    def __getitem__(self, index: int | slice) -> Job | Sequence[Job]:
        """One job by its place, or several."""
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} jobs in the sweep, and none at {index}")
        place = index % len(self)
        return evolve(self._jobs.job(place), index=place)

    def where(self, keep: Callable[[Config], bool]) -> Sweep:
        """The jobs whose config `keep` says yes to."""
        return Sweep(_Kept(self._jobs, keep))

    def minus(self, done: Iterable[Any]) -> Sweep:
        """The jobs without those whose config is in `done`: digests, configs, runs, or another sweep."""
        digests = frozenset(_digest_of(item) for item in done)
        return Sweep(_Kept(self._jobs, lambda config: config.digest not in digests))

    def __or__(self, other: Sweep) -> Sweep:
        """These jobs and then the other's."""
        return Sweep(_Joined((self._jobs, other._jobs)))

    def with_settings(self, settings: Mapping[str, Any]) -> Sweep:
        """The same jobs with these settings, where they do not bring their own."""
        return Sweep(self._jobs.with_settings(settings))

    def __repr__(self) -> str:
        """How many jobs there are."""
        return f"Sweep({len(self)} jobs)"


def sweep_of(
    sources: Sources,
    overrides: Sequence[str],
    config_name: str = "config",
    surroundings: Surroundings = Surroundings(),  # noqa: B008  immutable
    settings: Mapping[str, Any] | None = None,
    may_be_absent: bool = True,
) -> Sweep:
    """The jobs that overrides with sweeps in them mean, in the order of Hydra's basic sweeper."""
    return Sweep(
        _Composing(
            expansion=expansion(sources, overrides),
            sources=sources,
            config_name=config_name,
            surroundings=surroundings,
            settings=settings or {},
            may_be_absent=may_be_absent,
        )
    )


def sweep(config: Any, axes: Any, settings: Mapping[str, Any] | None = None) -> Sweep:
    """A job for every combination of values: `sweep(config, {"seed": [1, 2], "optimizer.lr": [0.1, 0.01]})`.

    `config` is a mapping or a `Config`; `axes` maps dotted keys, new ones too, to lists of values, or comes from
    `grid`, `zipped` and `union`. Values keep their types. The last axis varies fastest.

    >>> [job.config.seed for job in sweep({"seed": 0}, {"seed": [1, 2]})]
    [1, 2]
    """
    base = config if isinstance(config, Config) else Config(config)
    return Sweep(_Evolving(base, points_of(axes), dict(settings or {}), {}))


def check(jobs: Sweep, limit: int = 10_000) -> None:
    """Compose every value of every axis and, up to `limit`, every job; raises the first error."""
    for _ in jobs._jobs.probes():
        pass
    for _ in islice(jobs._jobs.jobs(), limit):
        pass


class _Jobs:
    """What a sweep draws its jobs from."""

    def __len__(self) -> int:
        raise NotImplementedError

    def job(self, place: int) -> Job:
        raise NotImplementedError

    def jobs(self) -> Iterator[Job]:
        return map(self.job, range(len(self)))

    def probes(self) -> Iterator[Job]:
        """Jobs that together have every value of every axis."""
        raise NotImplementedError

    def with_settings(self, settings: Mapping[str, Any]) -> _Jobs:
        raise NotImplementedError


@frozen(kw_only=True)
class _Composing(_Jobs):
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
            evolve(self.surroundings, hydra=numbered),
            settings=self.settings,
            may_be_absent=self.may_be_absent,
        )
        texts = tuple(override.text for override in own)
        return Job(index=place, overrides=texts, config=composed.config, settings=composed.settings)

    def probes(self) -> Iterator[Job]:
        return map(self.job, probes(self.expansion.points))

    def with_settings(self, settings: Mapping[str, Any]) -> _Jobs:
        return evolve(self, settings=settings)


@frozen
class _Evolving(_Jobs):
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
        return map(self.job, probes(self.points))

    def with_settings(self, settings: Mapping[str, Any]) -> _Jobs:
        return evolve(self, settings=settings)


@frozen
class _Joined(_Jobs):
    """The jobs of several sweeps, one after the other."""

    parts: tuple[_Jobs, ...]

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

    def with_settings(self, settings: Mapping[str, Any]) -> _Jobs:
        return _Joined(tuple(part.with_settings(settings) for part in self.parts))


@frozen
class _Kept(_Jobs):
    """The jobs that a question about their config is answered with yes for."""

    source: _Jobs
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

    def with_settings(self, settings: Mapping[str, Any]) -> _Jobs:
        return _Kept(self.source.with_settings(settings), self.keep)


def _digest_of(item: Any) -> str:
    match item:
        case str():
            return item
        case Config():
            return item.digest
        case _ if isinstance(getattr(item, "config", None), Config):
            digest: str = item.config.digest
            return digest
        case _:
            raise OverrideError(f"minus takes digests, configs, runs or a sweep, not {item!r}")
