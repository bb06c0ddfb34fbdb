"""MLXP's settings, and what it says of a run, as classes with its fields and defaults: scripts write into them."""

from __future__ import annotations

import os
from typing import Any

from attrs import define, field

from mlxp_fn.records import Status


@define
class ConfigVersionManager:
    """The settings of a version manager of the user's own."""

    name: str = "???"


@define
class ConfigGitVM(ConfigVersionManager):
    """The settings of MLXP's version manager."""

    name: str = "mlxp.GitVM"
    parent_work_dir: str = "./.work_dir"
    compute_requirements: bool = False


@define
class ConfigLogger:
    """The settings of the logger."""

    name: str = "mlxp.DefaultLogger"
    parent_log_dir: str = "./logs"
    forced_log_id: int = -1
    log_streams_to_file: bool = False


@define
class Info:
    """What MLXP records of a run."""

    status: str = Status.STARTING.value
    current_file_path: str = ""
    executable: str = ""
    hostname: str = ""
    process_id: int = -1
    start_date: Any = ""
    start_time: Any = ""
    end_date: Any = ""
    end_time: Any = ""
    work_dir: str = field(factory=os.getcwd)
    logger: Any = None
    scheduler: Any = None
    version_manager: Any = None


@define
class MLXPConfig:
    """MLXP's settings."""

    logger: ConfigLogger = field(factory=ConfigLogger)
    version_manager: ConfigVersionManager = field(factory=ConfigGitVM)
    use_version_manager: bool = False
    use_scheduler: bool = False
    use_logger: bool = True
    interactive_mode: bool = True
    resolve: bool = True
    as_ConfigDict: bool = True  # noqa: N815  MLXP's name


@define
class Metadata:
    """All that MLXP knows of a run."""

    info: Info = field(factory=Info)
    mlxp: MLXPConfig = field(factory=MLXPConfig)
    config: Any = None
