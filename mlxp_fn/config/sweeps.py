"""Sweeps: jobs that are composed when somebody asks for them, and what can be done with many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, overload

import attrs
from attrs import evolve, frozen

from mlxp_fn.config.expansion import expansion
from mlxp_fn.config.job_lists import Composing, Job, Jobs
from mlxp_fn.config.source_files import Sources
from mlxp_fn.errors import OverrideError
from mlxp_fn.tree import Config
from mlxp_fn.tree.interpolation import Surroundings
from mlxp_fn.tree.plain_data import html_table

__all__ = ["Job", "Sweep", "check", "sweep", "sweep_of"]


_SHOWN = 20
"""How many jobs a notebook shows."""


@frozen(repr=False)
class Sweep(Sequence[Job]):
    """Jobs in order, composed one at a time; it can be iterated over any number of times.

    `where` keeps some, `minus` leaves some out, `|` puts another sweep behind. The number of jobs is known
    without composing any, unless `where` or `minus` must look at each. Tasks are given their config as an
    instance of `config_type`, an attrs class, where there is one.

    >>> jobs = sweep({"seed": 0}, {"seed": [1, 2]}) | sweep({"seed": 0}, {"lr": [0.1]})
    >>> [job.config.to_dict() for job in jobs]
    [{'seed': 1}, {'seed': 2}, {'seed': 0, 'lr': 0.1}]
    """

    _jobs: Jobs
    config_type: type | None = None

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
        from mlxp_fn.config.derived_jobs import Kept

        return evolve(self, jobs=Kept(self._jobs, keep))

    def minus(self, done: Iterable[Any]) -> Sweep:
        """The jobs without those whose config is in `done`: digests, configs, runs, or another sweep."""
        digests = frozenset(_digest_of(item) for item in done)
        return self.where(lambda config: config.digest not in digests)

    def __or__(self, other: Sweep) -> Sweep:
        """These jobs and then the other's."""
        if self.config_type is not other.config_type:
            raise OverrideError("one sweep has configs of one class; join sweeps over the same class")
        from mlxp_fn.config.derived_jobs import Joined

        return evolve(self, jobs=Joined((self._jobs, other._jobs)))

    def with_settings(self, settings: Mapping[str, Any]) -> Sweep:
        """The same jobs with these settings, where they do not bring their own."""
        return evolve(self, jobs=self._jobs.with_settings(settings))

    def __repr__(self) -> str:
        """How many jobs there are."""
        return f"Sweep({len(self)} jobs)"

    def _repr_html_(self) -> str:
        """The overrides of the first jobs, for notebooks."""
        shown = {f"#{job.index}": " ".join(job.overrides) for job in islice(self, _SHOWN)}
        return f"<p>{len(self)} jobs</p>{html_table(shown) if shown else ''}"


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
        Composing(
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

    `config` is a mapping, a `Config` or an instance of an attrs class of your own; `axes` maps dotted keys, new
    ones too, to lists of values, or comes from `grid`, `zipped` and `union`. Values keep their types. The last
    axis varies fastest.

    >>> [job.config.seed for job in sweep({"seed": 0}, {"seed": [1, 2]})]
    [1, 2]
    """
    from mlxp_fn.config.derived_jobs import Evolving
    from mlxp_fn.config.grids import points_of
    from mlxp_fn.config.typed import unstructured

    typed = attrs.has(type(config))
    base = config if isinstance(config, Config) else Config(unstructured(config) if typed else config)
    jobs = Evolving(base, points_of(axes), dict(settings or {}), {})
    return Sweep(jobs, type(config) if typed else None)


def check(jobs: Sweep) -> None:
    """Compose jobs that together have every value of every axis; raises the first error."""
    for _ in jobs._jobs.probes():
        pass


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
