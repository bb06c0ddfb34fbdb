"""The best value so far of what the setting `watch` names, and the run that it is of."""

from __future__ import annotations

import math
import operator
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from mlxp_fn.effects.store import read_runs
from mlxp_fn.errors import SettingsError
from mlxp_fn.records import Run
from mlxp_fn.results.overview import cells_of


@frozen(kw_only=True)
class Best:
    """The lowest value of a metric among the runs that have ended, or the `highest`."""

    metric: str
    highest: bool = False
    value: float | None = None
    run: int | None = None

    def among(self, run: Run) -> Best:
        """The same once this run has ended, too."""
        value = _value(run, self.metric, "max" if self.highest else "min")
        is_better = operator.gt if self.highest else operator.lt
        if value is None or not (self.value is None or is_better(value, self.value)):
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
    """What a setting asks for: `test.loss` the lowest value, `-test.accuracy` the highest, as for `mlxp ls --sort`.

    Raises `SettingsError`.

    >>> watched("-test.accuracy")
    Best(metric='test.accuracy', highest=True, value=None, run=None)
    """
    metric = setting.removeprefix("-")
    if "." not in metric:
        raise SettingsError(
            f"watch: {setting!r} names no metric; write test.loss, or -test.accuracy where the highest is best"
        )
    return Best(metric=metric, highest=setting.startswith("-"))


def _value(run: Run, metric: str, function: str) -> float | None:
    if run.dir is None or run.id is None:
        return None
    frame = read_runs(Path(run.dir).parent, {run.id})
    if not frame.has(metric):
        return None
    found: Any = cells_of(frame, f"{function}({metric})")[0]
    is_number = isinstance(found, int | float) and math.isfinite(found)
    return float(found) if is_number else None
