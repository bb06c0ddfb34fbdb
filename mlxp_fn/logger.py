"""The logger a task is handed: metrics, artifacts and checkpoints, into the directory of its run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlxp_fn import layout
from mlxp_fn.effects import run_dirs
from mlxp_fn.effects.imports import import_by_path
from mlxp_fn.effects.metric_logs import MetricLogs
from mlxp_fn.errors import InvalidArtifactError, LaunchError, MissingArtifactError
from mlxp_fn.results.info_view import logger_columns

if TYPE_CHECKING:
    from mlxp_fn.effects.artifact_types import ArtifactType


class Logger:
    """Writes what a run produces into `parent_log_dir/log_id`; the base of loggers of your own.

    Making one claims the run's directory. A subclass is named in the settings by its import path
    (`logger: {name: my_project.MyLogger}`) and is given the other settings of `logger` as arguments.
    """

    def __init__(
        self,
        parent_log_dir: str,
        forced_log_id: int = -1,
        log_streams_to_file: bool = False,
        fsync: bool = False,
    ) -> None:
        """Claim a directory: the next free id, or `forced_log_id` where that is not negative.

        With `fsync` the disk has what is logged before a method returns: a power cut loses nothing either.
        """
        self.parent_log_dir = os.path.abspath(parent_log_dir)
        self.log_streams_to_file = log_streams_to_file
        self.forced_log_id = forced_log_id
        self.fsync = fsync
        parent = Path(self.parent_log_dir)
        if forced_log_id < 0:
            run_dir = run_dirs.claim_new(parent, fsync=fsync)
        else:
            run_dir = run_dirs.claim_forced(parent, forced_log_id, fsync=fsync)
        self._run_dir = run_dir
        self._artifact_types: dict[str, ArtifactType] = {}
        self._logs = MetricLogs(run_dir, fsync=fsync)

    @property
    def log_id(self) -> int:
        """The run's id, unique among those of its parent directory."""
        return int(self._run_dir.name)

    @property
    def log_dir(self) -> str:
        """The run's directory, absolute."""
        return str(self._run_dir)

    @property
    def metrics_dir(self) -> str:
        """Where `log_metrics` writes."""
        return str(self._run_dir / layout.METRICS)

    @property
    def metadata_dir(self) -> str:
        """Where the config and the history of the run are."""
        return str(self._run_dir / layout.METADATA)

    @property
    def artifacts_dir(self) -> str:
        """Where `log_artifacts` writes, a folder for each type."""
        return str(self._run_dir / layout.ARTIFACTS)

    def get_info(self) -> dict[str, Any]:
        """The run's id and directories, as `info.logger` has them."""
        return logger_columns(self.log_id, self.log_dir)

    def log_metrics(self, metrics_dict: Mapping[str, Any], log_name: str) -> None:
        """Append one line of scalars to `metrics/<log_name>.json`; when this returns the line is in the file.

        Values are what JSON holds: numbers (numpy, torch and jax scalars too, NaN and infinities), texts,
        booleans, None, lists and mappings. Raises `LogNameError` and `MetricsError`; then nothing is written.
        """
        self._logs.append(log_name, metrics_dict)

    def log_artifacts(
        self, artifact: object, artifact_name: str, artifact_type: str, *, link: bool = False
    ) -> None:
        """Keep `artifact` as `artifacts/<artifact_type>/<artifact_name>`; the one before stays until it is whole.

        Types: `pickle` (dill), `torch`, `numpy` (an array or a mapping of arrays), `image` (a matplotlib
        figure), `json`, `text`, `file` (the path of a file, which is copied), and what `register_artifact_type`
        adds. With `link` a `file` becomes a hard link where the file system allows: quick and without a copy, but
        what is written into the one file later is in the other, too.
        """
        from mlxp_fn.effects import artifact_types, artifacts

        types = self._types()
        if link:
            if artifact_type != "file":
                raise InvalidArtifactError(f"link=True is for artifacts of type 'file', not {artifact_type!r}")
            types["file"] = artifact_types.LINKED_FILE
        artifacts.save(self._run_dir, types, artifact_type, artifact_name, artifact)

    def load_artifacts(
        self, artifact_name: str, artifact_type: str | None = None, root: str | os.PathLike[str] | None = None
    ) -> Any:
        """What `log_artifacts` kept, here or in another run's directory `root`; of a `file` its path.

        Without `artifact_type` it is the one type that has an artifact of that name. Loading a pickle runs the code
        in it. Raises `MissingArtifactError`, which is a `FileNotFoundError`, where there is none.
        """
        from mlxp_fn.effects import artifacts

        return artifacts.load(Path(root) if root else self._run_dir, self._types(), artifact_type, artifact_name)

    def register_artifact_type(
        self, name: str, save: Callable[[Any, str], None], load: Callable[[str], Any]
    ) -> None:
        """Let `log_artifacts` and `load_artifacts` of this logger know another type.

        `save(object, path)` writes the file, `load(path)` reads it. Only the name is recorded, for what is read
        from a log directory must not choose code: who reads brings the function, by registering the type again or
        by `artifact.load(loader=…)`.
        """
        from mlxp_fn.effects.artifact_types import TYPES, ArtifactType

        layout.checked_log_name(name, "artifact type")
        if "/" in name or name.startswith(".") or name in TYPES:
            raise InvalidArtifactError(f"an artifact type cannot be called {name!r}; choose another name")
        self._artifact_types[name] = ArtifactType(save, load)

    def _types(self) -> dict[str, ArtifactType]:
        from mlxp_fn.effects.artifact_types import TYPES

        return {**TYPES, **self._artifact_types}

    def close(self) -> None:
        """Give the metric files back; a later `log_metrics` opens them again."""
        self._logs.close()

    def __getstate__(self) -> dict[str, Any]:
        """A pickled logger keeps its place and no open file."""
        return {**self.__dict__, "_logs": MetricLogs(self._run_dir, fsync=self.fsync), "_artifact_types": {}}


class DefaultLogger(Logger):
    """The logger of a run unless the settings name another: adds checkpoints."""

    def log_checkpoint(self, checkpoint: Any, log_name: str = "checkpoint") -> None:
        """Keep the latest state of the run as the artifact `pickle/<log_name>.pkl`."""
        self.log_artifacts(checkpoint, _with_suffix(log_name), "pickle")

    def load_checkpoint(self, log_name: str = "checkpoint", root: str | None = None) -> Any:
        """The latest checkpoint of this run, or of the run in the directory `root`.

        Raises `MissingArtifactError`, which is a `FileNotFoundError`, where none was logged.
        """
        try:
            return self.load_artifacts(_with_suffix(log_name), "pickle", root)
        except MissingArtifactError as error:
            raise MissingArtifactError(
                f"no checkpoint {log_name!r} in {root or self.log_dir}; log one with log_checkpoint"
            ) from error


def _with_suffix(log_name: str) -> str:
    return log_name if log_name.endswith(".pkl") else f"{log_name}.pkl"


_OURS: Mapping[str, type[Logger]] = {"mlxp.DefaultLogger": DefaultLogger, "DefaultLogger": DefaultLogger}


def logger_class(name: str) -> type[Logger]:
    """The logger that the settings name: MLXP's own names mean ours, others are import paths.

    Raises `LaunchError` for what cannot be imported or is no `Logger`.
    """
    if name in _OURS:
        return _OURS[name]
    found = import_by_path(name)
    if not (isinstance(found, type) and issubclass(found, Logger)):
        raise LaunchError(f"mlxp.logger.name is {name!r}, which is no subclass of mlxp_fn.Logger")
    return found
