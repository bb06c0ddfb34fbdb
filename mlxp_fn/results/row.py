"""Rows: one run of a frame, or one line of a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from mlxp_fn.results.cells import MetricRef, mark, read
from mlxp_fn.results.naming import unknown_column
from mlxp_fn.views.table import html_pairs


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

    def metrics(self, log_name: str, *keys: str) -> dict[str, list[Any]]:
        """Keys of one log, line by line: None stands where a line lacks a key, so that the lists stay aligned.

        Raises `UnknownColumnError` where this run lacks a key.
        """
        references = [self._metric(f"{log_name}.{key}") for key in keys]
        lines = references[0].lines() if references else ()
        return {key: [line.get(key) for line in lines] for key in keys}

    def _repr_html_(self) -> str:
        return html_pairs({key: mark(cell) for key, cell in self.cells.items()})

    def _metric(self, name: str) -> MetricRef:
        cell = self.cells.get(name)
        if not isinstance(cell, MetricRef):
            raise unknown_column(name, (key for key, other in self.cells.items() if isinstance(other, MetricRef)))
        return cell
