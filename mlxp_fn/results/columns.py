"""Columns, and a choice of their rows: what a frame is made of.

Choosing rows makes another choice and copies nothing; nothing changes in place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self, overload

from attrs import Factory, evolve, field, frozen

from mlxp_fn.errors import InvalidKeyError, InvalidMapError, UnknownRowError
from mlxp_fn.results.aggregating import Tell
from mlxp_fn.results.cells import ABSENT, identity, mark, read, read_together
from mlxp_fn.results.coded import Coded
from mlxp_fn.results.naming import column_names, unknown_column
from mlxp_fn.results.provenance import Origins, RowsThemselves, named
from mlxp_fn.results.row import Row
from mlxp_fn.results.transposed import transposed


def keep_quiet(message: str) -> None:
    """Tell nobody: what a frame does with its remarks unless it was read from a log directory."""


def _every_row(columns: Columns) -> Sequence[int]:
    lengths = {len(column): name for name, column in columns._columns.items()}
    if len(lengths) > 1:
        told = " and ".join(f"{name!r} has {length}" for length, name in lengths.items())
        raise InvalidMapError(f"columns are of equal length, but {told} values")
    return range(next(iter(lengths), 0))


@frozen(eq=False, repr=False)
class Columns:
    """Columns of equal length and the places of the rows that are meant; ABSENT stands where a row has no cell.

    Of results, `origins` tells for each row of the columns what they were made from.
    """

    _columns: Mapping[str, Sequence[Any]]
    _rows: Sequence[int] = field(default=Factory(_every_row, takes_self=True))
    tell: Tell = keep_quiet
    read_at: str = ""
    """When the runs were read, in ISO 8601: the moment up to which a query counts their age."""
    origins: Sequence[Origins] | None = None

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        tell: Tell = keep_quiet,
        read_at: str = "",
        origins: Sequence[Origins] | None = None,
    ) -> Self:
        """What has these rows; its columns stand in the order in which they first appear."""
        listed = list(rows)
        return cls(transposed(listed), range(len(listed)), tell, read_at, origins)

    @classmethod
    def stacked(cls, frames: Iterable[Columns]) -> Self:
        """The rows of all frames, one frame below the other."""
        parts = list(frames)
        names = dict.fromkeys(name for part in parts for name in part.keys())  # noqa: SIM118  not a mapping
        return cls(
            {name: [cell for part in parts for cell in part.cells_or_absent(name)] for name in names},
            range(sum(map(len, parts))),
            parts[0].tell if parts else keep_quiet,
            parts[0].read_at if parts else "",
            [origins for part in parts for origins in part.row_origins()]
            if any(part.origins is not None for part in parts)
            else None,
        )

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        """Every row; they can be iterated over again and again."""
        return map(self._row, self._rows)

    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> Self: ...
    @overload
    def __getitem__(self, key: str) -> list[Any]: ...
    def __getitem__(self, key: int | slice | str) -> Row | Self | list[Any]:
        """A row by its place, some rows by a slice, or the values of a column: None where a run lacks it.

        Raises `UnknownRowError`, `UnknownColumnError`, and `InvalidKeyError` for what is none of the three.
        """
        if isinstance(key, str):
            return [read(cell) for cell in self.cells(key)]
        if isinstance(key, slice):
            return self._chosen(self._rows[key])
        return self._row(self._rows[self._place(key)])

    def keys(self) -> list[str]:
        """The names of the columns that some row has."""
        return [
            name for name, column in self._columns.items() if any(column[row] is not ABSENT for row in self._rows)
        ]

    def cells(self, name: str) -> list[Any]:
        """A column as it is, unread: references for metrics and artifacts, ABSENT where a run lacks it.

        Raises `UnknownColumnError` where there is no such column.
        """
        if not self.has(name):
            raise unknown_column(name, self.keys())
        return self.cells_or_absent(name)

    def cell(self, name: str, row: int) -> Any:
        """One cell as it is, unread; ABSENT where there is none."""
        return self._columns[name][self._rows[row]] if name in self._columns else ABSENT

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
        return isinstance(name, str) and name in self._columns

    def take(self, rows: Iterable[int]) -> Self:
        """The rows at these places, in this order."""
        return self._chosen([self._rows[row] for row in rows])

    def select(self, *columns: str) -> Self:
        """Only these columns. Raises `UnknownColumnError`."""
        return self._with({name: self.cells(name) for name in column_names(columns)})

    def with_columns(self, columns: Mapping[str, Sequence[Any]], origins: Sequence[Origins] | None = None) -> Self:
        """These columns beside the present ones, or in their place, and what they were made from.

        Raises `InvalidMapError` for a column that is not as long as the frame.
        """
        for name, column in columns.items():
            if len(column) != len(self):
                raise InvalidMapError(f"column {name!r} has {len(column)} values for {len(self)} rows")
        made = self._with({name: self.cells_or_absent(name) for name in self._columns} | dict(columns))
        if not any(origins or ()):
            return made
        both = zip(self._own_origins(self._columns), origins or (), strict=True)
        return evolve(made, origins=[{**ours, **named(theirs, columns)} for ours, theirs in both])

    def __eq__(self, other: object) -> bool:
        """Whether both show the same columns and rows; metrics are equal when they are in the same files."""
        if not isinstance(other, Columns):
            return NotImplemented
        names = self.keys()
        return names == other.keys() and all(
            list(map(identity, self.cells(name))) == list(map(identity, other.cells(name))) for name in names
        )

    __hash__ = None  # type: ignore[assignment]  # cells may be lists

    def _place(self, row: int) -> int:
        """The place of a row, from 0. Raises `UnknownRowError`."""
        try:
            return range(len(self))[row]
        except IndexError:
            raise UnknownRowError(f"no row {row}: there are {len(self)}, the first is 0") from None
        except TypeError:
            raise InvalidKeyError(
                f"a row is chosen by its place, some by a slice, a column by its name, not by {row!r}"
            ) from None

    def _chosen(self, rows: Sequence[int]) -> Self:
        return evolve(self, rows=rows)

    def _with(self, columns: Mapping[str, Sequence[Any]]) -> Self:
        tells_its_runs = self.origins is None and self._columns.keys() <= columns.keys()
        origins = None if tells_its_runs else self._own_origins(columns)
        return evolve(self, columns=columns, rows=range(len(self)), origins=origins)

    def _own_origins(self, columns: Collection[str]) -> Sequence[Origins]:
        """What each row was made from; of runs it is the run, and alone in these columns."""
        if self.origins is None:
            return RowsThemselves(self, columns)
        return self.origins if self._rows == range(len(self.origins)) else self.row_origins()

    def _row(self, row: int) -> Row:
        cells = {name: column[row] for name, column in self._columns.items()}
        return Row({name: cell for name, cell in cells.items() if cell is not ABSENT})

    def cells_or_absent(self, name: str) -> list[Any]:
        """The cells of a column that may be missing altogether."""
        column = self._columns.get(name)
        if column is None:
            return [ABSENT] * len(self)
        if self._rows == range(len(column)):
            return list(column)
        return column.take(self._rows) if isinstance(column, Coded) else [column[row] for row in self._rows]

    def coded(self, name: str) -> tuple[Sequence[Any], Sequence[int]] | None:
        """The distinct cells of a column and for each row the place of its cell, where an index has them."""
        column = self._columns.get(name)
        if not isinstance(column, Coded) or not column.is_plain():
            return None
        all_rows = self._rows == range(len(column))
        return column.cells, column.codes if all_rows else [column.codes[row] for row in self._rows]

    def row_origins(self) -> list[Origins]:
        """What the results in each row were made from; nothing for rows that are runs."""
        return [{} if self.origins is None else self.origins[row] for row in self._rows]

    def values(self, names: Iterable[str]) -> dict[str, list[Any]]:
        """The values of several columns, every metric file read once."""
        columns = {name: self.cells(name) for name in names}
        rows = [read_together({name: column[row] for name, column in columns.items()}) for row in range(len(self))]
        return {name: [row[name] for row in rows] for name in columns}
