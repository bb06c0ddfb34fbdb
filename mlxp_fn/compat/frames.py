"""MLXP's data frames: ours, shown as pandas shows them, with the older names and the older aggregates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from attrs import astuple, frozen

from mlxp_fn.compat.aggregation_maps import AggregationMap, aggregated
from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.cells import ARTIFACT, METRIC
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.groups import GroupedFrame
from mlxp_fn.results.row import Row

if TYPE_CHECKING:
    import pandas

LAZYDATA, LAZYARTIFACT = METRIC, ARTIFACT
DataDict = Row


@frozen(eq=False, repr=False, init=False)
class DataFrame(Frame):
    """Runs, or results about them; made of a list of rows, as in MLXP, or of columns."""

    def __init__(self, columns: Any, *rest: Any, **named: Any) -> None:
        """Take the rows or columns."""
        if isinstance(columns, Mapping):
            self.__attrs_init__(columns, *rest, **named)
        else:
            rows = [row.cells if isinstance(row, Row) else row for row in columns]
            self.__attrs_init__(*astuple(Frame.from_rows(rows), recurse=False))

    def groupby(self, group_keys: str | Sequence[str]) -> GroupedDataFrame:
        """MLXP's groups."""
        return GroupedDataFrame(*astuple(super().groupby(group_keys), recurse=False))

    groupBy = groupby  # noqa: N815  MLXP's name

    def aggregate(self, maps: Any) -> DataFrame:
        """One row of results; maps of 0.2.7 are not mixed with others."""
        if of_0_2(maps):
            return DataFrame([aggregated(self, of_0_2(maps))])
        return frame_of_mlxp(super().aggregate(maps))

    def apply(self, maps: Any, map_type: str = "Generic") -> DataFrame:
        """What maps make of the columns."""
        return frame_of_mlxp(super().apply(maps, map_type))

    def config_diff(self, start_key: str = "config") -> list[str]:
        """`diff`, as 0.2.7 called it."""
        return self.diff(start_key)

    def toPandasDF(self, lazy: bool = True) -> pandas.DataFrame:  # noqa: N802  MLXP's name
        """`toPandas`, as 0.2.7 called it."""
        return self.toPandas(lazy)

    def __repr__(self) -> str:
        """As pandas shows it."""
        return str(self.toPandas())

    def _repr_html_(self) -> str:
        return cast(str, self.toPandas()._repr_html_())


@frozen(eq=False, repr=False)
class GroupedDataFrame(GroupedFrame):
    """MLXP's groups, whose frames are MLXP's."""

    @property
    def group_vals(self) -> list[tuple[Any, ...]]:
        """The keys of the groups."""
        return list(self.grouped_dict)

    def frame(self) -> DataFrame:
        """All rows in one frame."""
        return frame_of_mlxp(super().frame())

    def aggregate(self, maps: Any, ungroup: bool = False) -> Any:
        """Groups of one row; of maps of 0.2.7 one frame with a row for each group, as there."""
        if of_0_2(maps):
            return DataFrame([self._results(key, of_0_2(maps)) for key in self.grouped_dict])
        return super().aggregate(maps, ungroup)

    def __getitem__(self, key: tuple[Any, ...]) -> Frame | GroupedFrame:
        """The group of a key; of a key of texts, as 0.2.7 has them, the one that is shown so."""
        shown = {tuple(map(str, known)): known for known in self.grouped_dict}
        return super().__getitem__(key if key in self.grouped_dict else shown.get(key, key))

    def _results(self, key: tuple[Any, ...], maps: Sequence[AggregationMap]) -> dict[str, Any]:
        return aggregated(self[key].frame(), maps) | dict(zip(self.group_keys, key, strict=True))

    def toPandasDF(self) -> pandas.DataFrame:  # noqa: N802  MLXP's name
        """All rows, the group keys as index, as 0.2.7 has them."""
        return self.frame().toPandas().set_index(self.group_keys)

    def __repr__(self) -> str:
        """As pandas shows it."""
        return str(self.toPandas())

    def _repr_html_(self) -> str:
        return cast(str, self.toPandas()._repr_html_())


def frame_of_mlxp(frame: Frame) -> DataFrame:
    """The same rows and columns as MLXP's frame."""
    return frame if isinstance(frame, DataFrame) else DataFrame(*astuple(frame, recurse=False))


def of_0_2(maps: Any) -> list[AggregationMap]:
    """The maps, where they are 0.2.7's. Raises `InvalidMapError` for some that are and some that are not."""
    listed = maps if isinstance(maps, list) else [maps]
    theirs = [one for one in listed if isinstance(one, AggregationMap)]
    if theirs and len(theirs) < len(listed):
        raise InvalidMapError("AggregationMaps and tuples (function, column) are aggregated apart")
    return theirs
