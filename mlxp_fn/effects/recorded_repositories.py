"""The code that a run's record tells of, and the repository that holds it."""

from __future__ import annotations

import os
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.effects.regular_files import read_bytes
from mlxp_fn.effects.run_dirs import is_ours, read_info
from mlxp_fn.effects.snapshots import has_commit
from mlxp_fn.effects.working_trees import root_of
from mlxp_fn.errors import ConfigError, LogDirError, VersionError
from mlxp_fn.records import RunInfo
from mlxp_fn.versions.recorded import RecordedCode, recorded_code


def code_of(run_dir: Path) -> RecordedCode:
    """The code that the last attempt of a run executed, by our record or by MLXP's. Raises `LogDirError`."""
    if is_ours(run_dir):
        return recorded_code(read_info(run_dir))
    try:
        found = parse_yaml((read_bytes(str(run_dir / layout.INFO)) or b"").decode(), layout.INFO)
    except (OSError, UnicodeDecodeError, ConfigError) as error:
        raise LogDirError(f"{run_dir / layout.INFO} cannot be read: {error}") from error
    info = found if isinstance(found, dict) else {}
    version, work_dir = info.get("version_manager"), info.get("work_dir")
    return recorded_code(
        RunInfo(
            version_manager=version if isinstance(version, dict) else None,
            work_dir=work_dir if isinstance(work_dir, str) else str(run_dir.parent),
        )
    )


def root_of_record(code: RecordedCode, logs: Path) -> str:
    """The repository that holds the commit of a run. Raises `VersionError` where it is not there any more."""
    near = code.root or os.path.dirname(code.file or "") or code.directory
    refuse_inside(near, logs)
    if not os.path.isdir(near):
        raise VersionError(f"{near}, where its code lay, is not there any more")
    root = root_of(near)
    if code.commit is None or not has_commit(root, code.commit):
        raise VersionError(f"the repository {root} has no commit {code.commit} any more")
    return root


def refuse_inside(path: str, logs: Path) -> None:
    """Raise `VersionError` for code in a log directory: from there nothing is ever run."""
    if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(logs)):
        raise VersionError(f"its record names code in the log directory ({path}), which is not run")
