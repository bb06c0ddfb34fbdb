"""From overrides with sweeps in them to the overrides of every job."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, overload

from attrs import frozen

from mlxp_fn.config.changes import refuse_nested_sweep
from mlxp_fn.config.hydra_node import is_hydra
from mlxp_fn.config.overrides import parse_override, with_value
from mlxp_fn.config.points import Axis, Points, Product
from mlxp_fn.config.source_files import Sources
from mlxp_fn.config.syntax import SWEEPS, Choice, Glob, Interval, Override, Range, Zip
from mlxp_fn.errors import OverrideError


@frozen
class Expansion(Sequence[tuple[Override, ...]]):
    """The overrides of every job, in the order in which Hydra's basic sweeper launches them: the last argument
    varies fastest. `common` are those for Hydra's own configuration, which every job shares.

    >>> [[o.text for o in job] for job in expansion(Sources(), ["a=1,2", "b=x"])]
    [['a=1', 'b=x'], ['a=2', 'b=x']]
    """

    points: Points
    order: tuple[str, ...]
    common: tuple[Override, ...] = ()

    def __len__(self) -> int:
        """How many jobs there are."""
        return len(self.points)

    @overload
    def __getitem__(self, index: int) -> tuple[Override, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[Override, ...]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """The overrides of one job, or of several."""
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self))))
        given = dict(self.points[index])
        return tuple(given[name] for name in self.order)


def expansion(sources: Sources, overrides: Sequence[str | Override]) -> Expansion:
    """What every job gets, where the sources know the options that `glob` asks for.

    An override that is given twice has its first place and its last value. Raises `OverrideError` for one that
    cannot be expanded.
    """
    parsed = [parse_override(o) if isinstance(o, str) else o for o in overrides]
    for override in parsed:
        if is_hydra(override) and override.is_sweep:
            raise OverrideError(f"{override.text}: Hydra's own configuration is the same for all jobs of a sweep")
    axes = {o.name: Axis(o.name, _variants(sources, o)) for o in parsed if not is_hydra(o)}
    paired = {o.name for o in parsed if isinstance(o.value, Zip)} & set(axes)
    return Expansion(_crossed(axes, paired), tuple(axes), tuple(o for o in parsed if is_hydra(o)))


def _crossed(axes: dict[str, Axis], paired: set[str]) -> Points:
    """The product of all axes, where those that are paired are one, at the place of the first."""
    zipped = tuple(axis for name, axis in axes.items() if name in paired)
    parts: list[Points] = []
    for name, axis in axes.items():
        if name not in paired:
            parts.append(axis)
        elif axis is zipped[0]:
            from mlxp_fn.config.joined_points import Zipped

            parts.append(Zipped(zipped))
    return Product(tuple(parts))


def _variants(sources: Sources, override: Override) -> Sequence[Override]:
    """The override with one of its values after the other."""
    values = _values(sources, override)
    if isinstance(override.value, Range):
        from mlxp_fn.config.ranges import Variants

        return Variants(override, values)
    variants = tuple(with_value(override, value) for value in values)
    for variant in variants:
        refuse_nested_sweep(variant)
        if isinstance(variant.value, SWEEPS):
            raise OverrideError(f"{override.text}: a sweep cannot stand inside another; write one list of values")
    return variants


def _values(sources: Sources, override: Override) -> Sequence[Any]:
    match override.value:
        case Choice(elements=elements) | Zip(elements=elements):
            values: Sequence[Any] = elements
        case Range() as given:
            from mlxp_fn.config.ranges import Numbers  # few sweeps are ranges

            try:
                values = Numbers(given)
            except ValueError as error:
                raise OverrideError(f"{override.text}: {error}") from error
        case Interval(start=start, end=end):
            raise OverrideError(
                f"{override.text}: between {start} and {end} are endlessly many values; a sweep runs them all; "
                f"write {override.name}=range({start},{end},step) or {override.name}=a,b,c"
            )
        case Glob() as glob:
            return tuple(name for name in sources.options(override.key) if _matches(name, glob))
        case value:
            return (value,)
    if isinstance(override.value, (Choice, Range)) and override.value.shuffle:
        from mlxp_fn.config.functions import shuffled

        return shuffled(values, override.value.seed)
    return values


def _matches(name: str, glob: Glob) -> bool:
    return any(fnmatchcase(name, str(pattern)) for pattern in glob.include) and not any(
        fnmatchcase(name, str(pattern)) for pattern in glob.exclude
    )
