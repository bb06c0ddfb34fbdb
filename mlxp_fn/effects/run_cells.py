"""The cells of one run: from a few small files and, if it is ours, no YAML.

Nothing found there is executed, and nothing is believed that leads elsewhere.
"""

from __future__ import annotations

import hashlib
import os
from itertools import count
from typing import Any

import msgspec
import yaml

from mlxp_fn import jsonl, layout
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.effects.lookout import Look, true_status
from mlxp_fn.effects.metric_files import Disk
from mlxp_fn.effects.product_cells import product_cells
from mlxp_fn.effects.run_files import RunFiles
from mlxp_fn.errors import LogDirError
from mlxp_fn.jobs.birth import events_in
from mlxp_fn.records import Birth, Event, RunInfo, Status, fold
from mlxp_fn.results.cells import is_deep
from mlxp_fn.results.info_view import info_columns, input_columns, logger_columns
from mlxp_fn.results.naming import names_below
from mlxp_fn.results.stored_cells import placed_id, placed_path

Cells = dict[str, Any]

UNREADABLE = (OSError, ValueError, TypeError, RecursionError, msgspec.MsgspecError, yaml.YAMLError)
"""What is raised for a run that cannot be read."""

_DEEPEST = 100
"""How often lists and mappings may stand in one another; far less than what Python's own functions survive."""

_TOO_DEEP = f"nested more than {_DEEPEST} times"

_PLACE = {f"info.logger.{name}": placed_path(path) for name, path in logger_columns(0, "").items()}
_PLACE["info.logger.log_id"] = placed_id()
"""The id and the directories of a run, wherever it lies."""

_decode_birth = msgspec.json.Decoder(Birth).decode


def read_cells(files: RunFiles, disk: Disk, look: Look) -> Cells | None:
    """The cells of a run, or None where there is none yet. Raises one of `UNREADABLE`."""
    files.look()
    content = files.read(layout.BIRTH)
    if content is None:
        cells, info = _written_by_mlxp(files), RunInfo()
    else:
        info = fold(events_of(files))
        cells = _written_by_us(files, content, info, look)
    if cells is None:
        return None
    for name, product in product_cells(files.path, info, disk).items():
        cells.setdefault(name, product)  # a log that is called `config` must not hide a configuration
    return cells


def _written_by_us(files: RunFiles, content: bytes, info: RunInfo, look: Look) -> Cells:
    birth = birth_in(content)
    names = names_below("config.")
    cells = {names[key]: value for key, value in _config(files, birth).items()}
    _flatten(info_columns(info, {}), "info.", cells)
    cells |= _PLACE
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

    seen = None if info.status is Status.COMPLETE else job_seen(info, run_dir)
    if seen is None:
        return {}
    word = seen.state.word if seen.state else seen.job.word.lower()
    return {"info.scheduler.state": word, "info.scheduler.reason": seen.job.reason}


def _written_by_mlxp(files: RunFiles) -> Cells | None:
    parts = {"config": files.read(layout.CONFIG), "info": files.read(layout.INFO)}
    if None in parts.values():
        if not os.path.isdir(f"{files.path}/{layout.METADATA}"):
            _refuse_no_directory(files.path)
            return None
        missing = [part for part, content in parts.items() if content is None]
        raise LogDirError(f"there is no {layout.METADATA}/{missing[0]}.yaml")
    cells: Cells = {}
    for part, content in parts.items():
        _flatten(_parse(content, f"{part}.yaml"), f"{part}.", cells)
    # What the directory is called and where it lies, whatever the file says.
    cells |= {name: _PLACE[name] for name in ("info.logger.log_id", "info.logger.log_dir")}
    if is_deep(cells, _DEEPEST):
        raise LogDirError(_TOO_DEEP)
    return cells


def _refuse_no_directory(path: str) -> None:
    if os.path.lexists(path) and not os.path.isdir(path):
        raise LogDirError("a link that leads nowhere" if not os.path.exists(path) else "not a directory")


def _refuse_deep(content: bytes) -> None:
    may_be = len(content) > 2 * _DEEPEST and content.count(b"[") + content.count(b"{") > _DEEPEST
    if may_be and is_deep(jsonl.lines(content), _DEEPEST):
        raise LogDirError(_TOO_DEEP)


def birth_in(content: bytes) -> Birth:
    """What `run.json` says. Raises `LogDirError`, also for a format that is not known yet."""
    _refuse_deep(content)
    try:
        birth = _decode_birth(content)
    except msgspec.DecodeError:  # a NaN, perhaps
        try:
            birth = msgspec.convert(jsonl.decode(content), Birth)
        except (ValueError, msgspec.ValidationError) as error:
            raise LogDirError(f"{layout.BIRTH}: {error}") from error
    if birth.format > layout.VERSION:
        raise LogDirError(f"{layout.BIRTH}: format {birth.format}, of a newer mlxp_fn; here is {layout.VERSION}")
    return birth


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


def events_of(files: RunFiles) -> list[Event]:
    """The events of all attempts. Raises `LogDirError`."""
    events: list[Event] = []
    for attempt in count():
        file = layout.events_file(attempt)
        content = files.read(file)
        if content is None:
            break
        if content and not content.startswith(b"{"):
            raise LogDirError(f"{file} holds no events")
        _refuse_deep(content)
        try:
            events += events_in(content)
        except msgspec.ValidationError as error:
            raise LogDirError(f"{file}: {error}") from error
    if not attempt:
        raise LogDirError(f"there is no {file}")
    return events


def _flatten(tree: Any, prefix: str, into: Cells) -> None:
    if type(tree) is not dict:
        raise LogDirError(f"{prefix[:-1] or 'config'} is no mapping but {type(tree).__name__}")
    names = names_below(prefix)
    for key, value in tree.items():
        if type(value) is dict:
            _flatten(value, f"{names[key]}.", into)
        else:
            into[names[key]] = value


def _parse(content: bytes | None, name: str) -> Any:
    tree = parse_yaml((content or b"").decode(), name)
    return {} if tree is None else tree
