"""Rows: one run of a frame, or one line of a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import frozen

from mlxp_fn.errors import LogDirError
from mlxp_fn.results.cells import MetricRef, mark, read
from mlxp_fn.results.naming import unknown_column
from mlxp_fn.views.sparkline import html_curves
from mlxp_fn.views.table import html_pairs

_CURVES = 40
"""How many curves of a run are drawn when it is shown."""


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

    def __fspath__(self) -> str:
        """The directory of the run: a row can be given wherever one is asked for."""
        return str(self["info.logger.log_dir"])

    def __repr__(self) -> str:
        """The row as a dict, with marks for what is not read."""
        return repr({key: mark(cell) for key, cell in self.cells.items()})

    def metrics(self, log_name: str, *keys: str) -> dict[str, list[Any]]:
        """Keys of one log, or all of them, line by line: None stands where a line lacks a key, so that the lists
        stay aligned.

        Raises `UnknownColumnError` where this run lacks a key, or the log.
        """
        references = [self._metric(f"{log_name}.{key}") for key in keys] or self._log(log_name)
        lines = references[0].lines()
        return {reference.key: [line.get(reference.key) for line in lines] for reference in references}

    def _repr_html_(self) -> str:
        """The row as a table, and first a picture of each curve, with its last value."""
        curves = self.curves()
        others = {name: mark(cell) for name, cell in self.cells.items() if name not in curves}
        return html_curves(curves) + html_pairs(others)

    def curves(self) -> dict[str, list[Any]]:
        """The values of the first metrics, as many as are drawn; none of a file that cannot be read."""
        return {name: self._curve(name) for name in islice(self._metrics(), _CURVES)}

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.cells)

    def _curve(self, name: str) -> list[Any]:
        try:
            curve: list[Any] = self[name]
        except LogDirError:  # a picture of what cannot be read is none
            return []
        return curve

    def _metric(self, name: str) -> MetricRef:
        found = self._metrics()
        if name not in found:
            raise unknown_column(name, found)
        return found[name]

    def _log(self, log_name: str) -> list[MetricRef]:
        found = self._metrics()
        references = [cell for name, cell in found.items() if name == f"{log_name}.{cell.key}"]
        if not references:
            raise unknown_column(log_name, found)
        return references

    def _metrics(self) -> dict[str, MetricRef]:
        return {name: cell for name, cell in self.cells.items() if isinstance(cell, MetricRef)}
