"""The code of a recorded run, had again: where it starts, and what of it cannot be had."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from mlxp_fn.effects.code_users import note_use
from mlxp_fn.effects.copying import copy_of
from mlxp_fn.effects.environment import interpreter
from mlxp_fn.effects.marks import VARIABLE, stand_ready
from mlxp_fn.effects.recorded_repositories import refuse_inside, root_of_record
from mlxp_fn.effects.repositories import repository
from mlxp_fn.effects.submodules import fill_submodules
from mlxp_fn.errors import LaunchError, VersionError
from mlxp_fn.records import Settings
from mlxp_fn.versions.marks import Mark, mark_text
from mlxp_fn.versions.recorded import RecordedCode
from mlxp_fn.versions.restarts import into_copy


@frozen(kw_only=True)
class Start:
    """How a script is started again: where, with which words, and what of its code is not as it was."""

    directory: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    missing: str = ""


def start_of(code: RecordedCode, settings: Settings, logs: Path) -> Start:
    """How the code of a run is started: the recorded commit from its copy, or what lies there now, and why that.

    Raises `LaunchError` where there is nothing to start.
    """
    if not code.script:
        raise LaunchError(
            "it was not launched by a script's command line, but by a notebook or by Python code; repeat it there, "
            "with its config: mlxp.run(task, 'metadata/config.yaml' of the run)"
        )
    try:
        found = _had(code, settings, logs)
    except VersionError as error:
        return _as_it_lies(code, str(error), logs)
    return found or _as_it_lies(code, "", logs)


def _had(code: RecordedCode, settings: Settings, logs: Path) -> Start | None:
    """The recorded commit, ready to start; None where it is what lies there. Raises `VersionError`."""
    if code.commit is None:
        raise VersionError("no commit of its code is recorded")
    if not code.is_whole:
        raise VersionError(f"it ran with changes to the commit {code.commit} that nobody kept")
    root = root_of_record(code, logs)
    if code.copy:
        place = code.copy
    elif _lies_there(code):
        return None
    else:
        above = Path(code.file).parent if code.file else Path(root)
        place = str(above / settings.version_manager.parent_work_dir / os.path.basename(root) / code.commit)
    refuse_inside(place, logs)
    made = copy_of(
        root, code.commit, Path(place), lambda copy: fill_submodules(root, copy, settings.version_manager.allow)
    )
    note_use(made, str(logs))
    copy = made.path
    script = tuple(into_copy(word, os.path.realpath(root), copy) for word in code.script)
    if code.file and not os.path.isfile(script[-1]):
        raise VersionError(f"its script {code.file} is not in the commit {code.commit}")
    if code.copy is None:
        # Data is named from where one stands; a module is found from there.
        directory = code.directory if code.file else into_copy(code.directory, os.path.realpath(root), copy)
        return _start(directory, script)
    mark = Mark(process=0, copy=copy, root=root, info=code.version or {})
    stand_ready(code.directory)
    return _start(code.directory, script, {VARIABLE: mark_text(mark)})


def _lies_there(code: RecordedCode) -> bool:
    """Whether the working tree is as the recorded commit, new files apart, as it was then."""
    state = repository(os.path.dirname(code.file or "") or code.directory)
    return state is not None and state["dirty"] is False and state["commit"] == code.commit


def _as_it_lies(code: RecordedCode, why: str, logs: Path) -> Start:
    script = code.in_repository()
    if code.file and not os.path.isfile(script[-1]):
        raise LaunchError(f"its script {script[-1]} is not there any more{f', and {why}' if why else ''}")
    if code.file:
        refuse_inside(script[-1], logs)
    return _start(code.original, script, missing=why)


def _start(
    directory: str, script: tuple[str, ...], more: Mapping[str, str] | None = None, missing: str = ""
) -> Start:
    if not os.path.isdir(directory):
        raise LaunchError(f"the directory {directory}, where it ran, is not there any more")
    return Start(directory=directory, argv=(interpreter(), *script), environ=more or {}, missing=missing)
