"""The aggregation maps of 0.2.7, and users' own: classes that are given the data of all runs of a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlxp_fn.results.cells import read_together
from mlxp_fn.results.frame import Frame

Data = Sequence[Mapping[str, Any]]


class AggregationMap:
    """What 0.2.7 aggregates with: `_apply` takes a mapping of `keys` to values for each run, and returns results.

    It returns a mapping of names to results, or that and an index, which nobody has asked for.
    """

    def __init__(
        self,
        keys: Sequence[str],
        func: Any = None,
        args: Mapping[str, Any] = {},
        map_name: str = "",
    ) -> None:
        """Keep what the map is made of."""
        self.keys = list(keys)
        self.func = func
        self.args = args
        self.map_name = map_name
        self.name = f"{map_name}({','.join(self.keys)})"

    def _apply(self, data: Data) -> Any:
        """Raises `NotImplementedError`: subclasses say it."""
        raise NotImplementedError(f"{type(self).__name__} has no method _apply(self, data)")


class AvgStd(AggregationMap):
    """The average and the deviation of curves, place by place, cut to the shortest: `<key>_avg`, `<key>_std`."""

    def __init__(self, key: str) -> None:
        """Of the column `key`."""
        super().__init__([key], map_name="avgstd")

    def _apply(self, data: Data) -> tuple[dict[str, Any], None]:
        import numpy as np

        key = self.keys[0]
        curves = [np.atleast_1d(np.asarray(run[key], dtype=float)) for run in data]
        shortest = min(map(len, curves))
        stacked = np.stack([curve[:shortest] for curve in curves])
        return {f"{key}_avg": stacked.mean(axis=0), f"{key}_std": stacked.std(axis=0)}, None


class Last(AggregationMap):
    """The last value of the curve of each run: `last(<key>)`."""

    def __init__(self, key: str) -> None:
        """Of the column `key`."""
        super().__init__([key], map_name="last")

    def _apply(self, data: Any) -> Any:
        key = self.keys[0]
        if isinstance(data, Mapping):
            return {self.name: data[key][-1]} if data.get(key) else {}
        return {self.name: [run[key][-1] for run in data]}, None


class MinLast(AggregationMap):
    """The least of the last values and the place of its run: `min(<key>)`, `arg_min(<key>)`."""

    def __init__(self, key: str) -> None:
        """Of the column `key`."""
        super().__init__([key], map_name="min")

    def _apply(self, data: Data) -> tuple[dict[str, Any], None]:
        import numpy as np

        last = [run[self.keys[0]][-1] for run in data]
        place = -1 if np.isnan(last).all() else int(np.nanargmin(last))
        return {self.name: last[place], f"arg_{self.name}": place}, None


class Max(AggregationMap):
    """The greatest value, be it in a curve, and the place of its run: `max(<key>)`, `arg_max(<key>)`."""

    def __init__(self, key: str) -> None:
        """Of the column `key`."""
        super().__init__([key], map_name="max")

    def _apply(self, data: Data) -> tuple[dict[str, Any], None]:
        import numpy as np

        values = [run[self.keys[0]] for run in data]
        greatest = [np.nan if np.isnan(value).all() else np.nanmax(value) for value in values]
        place = -1 if np.isnan(greatest).all() else int(np.nanargmax(greatest))
        found = values[place] if np.ndim(values[place]) == 0 else float(greatest[place])
        return {self.name: found, f"arg_{self.name}": place}, None


def aggregated(frame: Frame, maps: Sequence[AggregationMap]) -> dict[str, Any]:
    """The results of all maps for the runs of a frame; a map is given what each run has of all keys."""
    keys = dict.fromkeys(key for one in maps for key in one.keys)
    data = [read_together({key: row.cells[key] for key in keys if key in row}) for row in frame]
    results: dict[str, Any] = {}
    for one in maps:
        made = one._apply(data)
        results |= made[0] if isinstance(made, tuple) else made
    return results
