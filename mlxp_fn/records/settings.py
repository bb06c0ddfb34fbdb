"""MLXP's settings and their defaults, ours among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict, field, fields, frozen

STEP_COLUMNS = ("step", "iter", "iteration", "epoch")
"""The metrics that say which step a row is of, unless the settings name others."""


LOGGER_NAMES = ("mlxp.DefaultLogger", "DefaultLogger")
VERSION_MANAGER_NAMES = ("mlxp.GitVM", "GitVM")
"""MLXP's names for its own classes; any other is the import path of one of the user's."""


@frozen(kw_only=True)
class LoggerSettings:
    """How runs are logged; `options` are further arguments of a logger class of the user's own."""

    name: str = "mlxp.DefaultLogger"
    parent_log_dir: str = "./logs"
    forced_log_id: int = -1
    log_streams_to_file: bool = False
    fsync: bool = False
    options: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class VersionManagerSettings:
    """From which copy of the code runs execute; `options` as for the logger. The last three are ours.

    `on_dirty` is what to do where the code is not as its latest commit: `snapshot`, `commit`, `ignore` or `refuse`;
    `allow` names files that may be in a snapshot though they look like secrets or are larger than `max_file_mb`.
    """

    name: str = "mlxp.GitVM"
    parent_work_dir: str = "./.work_dir"
    compute_requirements: bool = False
    on_dirty: str = "snapshot"
    allow: tuple[str, ...] = ()
    max_file_mb: float = 10.0
    options: Mapping[str, Any] = field(factory=dict)


RECORDED_VARIABLES = (
    "CONDA_DEFAULT_ENV",
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_VISIBLE_DEVICES",
    "LD_LIBRARY_PATH",
    "LOCAL_RANK",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "PYTHONPATH",
    "PYTORCH_CUDA_ALLOC_CONF",
    "RANK",
    "VIRTUAL_ENV",
    "WORLD_SIZE",
    "XLA_FLAGS",
)
"""Environment variables that often decide on a result, recorded unless the settings name others."""


@frozen(kw_only=True)
class Settings:
    """MLXP's settings and their defaults, as in `configs/mlxp.yaml`; those from `fail_fast` on are ours."""

    logger: LoggerSettings = LoggerSettings()
    version_manager: VersionManagerSettings = VersionManagerSettings()
    use_version_manager: bool = False
    use_scheduler: bool = False
    use_logger: bool = True
    interactive_mode: bool = True
    resolve: bool = True
    as_ConfigDict: bool = False  # noqa: N815  MLXP's name
    fail_fast: bool = False
    watch: str | None = None
    cooperative: bool = False
    warning_signal: str | None = "SIGUSR1"
    name: str | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None
    step_columns: tuple[str, ...] = STEP_COLUMNS
    environment_variables: tuple[str, ...] = RECORDED_VARIABLES
    mask: tuple[str, ...] = ()
    warn_before: int = 0
    rank_variable: str | None = None
    scheduler: Mapping[str, Any] = field(factory=dict)


def default_settings() -> dict[str, Any]:
    """The settings nobody gave, as plain data without the free `options`."""
    plain: dict[str, Any] = asdict(Settings())
    for part in ("logger", "version_manager"):
        del plain[part]["options"]
    plain["step_columns"] = list(STEP_COLUMNS)
    plain["tags"] = []
    return plain


def names_of(record: type) -> tuple[str, ...]:
    """The field names of an attrs class, in order."""
    return tuple(attribute.name for attribute in fields(record))
