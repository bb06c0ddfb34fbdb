"""The best value so far of what the setting `watch` names, and the run that it is of."""

from __future__ import annotations

import math
import operator
import re
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from mlxp_fn.effects.store import read_runs
from mlxp_fn.errors import SettingsError
from mlxp_fn.records import Run
from mlxp_fn.results.overview import cells_of

_WATCHED = re.compile(r"(?:(?P<function>min|max)\((?P<inner>[^()]+)\)|(?P<alone>[^()]+))")

_BETTER = {"min": operator.lt, "max": operator.gt}


@frozen(kw_only=True)
class Best:
    """The lowest `min`, or the highest `max`, of a metric among the runs that have ended."""

    metric: str
    function: str = "min"
    value: float | None = None
    run: int | None = None

    def among(self, run: Run) -> Best:
        """The same once this run has ended, too."""
        value = _value(run, self.metric, self.function)
        if value is None or not (self.value is None or _BETTER[self.function](value, self.value)):
            return self
        return evolve(self, value=value, run=run.id)

    @property
    def words(self) -> str:
        """What and whose it is; nothing where no run has any.

        >>> Best(metric="test.loss", value=0.03125, run=7).words
        '0.03125 (run 7)'
        """
        return "" if self.value is None else f"{self.value:.4g} (run {self.run})"


def watched(setting: str) -> Best:
    """What a setting asks for: `test.loss` and `min(test.loss)` the lowest value, `max(test.accuracy)` the highest.

    Raises `SettingsError`.

    >>> watched("max(test.accuracy)")
    Best(metric='test.accuracy', function='max', value=None, run=None)
    """
    match = _WATCHED.fullmatch(setting.strip())
    metric = match and (match["inner"] or match["alone"])
    if not match or not metric or "." not in metric:
        raise SettingsError(
            f"watch: {setting!r} names no metric; write test.loss, or max(test.accuracy) for the highest value"
        )
    return Best(metric=metric, function=match["function"] or "min")


def _value(run: Run, metric: str, function: str) -> float | None:
    if run.dir is None or run.id is None:
        return None
    frame = read_runs(Path(run.dir).parent, {run.id})
    if not frame.has(metric):
        return None
    found: Any = cells_of(frame, f"{function}({metric})")[0]
    is_number = isinstance(found, int | float) and math.isfinite(found)
    return float(found) if is_number else None
