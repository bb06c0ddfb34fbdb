"""Events that are added to a run from outside: by whoever tags it, or settles what became of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.files import LineWriter, cannot, unlisted
from mlxp_fn.effects.run_dirs import is_born, is_ours, read_past
from mlxp_fn.errors import LogDirError
from mlxp_fn.jobs.birth import event_line
from mlxp_fn.records import Event, RunInfo, fold


def run_dirs_of(parent: Path) -> Iterator[Path]:
    """The directories of our runs in a log directory, by id; MLXP's have no events."""
    try:
        names = sorted(filter(layout.is_run_name, os.listdir(parent)), key=int)
    except OSError as error:
        raise unlisted(parent, error) from error
    return (parent / name for name in names if is_ours(parent / name))


def read_info(run_dir: Path) -> RunInfo:
    """The state of a run. Raises `LogDirError` for what is no run of ours, or cannot be read."""
    if not is_born(run_dir) or not is_ours(run_dir):
        raise LogDirError(f"{run_dir} is no run of mlxp_fn: there is no {layout.events_file(0)}")
    return fold(read_past(run_dir))


def add_event(run_dir: Path, event: Event) -> None:
    """Append an event, by one write, to the file that belongs to no attempt."""
    path = run_dir / layout.events_file(0)
    try:
        # The line of somebody who was killed while writing it must not swallow this one.
        torn = not path.read_bytes().endswith(b"\n")
    except OSError as error:
        raise cannot("read", path, error) from error
    lines = LineWriter(path)
    lines.append(b"\n" * torn + event_line(event))
    lines.close()
