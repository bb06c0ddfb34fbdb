"""Aggregates: what turns the values of many rows into a few, and how a frame is reduced by several of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.cells import ABSENT, identity, propagating
from mlxp_fn.results.maps import ColumnMap, apply_map, parse_maps
from mlxp_fn.results.moments import Moments, is_there
from mlxp_fn.results.provenance import Origin, Origins
from mlxp_fn.results.readings import Reading, gather

if TYPE_CHECKING:
    from mlxp_fn.results.frame import Frame


Values = Mapping[Reading, Any]
"""What was read: for each reading a list of a value for each row, or the `Moments` of them."""

Tell = Callable[[str], None]


class Aggregate(ABC):
    """What is read of each run, what the results are called, and how they are made."""

    @property
    @abstractmethod
    def readings(self) -> tuple[Reading, ...]:
        """What is read of each run."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The columns that the results stand in."""

    def entered(self, values: Values) -> list[int]:
        """The rows that the results are made from: those that have all that is read."""
        rows = [_rows_there(values[reading]) for reading in self.readings]
        return sorted(set(rows[0]).intersection(*rows[1:])) if rows else []

    @abstractmethod
    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """A result for each name, from the values of every row; ABSENT stands where a row has none.

        What the caller should know is told.
        """


@frozen
class MapAggregate(Aggregate):
    """A map of MLXP's: a function of the list of a column's values; runs that lack the column are left out."""

    map: ColumnMap

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The columns of the map, whole."""
        return tuple(map(Reading, self.map.inputs))

    @property
    def names(self) -> tuple[str, ...]:
        """`f<function>.<column>`, or what the map says."""
        return self.map.outputs

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """The function of each column."""
        data = {reading.key: _present(values[reading]) for reading in self.readings}
        return tuple(apply_map(self.map, data, "Columnwise").values())


@frozen
class NamedFunction(Aggregate):
    """`name=(function, column)`: a function of one value a run, the last one where the column is a metric.

    Of a NaN `min` and `max` are NaN, as every aggregate is; other functions are given it.
    """

    name: str
    function: Callable[[list[Any]], Any]
    key: str

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The last values of the column."""
        return (Reading(self.key, last=True),)

    @property
    def names(self) -> tuple[str, ...]:
        """The name the caller gave."""
        return (self.name,)

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """The function of the runs' values; None where no run has one."""
        present = [value for value in _present(values[self.readings[0]]) if value is not None]
        function = propagating(self.function) if self.function in (min, max) else self.function
        return (function(present) if present else None,)


@frozen
class Renamed(Aggregate):
    """`name=Aggregate(...)`: the same results under names of the caller's."""

    name: str
    aggregate: Aggregate

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Those of the aggregate."""
        return self.aggregate.readings

    @property
    def names(self) -> tuple[str, ...]:
        """`name`, or `name_avg`, `name_std` and so on where there are several results, `name_<on>` the places."""
        old = self.aggregate.names
        if len(old) == 1:
            return (self.name,)
        key = self.readings[0].name
        return tuple(f"{self.name}_{name.removeprefix(f'{key}_')}" for name in old)

    def entered(self, values: Values) -> list[int]:
        """As the aggregate says."""
        return self.aggregate.entered(values)

    def results(self, values: Values, tell: Tell) -> tuple[Any, ...]:
        """Those of the aggregate."""
        return self.aggregate.results(values, tell)


def as_aggregates(specs: Any) -> list[Aggregate]:
    """The aggregates in what a caller gave: an aggregate, a map of MLXP's, or a list of such.

    Raises `InvalidMapError` for anything else.
    """
    listed = specs if isinstance(specs, list) else [specs]
    return [
        spec if isinstance(spec, Aggregate) else MapAggregate(parse_maps(spec, "Columnwise")[0]) for spec in listed
    ]


def as_named(name: str, spec: Any) -> Aggregate:
    """What `name=spec` asks for. Raises `InvalidMapError`."""
    match spec:
        case Aggregate():
            return Renamed(name, spec)
        case (function, str() as key) if callable(function):
            return NamedFunction(name, function, key)
        case _:
            raise InvalidMapError(
                f"{name}={spec!r} is no aggregate; write {name}=(function, column) or {name}=Mean(column)"
            )


def summary(frame: Frame, aggregates: Sequence[Aggregate]) -> tuple[dict[str, Any], Origins]:
    """The results of all aggregates on all rows of a frame, by name, and what each was made from; every file is
    read once. Raises `InvalidMapError` where two make a column of the same name and of other values."""
    readings = dict.fromkeys(reading for aggregate in aggregates for reading in aggregate.readings)
    values = gather(frame, readings)
    results: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for aggregate in aggregates:
        made = dict(zip(aggregate.names, aggregate.results(values, frame.tell), strict=True))
        _refuse_another(results, made, aggregate)
        results |= made
        keys = tuple(dict.fromkeys(reading.key for reading in aggregate.readings))
        origins |= dict.fromkeys(aggregate.names, Origin(frame, aggregate.entered(values), keys))
    return results, origins


def _refuse_another(results: Mapping[str, Any], made: Mapping[str, Any], aggregate: Aggregate) -> None:
    """Curves of two keys may be `on` the same column at other places; of MLXP's maps the last one counts."""
    if isinstance(aggregate, MapAggregate):
        return
    for name, value in made.items():
        if name in results and identity(results[name]) != identity(value):
            raise InvalidMapError(
                f"{aggregate} makes another {name!r} than one before it; give it a name, as in best=..."
            )


def _rows_there(values: Any) -> list[int]:
    if isinstance(values, Moments):
        return values.rows
    return [row for row, value in enumerate(values) if is_there(value)]


def _present(values: Sequence[Any]) -> list[Any]:
    return [value for value in values if value is not ABSENT]
