"""Replicable machine-learning experiments as functions over immutable data.

    import mlxp_fn as mlxp

    @mlxp.launch(config_path="configs")
    def main(ctx):
        ctx.logger.log_metrics({"loss": 0.1}, "train")

The names below are public and stay; nothing else is promised. They are loaded when they are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlxp_fn.config.overrides import parse_override
    from mlxp_fn.config.sweeps import Job, Sweep, sweep
    from mlxp_fn.config_dict import ConfigDict
    from mlxp_fn.configuring import compose, expand
    from mlxp_fn.errors import MlxpError
    from mlxp_fn.execution import Context
    from mlxp_fn.launcher import Runs, launch, run
    from mlxp_fn.logger import DefaultLogger, Logger
    from mlxp_fn.reader import Reader, runs
    from mlxp_fn.records import Run, RunInfo, Settings, Status
    from mlxp_fn.results.aggregates import AvgStd
    from mlxp_fn.results.frame import Frame
    from mlxp_fn.results.steps import aggregate, group_by, where
    from mlxp_fn.tree import Config
    from mlxp_fn.version_manager import VersionManager

_HOMES = {
    "mlxp_fn.launcher": ("launch", "run", "Runs"),
    "mlxp_fn.execution": ("Context",),
}

_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'mlxp_fn' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
