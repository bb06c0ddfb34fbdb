"""MLXP's loggers: what 0.2.7 and 1.0.5 call differently, or keep under another name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlxp_fn import logger as ours
from mlxp_fn.compat.artifacts import Artifact
from mlxp_fn.effects import checkpoints, run_dirs
from mlxp_fn.effects.artifact_types import KNOWN_TO_MLXP, LINKED_FILE, TYPES, ArtifactType
from mlxp_fn.effects.listing import files_below
from mlxp_fn.errors import InvalidArtifactError, MissingArtifactError


class Logger(ours.Logger):
    """The base of loggers that were written for MLXP."""

    @property
    def session_dir(self) -> str:
        """Where `log_session` writes."""
        return f"{self.artifacts_dir}/sessions"

    def log_artifact(self, artifact: Artifact, log_name: str) -> None:
        """Keep what an artifact of 0.2.7 writes as `artifacts/<class>/<log_name><ext>`, and record it.

        It is asked to write into an empty folder, and every file found there is kept.
        """
        if not isinstance(artifact, Artifact):
            raise InvalidArtifactError(
                f"log_artifact takes an instance of a subclass of mlxp's Artifact, not {type(artifact).__name__}; "
                "log_artifacts(value, name, type) takes any value"
            )
        if not self.writes:
            return
        kind = type(artifact).__name__
        with tempfile.TemporaryDirectory(dir=self.artifacts_dir, prefix=".tmp-") as folder:
            target = Path(folder, log_name)
            target.parent.mkdir(parents=True, exist_ok=True)
            artifact._save(str(target))
            for name in files_below(folder):
                self._keep(f"{folder}/{name}", name, kind, {kind: LINKED_FILE})

    def register_artifact_type(
        self, name: str, save: Callable[[Any, str], None], load: Callable[[str], Any]
    ) -> None:
        """Let this logger know another type; those that MLXP has stay as they are, and others may be replaced."""
        if name in TYPES and name not in KNOWN_TO_MLXP:
            self._artifact_types[name] = ArtifactType(save, load)
        elif name not in TYPES:
            super().register_artifact_type(name, save, load)

    def log_session(self) -> None:
        """Keep the interpreter's session, as 0.2.7 did."""
        import dill

        os.makedirs(self.session_dir, exist_ok=True)
        dill.dump_session(f"{self.session_dir}/last_session.pkl")

    def load_session(self) -> None:
        """Bring back the session that `log_session` kept."""
        import dill

        dill.load_session(f"{self.session_dir}/last_session.pkl")

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Come out of a pickle, of MLXP's own loggers as well."""
        if "_log_dir" not in state:
            super().__setstate__(state)
            return
        kept = {key: state[key] for key in ("parent_log_dir", "forced_log_id")}
        more = {"log_streams_to_file": False, "fsync": False, "_run_dir": Path(state["_log_dir"])}
        super().__setstate__({**kept, **more})


class DefaultLogger(Logger, ours.DefaultLogger):
    """MLXP's logger: a checkpoint is `artifacts/pickle/<log_name>`, without a suffix, as 1.0.5 has it."""

    def log_checkpoint(self, checkpoint: Any, log_name: str = "checkpoint") -> None:
        """Keep the latest state of the run."""
        positions = run_dirs.positions(self._run_dir)
        sha256 = self._keep(checkpoint, log_name, checkpoints.TYPE, self._types())
        checkpoints.record(self._run_dir, log_name, sha256, positions, fsync=self.fsync)

    def load_checkpoint(self, log_name: str = "checkpoint", root: str | os.PathLike[str] | None = None) -> Any:
        """A checkpoint by any of the paths that MLXP has kept one at; `root` is a run's directory or the folder.

        Raises `MissingArtifactError` where there is none.
        """
        folders = [Path(root)] if root else []
        run_dir = Path(root or self.log_dir)
        folders += [run_dir / "artifacts" / kind for kind in (checkpoints.TYPE, "Checkpoint", "")]
        candidates = [folder / f"{log_name}{suffix}" for folder in folders for suffix in ("", ".pkl")]
        found = next((path for path in candidates if path.is_file()), None)
        if found is None:
            raise MissingArtifactError(f"no checkpoint {log_name!r} in {run_dir}; log one with log_checkpoint")
        return TYPES[checkpoints.TYPE].load(str(found))
