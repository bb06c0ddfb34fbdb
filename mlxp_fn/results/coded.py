"""Columns as an index keeps them: each distinct cell once, and for every row the number of its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from attrs import frozen


@frozen(eq=False)
class Placed:
    """A cell that is the same in many runs but for where each lies: a function of the run's directory.

    `stored` is what an index keeps of it.
    """

    at: Callable[[str], Any]
    stored: Any = None


def placed(cell: Any, run_dir: str) -> Any:
    """The cell of a run that lies there."""
    return cell.at(run_dir) if type(cell) is Placed else cell


@frozen(eq=False)
class Coded(Sequence[Any]):
    """A column: `codes[row]` is the place in `cells` of what stands in a row; `run_dirs` are those of the rows.

    >>> column = Coded(("sgd", Placed(lambda run_dir: f"{run_dir}/metrics")), (0, 1), ("logs/1", "logs/2"))
    >>> list(column)
    ['sgd', 'logs/2/metrics']
    """

    cells: Sequence[Any]
    codes: Sequence[int]
    run_dirs: Sequence[str]

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> list[Any]: ...
    def __getitem__(self, row: int | slice) -> Any:
        """The cell of a row, or of several."""
        if isinstance(row, slice):
            return self.take(range(len(self))[row])
        return placed(self.cells[self.codes[row]], self.run_dirs[row])

    def take(self, rows: Sequence[int]) -> list[Any]:
        """The cells of these rows."""
        cells, codes, run_dirs = self.cells, self.codes, self.run_dirs
        return [placed(cells[codes[row]], run_dirs[row]) for row in rows]

    def __iter__(self) -> Iterator[Any]:
        """The cell of every row."""
        if self.is_plain():
            return map(self.cells.__getitem__, self.codes)
        return map(placed, map(self.cells.__getitem__, self.codes), self.run_dirs)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.codes)

    def is_plain(self) -> bool:
        """Whether a cell means the same in every row."""
        return not any(type(cell) is Placed for cell in self.cells)
