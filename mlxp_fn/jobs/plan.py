"""What is to be written and asked of a scheduler, decided before any of it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePath

from attrs import evolve, field, frozen

from mlxp_fn import layout
from mlxp_fn.jobs.dialects import Dialect
from mlxp_fn.jobs.reading import LaunchLine
from mlxp_fn.jobs.script import (
    EndWarning,
    SubmitOptions,
    array_script,
    command_of,
    header,
    ignored_at_first,
    job_script,
    opening,
)


@frozen(kw_only=True)
class PlannedRun:
    """A run and the launch that it is of."""

    launch: LaunchLine
    environment: Mapping[str, str]
    overrides: tuple[str, ...]
    run_dir: str
    warning: EndWarning

    @property
    def name(self) -> str:
        """What its job is called: `logs/7`."""
        return "/".join(PurePath(self.run_dir).parts[-2:])

    @property
    def script(self) -> str:
        """Where its script lies."""
        return f"{self.run_dir}/{layout.SCRIPT}"


@frozen(kw_only=True)
class WriteScript:
    """A script to be written."""

    path: str
    text: str


@frozen(kw_only=True)
class Submit:
    """One request to the scheduler: a job for one run, or an array for several."""

    script: str
    command: tuple[str, ...]
    run_dirs: tuple[str, ...]
    is_array: bool = False


Action = WriteScript | Submit


@frozen(kw_only=True)
class Style:
    """How runs are submitted: in which dialect, under which of the user's directives, as arrays of which length.

    `surroundings` are the variables that their scripts set.
    """

    dialect: Dialect
    directives: tuple[str, ...] = ()
    surroundings: Mapping[str, str] = field(factory=dict)
    shebang: str = "#!/bin/bash"
    options: SubmitOptions = field(factory=SubmitOptions)
    array_limit: int | None = None


def plan(runs: Sequence[PlannedRun], style: Style) -> tuple[Action, ...]:
    """All scripts, and then what is asked of the scheduler, in the order of the runs."""
    written = tuple(WriteScript(path=run.script, text=_script(run, style)) for run in runs)
    if style.array_limit is None:
        return (*written, *(_single(run, style) for run in runs))
    actions = [action for chunk in _chunks(runs, style.array_limit) for action in _array(chunk, style)]
    scripts = [action for action in actions if isinstance(action, WriteScript)]
    return (*written, *scripts, *(action for action in actions if isinstance(action, Submit)))


def _script(run: PlannedRun, style: Style) -> str:
    return job_script(
        launch=evolve(run.launch, command=run.launch.command.ignoring(run.warning.signal)),
        overrides=run.overrides,
        environment=run.environment,
        run_dir=run.run_dir,
        header=header(
            style.dialect,
            style.directives,
            name=run.name,
            script=run.script,
            is_step=run.launch.command.is_step,
            warning=run.warning,
        ),
        opening=(*ignored_at_first(run.warning), *opening(style.dialect, run.run_dir, style.surroundings)),
        shebang=style.shebang,
    )


def request_for(
    dialect: Dialect, options: SubmitOptions, script: str, run_dirs: Sequence[str], *, is_array: bool = False
) -> Submit:
    """What is asked of a scheduler for the job of a script."""
    command = command_of(dialect, options, script)
    return Submit(script=script, command=command, run_dirs=tuple(run_dirs), is_array=is_array)


def _single(run: PlannedRun, style: Style) -> Submit:
    return request_for(style.dialect, style.options, run.script, (run.run_dir,))


def _chunks(runs: Sequence[PlannedRun], limit: int) -> Iterator[Sequence[PlannedRun]]:
    """Runs that follow each other and can be tasks of one array: warned alike, in one log directory."""

    def alike(run: PlannedRun) -> tuple[object, ...]:
        return run.warning, run.launch.command.is_step, str(PurePath(run.run_dir).parent)

    for _, group in groupby(runs, alike):
        members = list(group)
        yield from (members[start : start + limit] for start in range(0, len(members), limit))


def _array(runs: Sequence[PlannedRun], style: Style) -> Iterator[Action]:
    if len(runs) == 1:
        yield _single(runs[0], style)
        return
    first, last = runs[0], runs[-1]
    path = f"{first.run_dir}/{layout.ARRAY_SCRIPT}"
    run_dirs = [run.run_dir for run in runs]
    text = array_script(
        style.dialect,
        style.directives,
        name=f"{first.name}-{PurePath(last.run_dir).name}",
        script=path,
        run_dirs=run_dirs,
        at_once=style.options.at_once,
        is_step=first.launch.command.is_step,
        warning=first.warning,
        shebang=style.shebang,
    )
    yield WriteScript(path=path, text=text)
    yield request_for(style.dialect, style.options, path, run_dirs, is_array=True)
