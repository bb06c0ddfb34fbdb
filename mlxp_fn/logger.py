"""The logger a task is handed: metrics, artifacts and checkpoints, into the directory of its run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mlxp_fn import layout
from mlxp_fn.effects import run_dirs, run_ids
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.files import make_folder
from mlxp_fn.effects.imports import import_by_path
from mlxp_fn.effects.metric_logs import MetricLogs, read_only
from mlxp_fn.effects.produced import tell
from mlxp_fn.errors import InvalidArtifactError, LaunchError
from mlxp_fn.jobs.description import described
from mlxp_fn.records import LOGGER_NAMES, Products
from mlxp_fn.results.info_view import logger_columns

if TYPE_CHECKING:
    from mlxp_fn.effects.artifact_types import ArtifactType
    from mlxp_fn.records import Event


class Logger:
    """Writes what a run produces into `parent_log_dir/log_id`; the base of loggers of your own.

    Making one claims the run's directory. A subclass is named in the settings by its import path
    (`logger: {name: my_project.MyLogger}`) and is given the other settings of `logger` as arguments.

    A logger that comes out of a pickle, in a worker process or a checkpoint, writes to the run that is active
    there: in the process that runs the task and in all that this has started, by `multiprocessing`, joblib or
    otherwise. Where no run is active, as in a notebook or on another machine, it only reads, and writing is a
    `LogDirError`. Types that were registered do not travel with it.
    """

    writes: ClassVar[bool] = True
    """Whether there is a record of what is logged: the loggers of all ranks but the first write nothing."""

    _record: Callable[[Event], Any] | None = None
    _told_of_artifacts = False

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
        run_dir = self._claimed()
        self._run_dir = run_dir
        self._artifact_types: dict[str, ArtifactType] = {}
        self._read_only = False
        self._logs = MetricLogs(run_dir, fsync=fsync)

    def _claimed(self) -> Path:
        parent = Path(self.parent_log_dir)
        if self.forced_log_id < 0:
            return run_ids.claim_new(parent, fsync=self.fsync)
        return run_ids.claim_forced(parent, self.forced_log_id, fsync=self.fsync)

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
        """Where `log_metrics` writes; it is there once somebody has asked."""
        return self._folder(layout.METRICS)

    @property
    def metadata_dir(self) -> str:
        """Where the config and the history of the run are."""
        return str(self._run_dir / layout.METADATA)

    @property
    def artifacts_dir(self) -> str:
        """Where `log_artifacts` writes, a folder for each type; it is there once somebody has asked."""
        return self._folder(layout.ARTIFACTS)

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
        types = self._types()
        if link:
            from mlxp_fn.effects.artifact_types import LINKED_FILE

            if artifact_type != "file":
                raise InvalidArtifactError(f"link=True is for artifacts of type 'file', not {artifact_type!r}")
            types["file"] = LINKED_FILE
        self._keep(artifact, artifact_name, artifact_type, types)

    def load_artifacts(
        self, artifact_name: str, artifact_type: str | None = None, root: str | os.PathLike[str] | None = None
    ) -> Any:
        """What `log_artifacts` kept, here or in another run's directory `root`; of a `file` its path.

        Without `artifact_type` it is the one type that has an artifact of that name. Loading a pickle runs the code
        in it. Raises `MissingArtifactError`, which is a `FileNotFoundError`, where there is none.
        """
        from mlxp_fn.effects import artifacts

        return artifacts.load(Path(root) if root else self._run_dir, self._types(), artifact_type, artifact_name)

    def describe(self, *, name: str | None = None, tags: Iterable[str] = (), notes: str | None = None) -> None:
        """Call the run `name`, add `tags`, and keep `notes`; what is not given stays as it is.

        Queries find them as `info.name`, `info.tags` and `info.notes`. What `mlxp tag` says stands above it. Raises
        `LaunchError` outside of a task, where `mlxp_fn.tag` does it.
        """
        if self._record is None:
            raise LaunchError(f"run {self.log_id} is not being executed here; describe it with mlxp_fn.tag")
        self._record(described(now(), name=name, notes=notes, add=tags))

    def log_input(self, path: str | os.PathLike[str]) -> str:
        """Record a file or a tree of files that the run reads, by size and SHA-256, which is returned.

        What has not changed since it was last read, by size, times and inode, is not read again. Later
        `mlxp_fn.changed_inputs` says what has. Raises `InputError` for what cannot be read or changes meanwhile.
        """
        from mlxp_fn.effects import inputs
        from mlxp_fn.effects.history import note

        if self._read_only:
            raise read_only(self._run_dir)
        event = inputs.logged(os.fspath(path))
        if self._record:
            self._record(event)
        else:  # in a worker process of the task's
            note(self._run_dir, event, fsync=self.fsync)
        return event.sha256

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

    def _keep(self, artifact: object, name: str, kind: str, types: Mapping[str, ArtifactType]) -> str:
        """Write the artifact and its record; returns its SHA-256."""
        from mlxp_fn.effects import artifacts

        if self._read_only:
            raise read_only(self._run_dir)
        if not self._logs.attended() and not self._told_of_artifacts:
            tell(self._run_dir, Products(artifacts=True))
            self._told_of_artifacts = True
        return artifacts.save(self._run_dir, types, kind, name, artifact, fsync=self.fsync)

    def _folder(self, name: str) -> str:
        if self.writes and not self._read_only:
            make_folder(self._run_dir / name, fsync=self.fsync)
        return str(self._run_dir / name)

    def _types(self) -> dict[str, ArtifactType]:
        from mlxp_fn.effects.artifact_types import TYPES

        return {**TYPES, **self._artifact_types}

    def close(self) -> None:
        """Give the metric files back; a later `log_metrics` opens them again."""
        self._logs.close()

    def __getstate__(self) -> dict[str, Any]:
        """What travels: the place, and no open file or function."""
        stays = ("_logs", "_artifact_types", "_record", "_told_of_artifacts")
        return {key: value for key, value in self.__dict__.items() if key not in stays}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Write to the run that is active here, or only read."""
        from mlxp_fn.effects.active_runs import active_run

        self.__dict__.update(state)
        run_dir = active_run(self._run_dir)
        self._read_only = run_dir is None
        self._run_dir = run_dir or self._run_dir
        self.parent_log_dir = str(self._run_dir.parent)
        self._artifact_types = {}
        self._logs = MetricLogs(self._run_dir, fsync=self.fsync, read_only=self._read_only)


def connect(logger: Logger, record: Callable[[Event], Any] | None) -> None:
    """Let what `describe` and `log_input` say become an event of the history of its run, or no longer.

    Whoever connects a logger records what the run has produced when the attempt ends, once he has left it.
    """
    logger._record = record
    logger._logs.attended_in = os.getpid() if record else None


def leave(logger: Logger) -> None:
    """Let the history be told, from here on, of all that is new and logged."""
    logger._logs.attended_in = None


class DefaultLogger(Logger):
    """The logger of a run unless the settings name another: adds checkpoints."""

    def log_checkpoint(self, checkpoint: Any, log_name: str = "checkpoint") -> None:
        """Keep the latest state of the run as the artifact `pickle/<log_name>.pkl`.

        It may hold this logger and the config. The history of the run records the name, the SHA-256 and how long
        each metric log was.
        """
        from mlxp_fn.effects import checkpoints

        name, positions = checkpoints.file_name(log_name), run_dirs.positions(self._run_dir)
        sha256 = self._keep(checkpoint, name, checkpoints.TYPE, self._types())
        checkpoints.record(self._run_dir, name, sha256, positions, fsync=self.fsync)

    def load_checkpoint(self, log_name: str = "checkpoint", root: str | os.PathLike[str] | None = None) -> Any:
        """The latest checkpoint of this run, or of the run in the directory `root`, which MLXP may have written.

        Raises `MissingArtifactError`, which is a `FileNotFoundError`, where none was logged.
        """
        from mlxp_fn.effects import checkpoints

        run_dir, name = checkpoints.found(log_name, root or self._run_dir)
        return self.load_artifacts(name, checkpoints.TYPE, run_dir)


def logger_class(name: str, default: type[Logger] = DefaultLogger) -> type[Logger]:
    """The logger that the settings name: MLXP's own names mean `default`, others are import paths.

    Raises `LaunchError` for what cannot be imported or is no `Logger`.
    """
    if name in LOGGER_NAMES:
        return default
    found = import_by_path(name)
    if not (isinstance(found, type) and issubclass(found, Logger)):
        raise LaunchError(f"mlxp.logger.name is {name!r}, which is no subclass of mlxp_fn.Logger")
    return found
