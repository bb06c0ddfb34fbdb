"""Log directories, read: every run becomes a row of a frame, but for those that cannot be read, which are named."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice

from mlxp_fn import layout
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.counting import counted
from mlxp_fn.effects.files import unlisted
from mlxp_fn.effects.indexed_runs import WORTH_KEEPING, indexed_columns
from mlxp_fn.effects.lookout import Look, lookout, true_status
from mlxp_fn.effects.metric_files import Disk
from mlxp_fn.effects.remarks import warn
from mlxp_fn.effects.run_cells import UNREADABLE, Cells, birth_in, events_of, read_cells
from mlxp_fn.effects.run_files import RunFiles
from mlxp_fn.records import Status, fold
from mlxp_fn.results.coded import placed
from mlxp_fn.results.frame import Frame

_FEW = 128
"""So many runs of known ids are looked for one by one; for more the directory is listed."""

_AT_ONCE = 128
"""How many runs' files are read one after the other."""


def read_runs(
    parent_log_dir: str | os.PathLike[str],
    ids: Container[int] | None = None,
    step_columns: tuple[str, ...] | None = None,
) -> Frame:
    """The runs of a log directory, by id: all of them, or those among `ids`.

    The metrics of resumed runs are one curve by the step columns of their settings, or by `step_columns`; where
    that is empty, all rows are shown. Raises `LogDirError` where there is no such directory.
    """
    parent, disk = os.path.abspath(parent_log_dir), Disk(step_columns)
    with _listed(parent, ids) as (directory, names, misnamed):
        read = partial(_readable, parent, directory, disk, () if ids is not None else misnamed)
        if ids is None and len(names) >= WORTH_KEEPING:
            columns = indexed_columns(parent, directory, names, read, disk)
            return Frame(columns, range(len(columns.run_dirs)), warn, now().time)
        chosen = names if ids is None else [name for name in names if int(name) in ids]
        rows = ({name: placed(cell, files.path) for name, cell in cells.items()} for files, cells in read(chosen))
        return Frame.from_rows(rows, warn, now().time)


@contextmanager
def _listed(parent: str, ids: Container[int] | None = None) -> Iterator[tuple[int, list[str], list[str]]]:
    """A log directory, open, the names of the runs in it by id, and those of runs whose name is no id.

    For a few of known `ids` it is not listed: there may be many thousand others.
    """
    try:
        directory = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise unlisted(parent, error) from error
    try:
        if isinstance(ids, Set) and len(ids) <= _FEW:
            asked = [name for name in map(str, sorted(ids)) if layout.is_run_name(name)]
            yield directory, [name for name in asked if _is_there(directory, name)], []
            return
        found = os.listdir(directory)
        names = sorted(filter(layout.is_run_name, found), key=int)
        numbers = (name for name in set(found).difference(names) if name.isascii() and name.isdigit())
        yield directory, names, [name for name in numbers if os.path.isdir(f"{parent}/{name}/{layout.METADATA}")]
    finally:
        os.close(directory)


def _is_there(directory: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except OSError:
        return False
    return True


def statuses_by_digest(parents: Iterable[str | os.PathLike[str]]) -> dict[str, set[Status]]:
    """What became of each config, known by its digest, in these log directories; only our own runs have one."""
    statuses: dict[str, set[Status]] = {}
    look = lookout()
    for parent in map(os.path.abspath, filter(os.path.isdir, parents)):
        for digest, status in _digests_and_statuses(parent, look):
            statuses.setdefault(digest, set()).add(status)
    return statuses


def _digests_and_statuses(parent: str, look: Look) -> Iterator[tuple[str, Status]]:
    with _listed(parent) as (directory, names, _):
        for name in names:
            with suppress(*UNREADABLE):
                files = RunFiles(parent, directory, name)
                if content := files.read(layout.BIRTH):
                    yield birth_in(content).digest, true_status(fold(events_of(files)), files.path, look)


def _readable(
    parent: str, directory: int, disk: Disk, misnamed: Iterable[str], names: Sequence[str]
) -> Iterator[tuple[RunFiles, Cells]]:
    look = lookout()
    unreadable = [
        f"{name} (an id has at most {layout.DIGITS} digits, and no zero first)" for name in sorted(misnamed)
    ]
    runs = (RunFiles(parent, directory, name) for name in counted(names, f"reading runs of {parent}"))
    for files in _read_ahead(runs):
        try:
            cells = read_cells(files, disk, look)
        except UNREADABLE as error:
            unreadable.append(f"{files.name} ({_reason(error, parent, files.name)})")
            continue
        if cells is not None:
            yield files, cells
    if unreadable:
        warn(f"cannot read these runs of {parent}: {', '.join(unreadable)}")


def _read_ahead(runs: Iterator[RunFiles]) -> Iterator[RunFiles]:
    while some := list(islice(runs, _AT_ONCE)):
        for files in some:
            files.read_ahead()
        yield from some


def _reason(error: Exception, parent: str, name: str) -> str:
    if isinstance(error, OSError) and error.strerror:
        file = os.fsdecode(error.filename or "").removeprefix(f"{parent}/").removeprefix(f"{name}/")
        return f"{file}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
