"""Run directories: claimed by `mkdir`, born whole, run by one attempt at a time.

No lock file: a name belongs to whoever creates it, which holds on NFS and between hosts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from attrs import evolve

from mlxp_fn import layout
from mlxp_fn.effects.files import cannot, cut_torn_line, length_of_whole_lines, write_atomically
from mlxp_fn.errors import LogDirError, RunBusyError
from mlxp_fn.jobs.birth import event_line, events_in
from mlxp_fn.records import Event, Started, Status, fold

_last_claimed: dict[Path, int] = {}
"""Per parent directory, the highest id this process knows: a directory is listed once, not once a run."""


def claim_new(parent: Path) -> Path:
    """Make `parent/<id>` for the next free id and return it; ids have no gaps, whoever else claims meanwhile."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        identity = max(_last_claimed.get(parent, -1), _hint(parent))
        while True:
            identity = _last_taken(parent, identity) + 1
            try:
                os.mkdir(parent / str(identity))
            except FileExistsError:
                continue
            _last_claimed[parent] = identity
            _leave_hint(parent, identity)
            return parent / str(identity)
    except OSError as error:
        raise cannot("make a run directory in", parent, error) from error


def claim_forced(parent: Path, identity: int) -> Path:
    """Make `parent/<identity>`, or return it if it is there: its run goes on as a new attempt."""
    try:
        (parent / str(identity)).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("make the run directory", parent / str(identity), error) from error
    return parent / str(identity)


def is_born(run_dir: Path) -> bool:
    """Whether the directory is a run already."""
    return (run_dir / layout.METADATA).is_dir()


def give_birth(run_dir: Path, files: Mapping[str, bytes]) -> None:
    """Write all of `metadata/` (paths from the run directory to contents) and make it appear in one step."""
    unborn = f".{layout.METADATA}.{os.getpid()}"
    try:
        for name, content in files.items():
            path = run_dir / unborn / Path(name).relative_to(layout.METADATA)
            if not path.parent.exists():
                path.parent.mkdir(parents=True)
            path.write_bytes(content)
        for folder in (layout.METRICS, layout.ARTIFACTS):
            (run_dir / folder).mkdir(exist_ok=True)
        os.rename(run_dir / unborn, run_dir / layout.METADATA)
    except OSError as error:
        if is_born(run_dir):
            raise RunBusyError(f"another process has just made {run_dir}") from error
        raise cannot("write the metadata of", run_dir, error) from error
    finally:
        if (run_dir / unborn).exists():  # after a failure, or Ctrl-C
            from shutil import rmtree

            rmtree(run_dir / unborn, ignore_errors=True)


def claim_attempt(run_dir: Path, started: Callable[[int], Started]) -> Started:
    """Become the one who runs this run now; returns the event that says so, which `started` makes of its number.

    The event is in the file of the attempt when that file appears: no claim is without its owner. Raises
    `RunBusyError` where the attempt before has neither ended nor is known to be dead.
    """
    events = run_dir / layout.EVENTS
    events.mkdir(exist_ok=True)
    previous = max((int(path.stem) for path in events.glob("*.jsonl") if path.stem.isdigit()), default=0)
    if previous:
        _refuse_if_running(run_dir, previous)
    event = started(previous + 1)
    if previous:
        event = evolve(event, positions=positions(run_dir))
    claim = run_dir / layout.events_file(event.attempt)
    unclaimed = claim.with_name(f".{claim.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        unclaimed.write_bytes(event_line(event))
        os.link(unclaimed, claim)
    except FileExistsError as error:
        raise RunBusyError(f"another process has just begun attempt {event.attempt} of {run_dir}") from error
    except OSError as error:
        raise cannot("begin an attempt of", run_dir, error) from error
    finally:
        unclaimed.unlink(missing_ok=True)
    for log in (run_dir / layout.METRICS).rglob("*.json"):
        cut_torn_line(log)
    return event


def positions(run_dir: Path) -> dict[str, int]:
    """How many bytes of whole lines each metric log of a run has now."""
    from mlxp_fn.effects.listing import files_below  # a first attempt need not know

    folder = run_dir / layout.METRICS
    logs = [path for path in files_below(str(folder)) if path.endswith(".json")]
    return {path.removesuffix(".json"): length_of_whole_lines(folder / path) for path in sorted(logs)}


def read_past(run_dir: Path) -> tuple[Event, ...]:
    """What all attempts recorded so far, oldest first; nothing for a run that MLXP made."""
    attempts = sorted(int(path.stem) for path in (run_dir / layout.EVENTS).glob("*.jsonl") if path.stem.isdigit())
    return tuple(event for attempt in attempts for event in read_events(run_dir, attempt))


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
    silent = ", which has long given no sign of life" if status is Status.STALE else ""
    raise RunBusyError(
        f"run {run_dir.name} in {run_dir.parent} is running since {run.start.time} as process "
        f"{run.process_id} on {run.hostname}{silent}; wait for it, or launch without forced_log_id"
    )


def _hint(parent: Path) -> int:
    """The highest id that was ever given here, as far as the hint or, failing it, the directory tells."""
    try:
        hinted = int((parent / layout.LAST_ID).read_text())
    except (OSError, ValueError):
        hinted = -1
    if hinted >= 0 and (parent in _last_claimed or _is_taken(parent, hinted)):
        return hinted
    if parent in _last_claimed:
        return _last_claimed[parent]
    with os.scandir(parent) as entries:
        present = max((int(entry.name) for entry in entries if layout.is_run_name(entry.name)), default=0)
    return max(hinted, present)


def _last_taken(parent: Path, identity: int) -> int:
    """The end of the unbroken run of ids above `identity`, found by galloping and halving."""
    step, low = 1, identity
    while _is_taken(parent, low + step):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        if _is_taken(parent, middle):
            low = middle
        else:
            high = middle
    return low


def _is_taken(parent: Path, identity: int) -> bool:
    return os.path.lexists(parent / str(identity)) or os.path.lexists(parent / layout.TRASH / str(identity))


def _leave_hint(parent: Path, identity: int) -> None:
    if not (parent / layout.FORMAT).exists():
        (parent / layout.OURS).mkdir(exist_ok=True)
        write_atomically(parent / layout.FORMAT, b'{"format": 1}\n')
    write_atomically(parent / layout.LAST_ID, b"%d\n" % identity)
