"""The columns of a frame that was read from an index: taken from its segments when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
from attrs import Factory, field, frozen

from mlxp_fn.errors import LogDirError
from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.coded import Coded
from mlxp_fn.results.segments import DAMAGED, Part, chosen
from mlxp_fn.results.stored_cells import Openers, Stored, decoded


def _all_names(columns: IndexedColumns) -> Mapping[str, None]:
    return dict.fromkeys(chain(*(segment.columns for segment, _ in columns.parts), *columns.loose))


@frozen(eq=False)
class IndexedColumns(Mapping[str, Sequence[Any]]):
    """Columns by name: the rows of all parts and then the `loose` ones, put into `order`."""

    parts: Sequence[Part]
    loose: Sequence[Mapping[str, Any]]
    order: Sequence[int]
    run_dirs: Sequence[str]
    openers: Openers
    _names: Mapping[str, None] = field(default=Factory(_all_names, takes_self=True), init=False, repr=False)
    _made: dict[str, Coded] = field(factory=dict, init=False, repr=False)

    def __getitem__(self, name: str) -> Coded:
        """A column; ABSENT stands where a row lacks it. Raises `LogDirError` for one that is damaged."""
        column = self._made.get(name)
        if column is None:
            if name not in self._names:
                raise KeyError(name)
            column = self._made[name] = self._column(name)
        return column

    def __iter__(self) -> Iterator[str]:
        """The names, in the order in which they first appear."""
        return iter(self._names)

    def __len__(self) -> int:
        """The number of columns."""
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        """Whether there is such a column; nothing is unpacked."""
        return name in self._names

    def _column(self, name: str) -> Coded:
        cells: list[Any] = []
        codes: list[int] = []
        for segment, rows in self.parts:
            stored, offset = segment.column(name), len(cells)
            cells.extend(self._decoded(stored))
            codes.extend(offset + code for code in chosen(stored.codes, rows))
        codes.extend(range(len(cells), len(cells) + len(self.loose)))
        cells.extend(row.get(name, ABSENT) for row in self.loose)
        return Coded(cells, chosen(codes, self.order), self.run_dirs)

    def _decoded(self, stored: Stored) -> list[Any]:
        try:
            return [decoded(cell, self.openers) for cell in stored.cells]
        except (msgspec.MsgspecError, IndexError) as error:
            raise LogDirError(DAMAGED) from error
