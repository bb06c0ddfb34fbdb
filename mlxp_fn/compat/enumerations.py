"""MLXP's enumerations, whose members a script compares by their values."""

from __future__ import annotations

from enum import Enum

from mlxp_fn import layout


class Status(Enum):
    """What MLXP says of a run; here it may also be `INTERRUPTED`, `LOST` or `STALE`."""

    STARTING = "STARTING"
    COMPLETE = "COMPLETE"
    RUNNING = "RUNNING"
    FAILED = "FAILED"


class Directories(Enum):
    """The directories in that of a run."""

    Metrics = layout.METRICS
    Metadata = layout.METADATA
    Artifacts = layout.ARTIFACTS
    Sessions = "sessions"


class DataFrameType(Enum):
    """What `Reader.filter` can return."""

    DataFrame = "datadict"
    DataDictList = "datadict"  # noqa: PIE796  what 0.2.7 calls the same
    Pandas = "pandas"


class SearchableKeys(Enum):
    """How the names of columns begin that a query may ask for."""

    Info = "info."
    Config = "config."
