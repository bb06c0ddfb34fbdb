"""The trash of a log directory: runs that were taken away, and can be brought back until it is emptied.

An entry keeps the id of its run for ever: of a run that was removed for good an empty folder stays.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree

from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.effects.files import cannot
from mlxp_fn.effects.listing import sizes_below
from mlxp_fn.effects.lookout import lookout, true_status
from mlxp_fn.effects.run_dirs import is_born, is_ours, read_info
from mlxp_fn.errors import NoRunError, RunBusyError
from mlxp_fn.records import Status, Unsubmitted

_GONE = f".{layout.METADATA}.removed"
"""What the metadata of a run is called from the moment that it is no run any more."""

_BUSY = (Status.RUNNING, Status.STALE, Status.STARTING)


@frozen(kw_only=True)
class Thrown:
    """A run in the trash, or on its way there: its id, the files of it, and their size in bytes."""

    id: int
    files: int
    size: int


def measured(parent: Path, ids: Iterable[int]) -> tuple[Thrown, ...]:
    """How much there is of runs that lie in a directory."""
    return tuple(_measured(parent / str(run)) for run in ids)


def throw_away(logs: Path, run: int, *, busy: bool = False) -> None:
    """Move a run into the trash, in one step. Raises `RunBusyError` for one that may run or wait, unless `busy`."""
    run_dir = logs / str(run)
    if not busy:
        _refuse_busy(run_dir)
    try:
        (logs / layout.TRASH).mkdir(parents=True, exist_ok=True)
        os.rename(run_dir, logs / layout.TRASH / str(run))
    except OSError as error:
        raise cannot("move to the trash", run_dir, error) from error


def bring_back(logs: Path, run: int) -> Path:
    """Move a run out of the trash, in one step; returns its directory."""
    run_dir, thrown = logs / str(run), logs / layout.TRASH / str(run)
    if os.path.lexists(run_dir):
        raise RunBusyError(f"{run_dir} is there; move it elsewhere to bring back run {run}")
    if not is_born(thrown):
        raise NoRunError(f"run {run} of {logs} was removed for good")
    try:
        os.rename(thrown, run_dir)
    except OSError as error:
        raise cannot("bring back", run_dir, error) from error
    return run_dir


def remove_for_good(logs: Path, run: int) -> None:
    """Remove all of a run in the trash but the folder that keeps its id."""
    thrown = logs / layout.TRASH / str(run)
    try:
        if is_born(thrown):
            os.rename(thrown / layout.METADATA, thrown / _GONE)
        with os.scandir(thrown) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    rmtree(entry.path)
                else:
                    os.unlink(entry.path)
    except OSError as error:
        raise cannot("remove", thrown, error) from error


def remains(logs: Path) -> list[int]:
    """The ids in the trash of which there is something, also of runs whose removal was cut short; ascending."""
    trash = logs / layout.TRASH
    try:
        with os.scandir(trash) as entries:
            ids = [int(entry.name) for entry in entries if layout.is_run_name(entry.name) and _is_folder(entry)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise cannot("read the trash", trash, error) from error
    return sorted(run for run in ids if any(os.scandir(trash / str(run))))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)  # a link leads to what is not ours to remove


def _refuse_busy(run_dir: Path) -> None:
    if not is_ours(run_dir):
        return  # MLXP's own runs do not tell
    info = read_info(run_dir)
    status = true_status(info, run_dir, lookout())
    has_no_job = status is Status.STARTING and isinstance(info.submission, Unsubmitted)
    if status in _BUSY and not has_no_job:
        raise RunBusyError(
            f"run {run_dir.name} of {run_dir.parent} is {status.value}; wait for it, cancel it, or say --force"
        )


def _measured(run_dir: Path) -> Thrown:
    sizes = list(sizes_below(str(run_dir)))
    return Thrown(id=int(run_dir.name), files=len(sizes), size=sum(sizes))
