"""Jobs of several processes: one writes the record, the others have loggers that write nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mlxp_fn.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Silent(Logger):
    """What a process that is not the first logs with: it reads, where the run is known, and writes nothing."""

    writes: ClassVar[bool] = False

    def _claimed(self) -> Path:
        # The first process makes the run; only where its id was given do the others know it.
        return Path(self.parent_log_dir, str(max(self.forced_log_id, -1)))

    def log_metrics(self, metrics_dict: Mapping[str, Any], log_name: str) -> None:
        """Write nothing."""

    def log_artifacts(
        self, artifact: object, artifact_name: str, artifact_type: str, *, link: bool = False
    ) -> None:
        """Write nothing."""

    def log_checkpoint(self, checkpoint: Any, log_name: str = "checkpoint") -> None:
        """Write nothing."""

    def describe(self, *, name: str | None = None, tags: Iterable[str] = (), notes: str | None = None) -> None:
        """Write nothing."""

    def log_input(self, path: str | os.PathLike[str]) -> str:
        """Say what the first process records, and write nothing."""
        from mlxp_fn.effects import inputs

        return inputs.logged(os.fspath(path)).sha256

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self).__bases__[1], self.__getstate__())


def silenced(kind: type[Logger]) -> type[Logger]:
    """A class with the methods of a logger's class whose loggers write nothing."""
    return type(f"Silent{kind.__name__}", (_Silent, kind), {"__doc__": _Silent.__doc__})


def _restored(kind: type[Logger], state: Mapping[str, Any]) -> Logger:
    made = silenced(kind)
    logger = made.__new__(made)
    logger.__dict__.update(state, _artifact_types={})
    return logger
