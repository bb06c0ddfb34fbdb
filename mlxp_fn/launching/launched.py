"""Launched runs as notebooks show them."""

from __future__ import annotations

import os

from mlxp_fn.records import Run


class LaunchedRun(Run):
    """A run that was launched here: a notebook shows how it ended, its config, and the curves that it logged."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from mlxp_fn.effects.store import read_runs
        from mlxp_fn.views.sparkline import html_curves
        from mlxp_fn.views.table import html_pairs

        ended = {"run": self.id, "status": self.status.value, "result": self.result}
        if self.info.error:
            ended["error"] = f"{self.info.error.type}: {self.info.error.message}"
        if self.dir is None or self.id is None or not os.path.isdir(self.dir):
            return html_pairs(ended) + self.config._repr_html_()
        curves = "".join(html_curves(run.curves()) for run in read_runs(os.path.dirname(self.dir), {self.id}))
        return html_pairs(ended) + curves + self.config._repr_html_()
