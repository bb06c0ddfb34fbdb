"""Replicable machine-learning experiments as functions over immutable data.

    import mlxp_fn as mlxp

    @mlxp.launch(config_path="configs")
    def main(ctx):
        ctx.logger.log_metrics({"loss": 0.1}, "train")

The names in `__all__` are public and stay; nothing else is promised. Each is loaded when it is first used, so that
a task that only logs pays for nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlxp_fn.version import __version__ as __version__

if TYPE_CHECKING:
    from mlxp_fn.browsing.reports import WrittenReport as WrittenReport
    from mlxp_fn.browsing.reports import report as report
    from mlxp_fn.config.grids import grid as grid
    from mlxp_fn.config.grids import union as union
    from mlxp_fn.config.grids import zipped as zipped
    from mlxp_fn.config.overrides import parse_override as parse_override
    from mlxp_fn.config.sweeps import Sweep as Sweep
    from mlxp_fn.config.sweeps import sweep as sweep
    from mlxp_fn.config_dict import ConfigDict as ConfigDict
    from mlxp_fn.configuring import compose as compose
    from mlxp_fn.configuring import done as done
    from mlxp_fn.configuring import expand as expand
    from mlxp_fn.effects.inputs import changed_inputs as changed_inputs
    from mlxp_fn.effects.recorded_environments import environment_of as environment_of
    from mlxp_fn.errors import MlxpError as MlxpError
    from mlxp_fn.errors import Preempted as Preempted
    from mlxp_fn.launcher import instance_from_dict as instance_from_dict
    from mlxp_fn.launcher import instantiate as instantiate
    from mlxp_fn.launcher import launch as launch
    from mlxp_fn.launcher import run as run
    from mlxp_fn.launching.execution import Context as Context
    from mlxp_fn.launching.git_versions import GitVM as GitVM
    from mlxp_fn.launching.sweeping import Runs as Runs
    from mlxp_fn.launching.version_manager import VersionManager as VersionManager
    from mlxp_fn.logger import DefaultLogger as DefaultLogger
    from mlxp_fn.logger import Logger as Logger
    from mlxp_fn.reader import Parser as Parser
    from mlxp_fn.reader import Reader as Reader
    from mlxp_fn.reader import runs as runs
    from mlxp_fn.records import Run as Run
    from mlxp_fn.records import RunInfo as RunInfo
    from mlxp_fn.records import Settings as Settings
    from mlxp_fn.records import Status as Status
    from mlxp_fn.repeating.checking_out import CheckedOut as CheckedOut
    from mlxp_fn.repeating.checking_out import checkout as checkout
    from mlxp_fn.repeating.judging import replicate as replicate
    from mlxp_fn.repeating.rerunning import rerun as rerun
    from mlxp_fn.results.aggregates import CI as CI
    from mlxp_fn.results.aggregates import AvgStd as AvgStd
    from mlxp_fn.results.aggregates import Best as Best
    from mlxp_fn.results.aggregates import Count as Count
    from mlxp_fn.results.aggregates import Last as Last
    from mlxp_fn.results.aggregates import Max as Max
    from mlxp_fn.results.aggregates import Mean as Mean
    from mlxp_fn.results.aggregates import Median as Median
    from mlxp_fn.results.aggregates import Min as Min
    from mlxp_fn.results.aggregates import MinLast as MinLast
    from mlxp_fn.results.aggregates import Quantile as Quantile
    from mlxp_fn.results.aggregates import Sem as Sem
    from mlxp_fn.results.aggregates import Std as Std
    from mlxp_fn.results.frame import DataFrame as DataFrame
    from mlxp_fn.results.frame import Frame as Frame
    from mlxp_fn.results.steps import aggregate as aggregate
    from mlxp_fn.results.steps import collect as collect
    from mlxp_fn.results.steps import derive as derive
    from mlxp_fn.results.steps import group_by as group_by
    from mlxp_fn.results.steps import head as head
    from mlxp_fn.results.steps import join as join
    from mlxp_fn.results.steps import long as long
    from mlxp_fn.results.steps import select as select
    from mlxp_fn.results.steps import sort_by as sort_by
    from mlxp_fn.results.steps import to_arrow as to_arrow
    from mlxp_fn.results.steps import to_pandas as to_pandas
    from mlxp_fn.results.steps import to_polars as to_polars
    from mlxp_fn.results.steps import where as where
    from mlxp_fn.results.verdicts import Verdict as Verdict
    from mlxp_fn.tree import Config as Config
    from mlxp_fn.upkeep import doubtful_runs as doubtful_runs
    from mlxp_fn.upkeep import settle as settle
    from mlxp_fn.upkeep import tag as tag
    from mlxp_fn.views.figure import plot as plot

_NAMES = {
    "mlxp_fn.browsing.reports": ("WrittenReport", "report"),
    "mlxp_fn.config.grids": ("grid", "union", "zipped"),
    "mlxp_fn.config.overrides": ("parse_override",),
    "mlxp_fn.config.sweeps": ("Sweep", "sweep"),
    "mlxp_fn.config_dict": ("ConfigDict",),
    "mlxp_fn.configuring": ("compose", "done", "expand"),
    "mlxp_fn.effects.recorded_environments": ("environment_of",),
    "mlxp_fn.effects.inputs": ("changed_inputs",),
    "mlxp_fn.errors": ("MlxpError", "Preempted"),
    "mlxp_fn.launching.execution": ("Context",),
    "mlxp_fn.launching.git_versions": ("GitVM",),
    "mlxp_fn.launcher": ("instance_from_dict", "instantiate", "launch", "run"),
    "mlxp_fn.logger": ("DefaultLogger", "Logger"),
    "mlxp_fn.reader": ("Parser", "Reader", "runs"),
    "mlxp_fn.records": ("Run", "RunInfo", "Settings", "Status"),
    "mlxp_fn.repeating.checking_out": ("CheckedOut", "checkout"),
    "mlxp_fn.repeating.judging": ("replicate",),
    "mlxp_fn.repeating.rerunning": ("rerun",),
    "mlxp_fn.results.aggregates": (
        "AvgStd", "Best", "CI", "Count", "Last", "Max", "Mean", "Median", "Min", "MinLast", "Quantile", "Sem",
        "Std",
    ),
    "mlxp_fn.results.frame": ("DataFrame", "Frame"),
    "mlxp_fn.results.steps": (
        "aggregate", "collect", "derive", "group_by", "head", "join", "long", "select", "sort_by",
        "to_arrow", "to_pandas", "to_polars", "where",
    ),
    "mlxp_fn.results.verdicts": ("Verdict",),
    "mlxp_fn.launching.sweeping": ("Runs",),
    "mlxp_fn.tree": ("Config",),
    "mlxp_fn.launching.version_manager": ("VersionManager",),
    "mlxp_fn.upkeep": ("doubtful_runs", "settle", "tag"),
    "mlxp_fn.views.figure": ("plot",),
}  # fmt: skip

_HOME = {name: module for module, names in _NAMES.items() for name in names}

_MODULES = ("errors", "launcher", "logger", "reader")
"""Modules that are attributes from the start, as in MLXP: `except mlxp.errors.InvalidKeyError`."""

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Load a public name from the module that has it."""
    if name in _MODULES:
        return import_module(f"mlxp_fn.{name}")
    if name not in _HOME:
        raise AttributeError(f"mlxp_fn has no {name!r}")  # Python itself adds what was probably meant
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, for completion."""
    return [*__all__, "__version__"]
