"""Frames: tables of runs, columns first, whose metrics stay in their files until somebody looks.

Filtering, sorting and grouping choose rows and copy nothing; nothing changes in place. The methods bear MLXP's
names and meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from mlxp_fn.errors import InvalidKeyError, InvalidMapError
from mlxp_fn.results.aggregating import as_aggregates, summary
from mlxp_fn.results.cells import ABSENT, MetricRef, identity, ranked, read
from mlxp_fn.results.columns import Columns
from mlxp_fn.results.maps import apply_map, is_column, parse_maps
from mlxp_fn.results.naming import column_names
from mlxp_fn.results.pandas_frames import as_pandas
from mlxp_fn.results.provenance import Origin, Source, behind, source_of
from mlxp_fn.views.table import html_table, table

if TYPE_CHECKING:
    import pandas

    from mlxp_fn.results.curves import Curve
    from mlxp_fn.results.groups import GroupedFrame


@frozen(eq=False, repr=False)
class Frame(Columns):
    """Runs, or results about them, as columns of equal length; ABSENT stands where a run lacks a column.

    >>> frame = Frame({"config.seed": [1, 2, 3], "config.lr": [0.1, 0.1, 0.01]})
    >>> frame[0]["config.lr"], frame[1:]["config.seed"], frame.diff()
    (0.1, [2, 3], ['config.seed', 'config.lr'])
    """

    def diff(self, start_key: str = "config") -> list[str]:
        """The columns that begin with `start_key` and are not the same in all rows."""
        return [name for name in self.keys() if name.startswith(start_key) and _vary(self.cells(name))]

    def frame(self) -> Frame:
        """Itself: steps take anything that has this method."""
        return self

    def merge(self, new_df: Frame) -> Frame:
        """The columns of another frame of as many rows beside or in place of these."""
        columns = {name: new_df.cells(name) for name in new_df.keys()}  # noqa: SIM118  not a mapping
        return self.with_columns(columns, new_df.row_origins())

    def provenance(self, row: int, column: str) -> tuple[Source, ...]:
        """The runs behind a cell, each once: the run itself, or those that a result was made from.

        A column that is no result, such as a group's key, comes from all runs of its row. Raises
        `UnknownColumnError`, and `UnknownRowError`.

        >>> runs = Frame({"info.logger.log_id": [7, 8, 9], "config.lr": [0.1, 0.1, 0.2], "loss": [1.0, None, 3.0]})
        >>> from mlxp_fn.results.aggregates import Mean
        >>> table = runs.groupby("config.lr").aggregate(Mean("loss"), ungroup=True)
        >>> [source.id for source in table.provenance(0, "loss_mean")]
        [7]
        """
        self.cells(column)
        if self.origins is None:
            return (source_of(self[row]),)
        return behind(self.origins[self._rows[self._place(row)]], column)

    def sort(self, by: str | Sequence[str], ascending: bool = True) -> Frame:
        """The rows by the values of one or several columns, equal ones in the order they have. What is missing, and
        NaN, comes last, in descending order too."""
        places = list(range(len(self)))
        for name in reversed(column_names([by])):
            values = self[name]
            places = [places[rank] for rank in ranked([values[place] for place in places], not ascending)]
        return self.take(places)

    def filter(self, filter_map: Any, bygroups: str | Sequence[str] | None = None) -> Frame:
        """The rows for which `(function, columns)` returns true: the function is given whole columns, all of
        the frame's or those of each group, and returns one boolean for each row."""
        if bygroups:
            kept: Frame = self.groupby(bygroups).filter(filter_map, ungroup=True)
            return kept
        maps = parse_maps(filter_map, "Generic")
        if len(maps) != 1:
            raise InvalidMapError(f"a filter is one map, not {len(maps)}")
        made = apply_map(maps[0], self.values(maps[0].inputs), "Generic")
        wanted = next(iter(made.values()))
        if len(made) != 1 or not is_column(wanted, len(self)):
            raise InvalidMapError(f"a filter returns a list of {len(self)} booleans, one for each row")
        return self.take(place for place, keep in enumerate(wanted) if keep)

    def groupby(self, group_keys: str | Sequence[str]) -> GroupedFrame:
        """The rows by the values of one or several columns; a key of a group is a tuple of these values.

        Raises `UnknownColumnError`, and `InvalidKeyError` for a metric, which has no single value.
        """
        from mlxp_fn.results.groups import GroupedFrame

        keys = column_names([group_keys])
        columns = [self._group_column(name) for name in keys]
        groups: dict[tuple[Any, ...], list[int]] = {}
        for row, values in zip(self._rows, zip(*columns, strict=True) if keys else [()] * len(self), strict=True):
            groups.setdefault(values, []).append(row)
        return GroupedFrame(keys, {key: self._chosen(rows) for key, rows in groups.items()})

    groupBy = groupby  # noqa: N815  MLXP's name

    def aggregate(self, maps: Any) -> Frame:
        """One row with the results of aggregates, or of MLXP's maps `(function, columns, names)`."""
        results, origins = summary(self, as_aggregates(maps))
        return Frame.from_rows([results], self.tell, origins=[origins])

    def apply(self, maps: Any, map_type: str = "Generic") -> Frame:
        """The results of maps, applied in one of the four ways of `mlxp_fn.results.maps`, as a frame of their own:
        of one row, or as long as this one where the maps return lists of that length."""
        listed = parse_maps(maps, map_type)
        data = self.values(dict.fromkeys(name for one in listed for name in one.inputs))
        results: dict[str, Any] = {}
        for one in listed:
            results |= apply_map(one, data, map_type)
        kinds = {is_column(value, len(self)) for value in results.values()}
        if len(kinds) > 1:
            raise InvalidMapError("some maps return a value for each row and some do not; apply them apart")
        if kinds != {False}:
            return self._with(results)
        origin = Origin(self, range(len(self)), tuple(data))
        return Frame.from_rows([results], self.tell, origins=[dict.fromkeys(results, origin)])

    def transform(self, maps: Any) -> Frame:
        """The results of maps that are given a whole column and return one of the same length."""
        made = self.apply(maps, "Columnwise")
        if len(made) != len(self):
            raise InvalidMapError(f"a transformation returns a value for each of the {len(self)} rows")
        return made

    def map(self, maps: Any) -> Frame:
        """The results of maps that are given one value at a time."""
        return self.apply(maps, "Pointwise")

    def curves(
        self, key: str, by: str | Sequence[str] | None = None, x: str | None = None, band: str | None = "std"
    ) -> list[Curve]:
        """What `mlxp_fn.plot` draws, as records."""
        from mlxp_fn.results.curves import curves

        return curves(self, key, by, x, band)

    def toPandas(self, lazy: bool = True) -> pandas.DataFrame:  # noqa: N802  MLXP's name
        """A pandas frame with marks in the place of metrics and artifacts, or, unless `lazy`, with all of them.

        Raises `MissingExtraError` without pandas.
        """
        return as_pandas(self, lazy)

    if not TYPE_CHECKING:  # a checker would take any name for an attribute

        def __getattr__(self, name: str) -> Any:
            """Tell of a step that was taken for a method."""
            from mlxp_fn.results import steps

            module = getattr(getattr(steps, name, None), "__module__", "")
            is_step = module == steps.__name__ and not name.startswith("_")
            hint = f"; it is a step: pipe(frame, mlxp_fn.{name}(...))" if is_step else ""
            raise AttributeError(f"a frame has no attribute {name!r}{hint}", name=name, obj=self)

    def __repr__(self) -> str:
        """A table of at most 20 rows; no metric is read for it."""
        return table(self, max_rows=20, max_width=140)

    def _repr_html_(self) -> str:
        return html_table(self)

    def _ipython_key_completions_(self) -> list[str]:
        return self.keys()

    def _group_column(self, name: str) -> list[Any]:
        coded = self.coded(name)
        if coded:
            cells, codes = coded
            return list(map(_group_values(name, cells).__getitem__, codes))
        return _group_values(name, self.cells(name))


def _group_values(name: str, cells: Sequence[Any]) -> list[Any]:
    if any(isinstance(cell, MetricRef) for cell in cells):
        raise InvalidKeyError(f"cannot group by the metric {name!r}: a run has many values of it")
    return [identity(None if cell is ABSENT else cell) for cell in cells]


def _vary(cells: Sequence[Any]) -> bool:
    first = _identity_of_cell(cells[0])
    return any(other is not first and other != first for other in map(_identity_of_cell, cells))


def _identity_of_cell(cell: Any) -> Any:
    return identity(read(cell)) if isinstance(cell, MetricRef) else identity(cell)


DataFrame = Frame
"""MLXP's name."""
