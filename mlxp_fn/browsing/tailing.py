"""The ends of what runs print and log, and what comes after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.browsing.choice import Choice
from mlxp_fn.effects.following import Followed, followed, last_lines
from mlxp_fn.effects.listing import files_below
from mlxp_fn.effects.lookout import lookout, true_status
from mlxp_fn.effects.run_dirs import is_ours, read_info
from mlxp_fn.errors import NoRunError, SelectionError
from mlxp_fn.nearest import nearest
from mlxp_fn.records import Status

_GOING_ON = (Status.STARTING, Status.RUNNING, Status.STALE)


def tail_file(asked: Choice, *, log: str | None = None, stderr: bool = False) -> tuple[Path, Path]:
    """The directory of the one run that is asked for, and its file: a metric log's, or what it prints.

    Without a log it is `log.stdout`, or the first metric log of a run whose streams are not kept. Raises
    `NoRunError` where there is no such log, `SelectionError` for several runs.
    """
    ids = asked.ids()
    if len(ids) != 1:
        raise SelectionError(f"the tail of one run, please, not of {len(ids)}")
    run_dir = asked.place / str(ids[0])
    logs = sorted(name.removesuffix(".json") for name in files_below(str(run_dir / layout.METRICS)))
    streams = run_dir / (layout.STDERR if stderr else layout.STDOUT)
    if log is not None and log not in logs:
        near = nearest(log, logs)
        raise NoRunError(
            f"run {ids[0]} has no log {log!r}; {f'did you mean {near[0]!r}?' if near else _there_are(logs)}"
        )
    if log is None and (stderr or streams.exists()):
        if not streams.exists():
            raise NoRunError(f"{streams.name} of run {ids[0]} is not kept; see the setting log_streams_to_file")
        return run_dir, streams
    if log is None and not logs:
        raise NoRunError(f"run {ids[0]} has logged nothing, and what it prints is not kept")
    return run_dir, run_dir / layout.metric_file(log or logs[0])


def tail(file: Path, lines: int) -> Followed:
    """The last lines of a file, and where it ended."""
    return last_lines(file, lines)


def following(run_dir: Path, file: Path, start: int) -> Iterator[str]:
    """The lines that are appended to a file of a run, as they come, until the run has ended."""
    return followed(file, start, lambda: _goes_on(run_dir))


def _goes_on(run_dir: Path) -> bool:
    if not is_ours(run_dir):
        return True  # MLXP's own runs do not tell
    return true_status(read_info(run_dir), run_dir, lookout()) in _GOING_ON


def _there_are(logs: list[str]) -> str:
    return f"there are {', '.join(logs)}" if logs else "it has logged nothing"
