"""Run directories: born whole, run by one attempt at a time.

No lock file: a name belongs to whoever creates it, which holds on NFS and between hosts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from mlxp_fn import jsonl, layout
from mlxp_fn.effects.files import (
    cannot,
    cut_torn_line,
    length_of_whole_lines,
    settle,
    write_whole,
)
from mlxp_fn.errors import LogDirError, RunBusyError
from mlxp_fn.jobs.birth import event_line, events_in
from mlxp_fn.records import Birth, Event, RunInfo, Started, Status, fold


def is_born(run_dir: Path) -> bool:
    """Whether the directory is a run already."""
    return (run_dir / layout.METADATA).is_dir()


def is_ours(run_dir: Path) -> bool:
    """Whether there is a run with a history; the runs that MLXP made have none."""
    return (run_dir / layout.events_file(0)).exists()


def give_birth(run_dir: Path, files: Mapping[str, bytes], *, fsync: bool = False) -> None:
    """Write all of `metadata/` (paths from the run directory to contents) and make it appear in one step.

    What an attempt writes into is there where `files` say that one has begun. Raises `RunBusyError` where another
    process was faster; what is left where it cannot be written is no run.
    """
    unborn = f"{run_dir}/.{layout.METADATA}.{os.getpid()}"
    try:
        if os.path.lexists(unborn):  # of a process that was killed here, and had the same number
            _remove(unborn)
        os.mkdir(unborn)
        os.mkdir(f"{unborn}/{_EVENTS}")
        for name, content in files.items():
            write_whole(f"{unborn}/{name.removeprefix(_METADATA)}", content, fsync=fsync)
        if layout.events_file(1) in files:
            _make_folders(run_dir)
        if fsync:
            settle(f"{unborn}/{_EVENTS}")
            settle(unborn)
        os.rename(unborn, run_dir / layout.METADATA)
        if fsync:
            settle(run_dir)
    except OSError as error:
        if is_born(run_dir):
            raise RunBusyError(f"another process has just made {run_dir}") from error
        raise cannot("write the metadata of", run_dir, error) from error
    finally:
        if os.path.lexists(unborn):  # after a failure, or Ctrl-C
            _remove(unborn)


_METADATA = f"{layout.METADATA}/"
_EVENTS = layout.EVENTS.removeprefix(_METADATA)


def _make_folders(run_dir: Path) -> None:
    for folder in (layout.METRICS, layout.ARTIFACTS):
        (run_dir / folder).mkdir(exist_ok=True)


def _remove(folder: str) -> None:
    from shutil import rmtree  # only a failure needs it

    rmtree(folder, ignore_errors=True)


def read_birth(run_dir: Path) -> Birth:
    """What a run was made with. Raises `OSError`, `ValueError` or `msgspec.MsgspecError` for no such record."""
    return msgspec.convert(jsonl.decode((run_dir / layout.BIRTH).read_bytes()), Birth)


def claim_attempt(run_dir: Path, started: Callable[[int], Started], *, fsync: bool = False) -> Started:
    """Become the one who runs this run now; returns the event that says so, which `started` makes of its number.

    The event is in the file of the attempt when that file appears: no claim is without its owner. Raises
    `RunBusyError` where the attempt before has neither ended nor is known to be dead.
    """
    events = run_dir / layout.EVENTS
    previous = last_attempt(run_dir)
    if previous:
        _refuse_if_running(run_dir, previous)
    event = started(previous + 1)
    if previous:
        event = replace(event, positions=positions(run_dir))
    claim = run_dir / layout.events_file(event.attempt)
    unclaimed = claim.with_name(f".{claim.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        events.mkdir(exist_ok=True)  # MLXP's own runs have none
        write_whole(unclaimed, event_line(event), fsync=fsync)
        os.link(unclaimed, claim)
        _make_folders(run_dir)
        if fsync:
            settle(events)
        for pattern in ("*.json", f"{Path(layout.METRIC_KEYS).name}/**/*.yaml"):
            for log in (run_dir / layout.METRICS).rglob(pattern):
                cut_torn_line(log)
        if previous:
            from mlxp_fn.effects.artifacts import remove_unfinished  # a first attempt finds none

            remove_unfinished(run_dir)
    except FileExistsError as error:
        raise RunBusyError(f"another process has just begun attempt {event.attempt} of {run_dir}") from error
    except OSError as error:
        raise cannot("begin an attempt of", run_dir, error) from error
    finally:
        with suppress(OSError):  # it is not there, and a disk that refuses it has been told of
            unclaimed.unlink()
    return event


def last_attempt(run_dir: Path) -> int:
    """The number of the attempt that was claimed last; 0 where none was."""
    events = (run_dir / layout.EVENTS).glob("*.jsonl")
    return max((int(path.stem) for path in events if path.stem.isdigit()), default=0)


def positions(run_dir: Path) -> dict[str, int]:
    """How many bytes of whole lines each metric log of a run has now."""
    from mlxp_fn.effects.listing import files_below  # a first attempt need not know

    folder = run_dir / layout.METRICS
    logs = [path for path in files_below(str(folder)) if path.endswith(".json")]
    try:
        return {path.removesuffix(".json"): length_of_whole_lines(folder / path) for path in sorted(logs)}
    except OSError as error:
        raise cannot("read the metrics of", run_dir, error) from error


def read_past(run_dir: Path) -> tuple[Event, ...]:
    """What all attempts recorded so far, oldest first; nothing for a run that MLXP made."""
    attempts = sorted(int(path.stem) for path in (run_dir / layout.EVENTS).glob("*.jsonl") if path.stem.isdigit())
    return tuple(event for attempt in attempts for event in read_events(run_dir, attempt))


def read_info(run_dir: Path) -> RunInfo:
    """The state of a run. Raises `LogDirError` for what is no run of ours, or cannot be read."""
    if not is_born(run_dir) or not is_ours(run_dir):
        raise LogDirError(f"{run_dir} is no run of mlxp_fn: there is no {layout.events_file(0)}")
    return fold(read_past(run_dir))


def read_events(run_dir: Path, attempt: int) -> list[Event]:
    """What one attempt recorded, oldest first."""
    try:
        return events_in((run_dir / layout.events_file(attempt)).read_bytes())
    except OSError as error:
        raise cannot("read the events of", run_dir, error) from error
    except msgspec.ValidationError as error:
        raise LogDirError(f"{run_dir / layout.events_file(attempt)} is damaged: {error}") from error


def _refuse_if_running(run_dir: Path, attempt: int) -> None:
    # Of this attempt alone: a run that is complete stays so, whoever runs it again.
    run = fold([*read_events(run_dir, 0), *read_events(run_dir, attempt)])
    if run.start is None or run.status is not Status.RUNNING:
        return
    from mlxp_fn.effects.lookout import lookout, true_status  # a first attempt needs no look around

    status = true_status(run, run_dir, lookout())
    if status is Status.LOST:
        return
    who = f"run {run_dir.name} in {run_dir.parent} is running since {run.start.time} as process {run.process_id}"
    if status is Status.STALE:
        raise RunBusyError(
            f"{who} on {run.hostname}, and has long given no sign of life; if you know that it is dead, "
            f"settle it with: mlxp doctor {run_dir.parent} --stale {run_dir.name}"
        )
    raise RunBusyError(f"{who} on {run.hostname}; wait for it, or launch without forced_log_id")
