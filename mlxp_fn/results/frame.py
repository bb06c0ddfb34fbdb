"""Frames: tables of runs, columns first, whose metrics stay in their files until somebody looks.

A frame is a set of columns and a choice of their rows. Filtering, sorting and grouping make other choices and
copy nothing; nothing changes in place. The methods bear MLXP's names and meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from attrs import Factory, field, frozen

from mlxp_fn.errors import InvalidKeyError, InvalidMapError, MissingExtraError
from mlxp_fn.results.aggregating import Tell, as_aggregates, summary
from mlxp_fn.results.cells import ABSENT, MetricRef, identity, mark, order, read, read_together
from mlxp_fn.results.maps import apply_map, is_column, parse_maps
from mlxp_fn.results.naming import unknown_column
from mlxp_fn.views.table import html_table, table

if TYPE_CHECKING:
    import pandas

    from mlxp_fn.results.curves import Curve
    from mlxp_fn.results.groups import GroupedFrame


@frozen(eq=False, repr=False)
class Row(Mapping[str, Any]):
    """One run of a frame, or one line of a result; a metric is read when it is looked up."""

    cells: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        """The value in column `key`. Raises `UnknownColumnError` where this run lacks it."""
        if key not in self.cells:
            raise unknown_column(key, self.cells)
        return read(self.cells[key])

    def __iter__(self) -> Iterator[str]:
        """The names of the columns that this run has."""
        return iter(self.cells)

    def __len__(self) -> int:
        """How many columns this run has."""
        return len(self.cells)

    def __contains__(self, key: object) -> bool:
        """Whether this run has the column; reads nothing."""
        return key in self.cells

    def __repr__(self) -> str:
        """The row as a dict, with marks for what is not read."""
        return repr({key: mark(cell) for key, cell in self.cells.items()})

    def _repr_html_(self) -> str:
        return html_table(Frame.from_rows([self.cells]))


def keep_quiet(message: str) -> None:
    """Tell nobody: what a frame does with its remarks unless it was read from a log directory."""


def _every_row(frame: Frame) -> Sequence[int]:
    return range(len(next(iter(frame._columns.values()), ())))


@frozen(eq=False, repr=False)
class Frame:
    """Runs, or results about them, as columns of equal length; ABSENT stands where a run lacks a column.

    >>> frame = Frame({"config.seed": [1, 2, 3], "config.lr": [0.1, 0.1, 0.01]})
    >>> frame[0]["config.lr"], frame[1:]["config.seed"], frame.diff()
    (0.1, [2, 3], ['config.seed', 'config.lr'])
    """

    _columns: Mapping[str, Sequence[Any]]
    _rows: Sequence[int] = field(default=Factory(_every_row, takes_self=True))
    tell: Tell = keep_quiet

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], tell: Tell = keep_quiet) -> Frame:
        """The frame with these rows; its columns stand in the order in which they first appear."""
        columns: dict[str, list[Any]] = {}
        count = 0
        for row in rows:
            for name, cell in row.items():
                column = columns.get(name)
                if column is None:
                    column = columns[name] = []
                if len(column) < count:
                    column.extend([ABSENT] * (count - len(column)))
                column.append(cell)
            count += 1
        for column in columns.values():
            column.extend([ABSENT] * (count - len(column)))
        return cls(columns, range(count), tell)

    @classmethod
    def stacked(cls, frames: Iterable[Frame]) -> Frame:
        """The rows of all frames, one frame below the other."""
        parts = list(frames)
        names = dict.fromkeys(name for part in parts for name in part.keys())  # noqa: SIM118  not a mapping
        return cls(
            {name: [cell for part in parts for cell in part._cells_or_absent(name)] for name in names},
            range(sum(map(len, parts))),
            parts[0].tell if parts else keep_quiet,
        )

    # -- looking

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        """Every row; a frame can be iterated over again and again."""
        return map(self._row, self._rows)

    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Frame: ...
    @overload
    def __getitem__(self, key: str) -> list[Any]: ...
    def __getitem__(self, key: int | slice | str) -> Row | Frame | list[Any]:
        """A row by its place, some rows by a slice, or the values of a column: None where a run lacks it."""
        if isinstance(key, str):
            return [read(cell) for cell in self.cells(key)]
        if isinstance(key, slice):
            return self._chosen(self._rows[key])
        return self._row(self._rows[key])

    def keys(self) -> list[str]:
        """The names of the columns that some row has."""
        return [
            name for name, column in self._columns.items() if any(column[row] is not ABSENT for row in self._rows)
        ]

    def cells(self, name: str) -> list[Any]:
        """A column as it is, unread: references for metrics and artifacts, ABSENT where a run lacks it.

        Raises `UnknownColumnError` where there is no such column.
        """
        if name not in self._columns:
            raise unknown_column(name, self.keys())
        return self._cells_or_absent(name)

    def shown(self, name: str, rows: Sequence[int]) -> list[Any]:
        """What a table shows of a column in some rows: values and marks, and nothing where a run lacks it."""
        column = self._columns[name]
        cells = (column[self._rows[row]] for row in rows)
        return ["" if cell is ABSENT else mark(cell) for cell in cells]

    def names(self) -> Iterable[str]:
        """The columns of the frame this one was chosen from; some may be empty here."""
        return self._columns.keys()

    def has(self, name: str) -> bool:
        """Whether some run, here or in the frame this one was chosen from, has the column."""
        return name in self._columns

    def diff(self, start_key: str = "config") -> list[str]:
        """The columns that begin with `start_key` and are not the same in all rows."""
        return [name for name in self.keys() if name.startswith(start_key) and _vary(self.cells(name))]

    def frame(self) -> Frame:
        """Itself: steps take anything that has this method."""
        return self

    def __eq__(self, other: object) -> bool:
        """Whether both show the same columns and rows; metrics are equal when they are in the same files."""
        if not isinstance(other, Frame):
            return NotImplemented
        names = self.keys()
        return names == other.keys() and all(
            list(map(identity, self.cells(name))) == list(map(identity, other.cells(name))) for name in names
        )

    __hash__ = None  # type: ignore[assignment]  # cells may be lists

    # -- choosing rows and columns

    def take(self, rows: Iterable[int]) -> Frame:
        """The rows at these places, in this order."""
        return self._chosen([self._rows[row] for row in rows])

    def select(self, *columns: str) -> Frame:
        """Only these columns. Raises `UnknownColumnError`."""
        return self._with({name: self.cells(name) for name in columns})

    def with_columns(self, columns: Mapping[str, Sequence[Any]]) -> Frame:
        """These columns beside the present ones, or in their place.

        Raises `InvalidMapError` for a column that is not as long as the frame.
        """
        for name, column in columns.items():
            if len(column) != len(self):
                raise InvalidMapError(f"column {name!r} has {len(column)} values for {len(self)} rows")
        return self._with({name: self._cells_or_absent(name) for name in self._columns} | dict(columns))

    def merge(self, new_df: Frame) -> Frame:
        """The columns of another frame of as many rows beside or in place of these."""
        return self.with_columns({name: new_df.cells(name) for name in new_df.keys()})  # noqa: SIM118

    def sort(self, by: str | Sequence[str], ascending: bool = True) -> Frame:
        """The rows by the values of one or several columns; equal rows keep their order, missing come last."""
        places = list(range(len(self)))
        for name in reversed([by] if isinstance(by, str) else list(by)):
            values = self[name]
            present = [place for place in places if values[place] is not None]
            missing = [place for place in places if values[place] is None]
            present.sort(key=lambda place: order(values[place]), reverse=not ascending)
            places = present + missing
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
        made = apply_map(maps[0], self._values(maps[0].inputs), "Generic")
        wanted = next(iter(made.values()))
        if len(made) != 1 or not is_column(wanted, len(self)):
            raise InvalidMapError(f"a filter returns a list of {len(self)} booleans, one for each row")
        return self.take(place for place, keep in enumerate(wanted) if keep)

    def groupby(self, group_keys: str | Sequence[str]) -> GroupedFrame:
        """The rows by the values of one or several columns; a key of a group is a tuple of these values.

        Raises `UnknownColumnError`, and `InvalidKeyError` for a metric, which has no single value.
        """
        from mlxp_fn.results.groups import GroupedFrame

        keys = [group_keys] if isinstance(group_keys, str) else list(group_keys)
        columns = [self._group_column(name) for name in keys]
        groups: dict[tuple[Any, ...], list[int]] = {}
        for row, values in zip(self._rows, zip(*columns, strict=True) if keys else [()] * len(self), strict=True):
            groups.setdefault(values, []).append(row)
        return GroupedFrame(keys, {key: self._chosen(rows) for key, rows in groups.items()})

    groupBy = groupby  # noqa: N815  MLXP's name

    # -- computing

    def aggregate(self, maps: Any) -> Frame:
        """One row with the results of aggregates, or of MLXP's maps `(function, columns, names)`."""
        return Frame.from_rows([summary(self, as_aggregates(maps))], self.tell)

    def apply(self, maps: Any, map_type: str = "Generic") -> Frame:
        """The results of maps, applied in one of the four ways of `mlxp_fn.results.maps`, as a frame of their own:
        of one row, or as long as this one where the maps return lists of that length."""
        listed = parse_maps(maps, map_type)
        data = self._values(dict.fromkeys(name for one in listed for name in one.inputs))
        results: dict[str, Any] = {}
        for one in listed:
            results |= apply_map(one, data, map_type)
        kinds = {is_column(value, len(self)) for value in results.values()}
        if len(kinds) > 1:
            raise InvalidMapError("some maps return a value for each row and some do not; apply them apart")
        return Frame.from_rows([results], self.tell) if kinds == {False} else self._with(results)

    def transform(self, maps: Any) -> Frame:
        """The results of maps that are given a whole column and return one of the same length."""
        made = self.apply(maps, "Columnwise")
        if len(made) != len(self):
            raise InvalidMapError(f"a transformation returns a value for each of the {len(self)} rows")
        return made

    def map(self, maps: Any) -> Frame:
        """The results of maps that are given one value at a time."""
        return self.apply(maps, "Pointwise")

    # -- showing

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
        names = self.keys()
        if lazy:
            columns = {name: list(map(mark, self.cells(name))) for name in names}
        else:
            rows = [read_together(row.cells) for row in self]
            columns = {name: [row.get(name, ABSENT) for row in rows] for name in names}
        nan = float("nan")
        made: pandas.DataFrame = import_pandas().DataFrame(
            {name: [nan if cell is ABSENT else cell for cell in column] for name, column in columns.items()},
            index=range(len(self)),
        )
        return made

    def __repr__(self) -> str:
        """A table of at most 20 rows; no metric is read for it."""
        return table(self, max_rows=20, max_width=140)

    def _repr_html_(self) -> str:
        return html_table(self)

    # -- inside

    def _chosen(self, rows: Sequence[int]) -> Frame:
        return Frame(self._columns, rows, self.tell)

    def _with(self, columns: Mapping[str, Sequence[Any]]) -> Frame:
        return Frame(columns, range(len(self)), self.tell)

    def _row(self, row: int) -> Row:
        cells = {name: column[row] for name, column in self._columns.items()}
        return Row({name: cell for name, cell in cells.items() if cell is not ABSENT})

    def _cells_or_absent(self, name: str) -> list[Any]:
        column = self._columns.get(name)
        if column is None:
            return [ABSENT] * len(self)
        if self._rows == range(len(column)):
            return list(column)
        return [column[row] for row in self._rows]

    def _values(self, names: Iterable[str]) -> dict[str, list[Any]]:
        """The values of several columns, every metric file read once."""
        columns = {name: self.cells(name) for name in names}
        rows = [read_together({name: column[row] for name, column in columns.items()}) for row in range(len(self))]
        return {name: [row[name] for row in rows] for name in columns}

    def _group_column(self, name: str) -> list[Any]:
        cells = self.cells(name)
        if any(isinstance(cell, MetricRef) for cell in cells):
            raise InvalidKeyError(f"cannot group by the metric {name!r}: a run has many values of it")
        return [identity(None if cell is ABSENT else cell) for cell in cells]


def _vary(cells: Sequence[Any]) -> bool:
    first = _identity_of_cell(cells[0])
    return any(other is not first and other != first for other in map(_identity_of_cell, cells))


def _identity_of_cell(cell: Any) -> Any:
    return identity(read(cell)) if isinstance(cell, MetricRef) else identity(cell)


def import_pandas() -> Any:
    """The module pandas. Raises `MissingExtraError` where it is not installed."""
    try:
        import pandas
    except ImportError as error:
        raise MissingExtraError("this needs pandas; pip install 'mlxp-fn[pandas]'") from error
    return pandas
