"""Log directories, read: every run becomes a row of a frame, from a few small files and, if it is ours, no YAML.

Nothing found there is executed. Runs that cannot be read are named, with the reason, and the others are read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import msgspec
import yaml

from mlxp_fn import jsonl, layout
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.files import cannot
from mlxp_fn.effects.indexed_runs import WORTH_KEEPING, indexed_columns
from mlxp_fn.effects.lookout import Look, lookout, true_status
from mlxp_fn.effects.metric_files import Disk
from mlxp_fn.effects.product_cells import artifact_cells, metric_cells
from mlxp_fn.effects.remarks import warn
from mlxp_fn.effects.run_files import RunFiles
from mlxp_fn.errors import LogDirError
from mlxp_fn.jobs.birth import events_in
from mlxp_fn.records import Birth, Event, RunInfo, Status, fold
from mlxp_fn.results.coded import placed
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.info_view import info_columns, input_columns, logger_columns
from mlxp_fn.results.stored_cells import placed_id, placed_path

Cells = dict[str, Any]

_UNREADABLE = (
    OSError, ValueError, TypeError, RecursionError, msgspec.MsgspecError, yaml.YAMLError
)  # fmt: skip

_LOGGER = {name: placed_path(path) for name, path in logger_columns(0, "").items()} | {"log_id": placed_id()}
"""The id and the directories of a run, wherever it lies."""

_decode_birth = msgspec.json.Decoder(Birth).decode


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
    with _listed(parent) as (directory, names):
        read = partial(_readable, parent, directory, disk)
        if ids is None and len(names) >= WORTH_KEEPING:
            columns = indexed_columns(parent, directory, names, read, disk)
            return Frame(columns, range(len(columns.run_dirs)), warn, now().time)
        chosen = names if ids is None else [name for name in names if int(name) in ids]
        rows = ({name: placed(cell, files.path) for name, cell in cells.items()} for files, cells in read(chosen))
        return Frame.from_rows(rows, warn, now().time)


@contextmanager
def _listed(parent: str) -> Iterator[tuple[int, list[str]]]:
    """A log directory, open, and the names of the runs in it by id."""
    try:
        directory = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise cannot("read the log directory", parent, error) from error
    try:
        yield directory, sorted(filter(layout.is_run_name, os.listdir(directory)), key=int)
    finally:
        os.close(directory)


def statuses_by_digest(parents: Iterable[str | os.PathLike[str]]) -> dict[str, set[Status]]:
    """What became of each config, known by its digest, in these log directories; only our own runs have one."""
    statuses: dict[str, set[Status]] = {}
    look = lookout()
    for parent in map(os.path.abspath, filter(os.path.isdir, parents)):
        with _listed(parent) as (directory, names):
            for name in names:
                with suppress(*_UNREADABLE):
                    files = RunFiles(parent, directory, name)
                    content = files.read(layout.BIRTH)
                    if content is not None:
                        status = true_status(fold(_events(files)), files.path, look)
                        statuses.setdefault(_decode(content).digest, set()).add(status)
    return statuses


def _readable(
    parent: str, directory: int, disk: Disk, names: Iterable[str]
) -> Iterator[tuple[RunFiles, Cells]]:
    unreadable, look = [], lookout()
    for name in names:
        try:
            files = RunFiles(parent, directory, name)
            cells = _read_run(files, disk, look)
        except _UNREADABLE as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            unreadable.append(f"{name} ({reason})")
            continue
        if cells is not None:
            yield files, cells
    if unreadable:
        warn(f"cannot read these runs of {parent}: {', '.join(unreadable)}")


def _read_run(files: RunFiles, disk: Disk, look: Look) -> Cells | None:
    """The cells of a run, or None where there is none yet."""
    content = files.read(layout.BIRTH)
    if content is None:
        cells, info = _written_by_mlxp(files), RunInfo()
    else:
        info = fold(_events(files))
        cells = _written_by_us(files, content, info, look)
    if cells is None:
        return None
    # A log that is called `config` must not hide a configuration: what is there first, stays.
    for more in (metric_cells(files.path, info, disk), artifact_cells(files.path, info)):
        for name, cell in more.items():
            cells.setdefault(name, cell)
    return cells


def _written_by_us(files: RunFiles, content: bytes, info: RunInfo, look: Look) -> Cells:
    birth = _decode(content)
    cells = {f"config.{key}": value for key, value in _config(files, birth).items()}
    _flatten(info_columns(info, _LOGGER), "info.", cells)
    cells["info.status"] = true_status(info, files.path, look).value
    cells["info.recorded_status"] = info.status.value
    cells["info.digest"] = birth.digest
    if info.submission is not None:
        cells.update(_job_cells(info, files.path))
    if info.inputs:
        cells["info.inputs"] = input_columns(info)
    if info.result is not None:
        _flatten({"result": info.result}, "info.", cells)
    return cells


def _job_cells(info: RunInfo, run_dir: str) -> Cells:
    """The state of a run's job and the scheduler's reason for it; nothing where the job is not known any more."""
    from mlxp_fn.effects.job_states import job_seen

    job = None if info.status is Status.COMPLETE else job_seen(info, run_dir)
    if job is None:
        return {}
    word = job.state.word if job.state else job.word.lower()
    return {"info.scheduler.state": word, "info.scheduler.reason": job.reason}


def _written_by_mlxp(files: RunFiles) -> Cells | None:
    parts = {"config": files.read(layout.CONFIG), "info": files.read(layout.INFO)}
    if None in parts.values():
        if not os.path.isdir(f"{files.path}/{layout.METADATA}"):
            return None
        missing = [part for part, content in parts.items() if content is None]
        raise LogDirError(f"there is no {layout.METADATA}/{missing[0]}.yaml")
    cells: Cells = {}
    for part, content in parts.items():
        _flatten(_parse(content, f"{part}.yaml"), f"{part}.", cells)
    # What the directory is called and where it lies, whatever the file says.
    cells |= {f"info.logger.{name}": _LOGGER[name] for name in ("log_id", "log_dir")}
    return cells


def _decode(content: bytes) -> Birth:
    try:
        return _decode_birth(content)
    except msgspec.DecodeError:  # a NaN, perhaps
        return msgspec.convert(jsonl.decode(content), Birth)


def _config(files: RunFiles, birth: Birth) -> Any:
    """The flat config: as it was at birth, unless somebody has edited `config.yaml`."""
    written, born = files.state(layout.CONFIG), files.state(layout.BIRTH)
    if written is None or born is None:
        return birth.config
    if written.st_mtime_ns <= born.st_mtime_ns and written.st_size == birth.config_size:
        return birth.config
    content = files.read(layout.CONFIG) or b""
    if hashlib.sha256(content).hexdigest() == birth.config_sha256:
        return birth.config
    flat: Cells = {}
    _flatten(_parse(content, layout.CONFIG), "", flat)
    return flat


def _events(files: RunFiles) -> Iterator[Event]:
    """The events of all attempts."""
    attempt = 0
    while (content := files.read(layout.events_file(attempt))) is not None:
        yield from events_in(content)
        attempt += 1
    if not attempt:
        raise LogDirError(f"there is no {layout.events_file(0)}")


def _flatten(tree: Any, prefix: str, into: Cells) -> None:
    if not isinstance(tree, dict):
        raise LogDirError(f"{prefix[:-1]} is no mapping but {type(tree).__name__}")
    for key, value in tree.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{key}.", into)
        else:
            into[f"{prefix}{key}"] = value


def _parse(content: bytes | None, name: str) -> Any:
    tree = parse_yaml((content or b"").decode(), name)
    return {} if tree is None else tree
