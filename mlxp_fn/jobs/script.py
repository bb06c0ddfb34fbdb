"""The text of a job's script: the user's directives and ours, the environment, the place, one command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.jobs.dialects import Dialect
from mlxp_fn.jobs.reading import LaunchLine
from mlxp_fn.jobs.trace import in_job

_SIGNALS = ("TERM", "INT", "HUP", "USR1", "USR2")
_NUMBERS = {"HUP": 1, "INT": 2, "USR1": 10, "USR2": 12, "TERM": 15}


@frozen(kw_only=True)
class SubmitOptions:
    """What the person who submits asks for, beside the script."""

    hold: bool = False
    after: tuple[str, ...] = ()
    at_once: int | None = None


@frozen(kw_only=True)
class EndWarning:
    """The signal that a job is to be sent so many seconds before its time is over; none with 0.

    Without a name nobody listens to any.
    """

    seconds: int = 0
    signal: str = "USR1"


def job_script(
    *,
    launch: LaunchLine,
    overrides: Sequence[str],
    environment: Mapping[str, str],
    run_dir: str,
    header: Sequence[str],
    opening: Sequence[str] = (),
    shebang: str = "#!/bin/bash",
) -> str:
    """The script of one run: its last command is the launch, unless something is to be done after it.

    `overrides` are the run's own, `environment` what the launch would have inherited; `opening` comes first.
    """
    command = launch.command
    words = (*command.words[: len(command.words) - len(command.arguments)], *overrides, "--recorded", run_dir)
    prefix = [f"export {name}={shlex.quote(environment[name])}" for name in launch.prefix if name in environment]
    return "\n".join(
        [
            shebang,
            *header,
            "",
            *opening,
            *launch.setup,
            *_copy_there(launch, run_dir),
            *_moved(launch),
            *prefix,
            *(_waiting(launch, words) if _is_awaited(launch) else [f"exec {shlex.join(words)}"]),
            "",
        ]
    )


def _is_awaited(launch: LaunchLine) -> bool:
    """Whether something is to be done when the launch has ended."""
    return bool(launch.after or launch.tee) or any(line.startswith("trap ") for line in launch.setup)


def ignored_at_first(warning: EndWarning) -> tuple[str, ...]:
    """A warning that comes before the task can be told ends nothing: Python inherits that, and then listens."""
    return (f"trap '' {warning.signal}",) if warning.signal else ()


def _copy_there(launch: LaunchLine, run_dir: str) -> list[str]:
    """A copy of the code that was deleted while the job waited is made again."""
    if not launch.copy:
        return []
    there = f"[ -e {shlex.quote(f'{launch.copy}/.git')} ] && [ -d {shlex.quote(launch.cwd)} ]"
    return [f"{there} || {shlex.join((*launch.copy_again, launch.copy, launch.cwd, run_dir))} || exit"]


def _moved(launch: LaunchLine) -> list[str]:
    """To where the launch stood, unless the lines before it lead there."""
    move = f"cd -- {shlex.quote(launch.cwd)} || exit"
    moves = [line for line in launch.setup if line.startswith(("cd ", "pushd ", "popd"))]
    return [] if moves[-1:] == [move] else [move]


def _waiting(launch: LaunchLine, words: Sequence[str]) -> list[str]:
    """Run the launch as a child and pass signals on, for a shell that waits answers them too late."""
    signals = " ".join(_SIGNALS)
    # What writes the copy is there as long as the run speaks.
    tee = f"trap '' {signals}; exec tee {' '.join(map(in_job, launch.tee))}"
    copied = [f"exec 3> >({tee})", "mlxp_tee=$!"] if launch.tee else []
    out = f" >&3{' 2>&1' if launch.joined else ''} 3>&-" if launch.tee else ""
    traps = [f"trap 'kill -{name} \"$mlxp_run\" 2>/dev/null || :' {name}" for name in _SIGNALS]
    return [
        *copied,
        f"{shlex.join(words)}{out} &",
        "mlxp_run=$!",
        *traps,
        *(["exec 3>&-"] if launch.tee else []),
        # A signal ends the waiting, and must not end the shell under `set -e`.
        'while mlxp_status=0; wait "$mlxp_run" || mlxp_status=$?; kill -0 "$mlxp_run" 2>/dev/null; do :; done',
        f"trap - {signals}",
        *(['wait "$mlxp_tee"'] if launch.tee else []),
        *launch.after_needs,
        # What the lines after the launch see in `$?`; and their end under `set -e`.
        '(exit "$mlxp_status")',
        *launch.after,
        'exit "$mlxp_status"',
    ]


def header(
    dialect: Dialect,
    directives: Sequence[str],
    *,
    name: str,
    script: str,
    is_step: bool,
    warning: EndWarning,
) -> tuple[str, ...]:
    """The directives of a job: the user's, and then ours, which win where they meet."""
    run_dir = str(PurePath(script).parent)
    if dialect.appends:
        out, err = (dialect.file(run_dir, file) for file in (layout.STDOUT, layout.STDERR))
        files = [dialect.line(dialect.stdout_flag, out), dialect.line(dialect.stderr_flag, err)]
    else:
        files = _one_file(dialect, run_dir)
    return (
        *directives,
        dialect.line(dialect.name_flag, dialect.job_name(name)),
        *_script_told(dialect, script),
        *files,
        *_lasting(dialect, is_step, warning),
    )


def _script_told(dialect: Dialect, script: str) -> list[str]:
    return [dialect.line(dialect.script_flag, script)] if dialect.script_flag else []


def opening(dialect: Dialect, run_dir: str, surroundings: Mapping[str, str]) -> tuple[str, ...]:
    """What a job's script does for a scheduler that does not: open its files, set variables."""
    out, err = (shlex.quote(f"{run_dir}/{file}") for file in (layout.STDOUT, layout.STDERR))
    files = f"exec >>{out} 2>>{err} || exit"
    variables = (f"export {name}={shlex.quote(value)}" for name, value in surroundings.items())
    return (*variables, *(() if dialect.appends else (files,)))


def _one_file(dialect: Dialect, run_dir: str) -> list[str]:
    """Where what is not the task's goes: what the scheduler itself prints."""
    common = dialect.file(run_dir, layout.ARRAY_LOG)
    joined = dialect.line(dialect.joined_flag) if dialect.joined_flag else dialect.line(dialect.stderr_flag, common)
    return [dialect.line(dialect.stdout_flag, common), joined]


def _lasting(dialect: Dialect, is_step: bool, warning: EndWarning) -> tuple[str, ...]:
    """What lets a job be warned and begun again, its output continued."""
    flags = (is_step and dialect.step_warning) or dialect.warning
    values = {
        "{signal}": warning.signal,
        "{number}": str(_NUMBERS.get(warning.signal, warning.signal)),
        "{seconds}": str(warning.seconds),
        "{minutes}": str(-(-warning.seconds // 60)),
    }
    asked = [_filled(flag, values) for flag in flags] if warning.seconds else []
    return tuple(dialect.line(flag) for flag in (*dialect.always, *asked))


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        pattern = pattern.replace(placeholder, value)
    return pattern


def option_flags(dialect: Dialect, options: SubmitOptions) -> tuple[str, ...]:
    """The flags on the command line for what is asked for this time, which a later submission need not repeat.

    >>> from mlxp_fn.jobs.dialects import OAR, SLURM
    >>> option_flags(SLURM, SubmitOptions(hold=True, after=("3", "4")))
    ('--hold', '--dependency=afterok:3:4')
    >>> option_flags(OAR, SubmitOptions(after=("3", "4")))
    ('-a', '3', '-a', '4')
    """
    hold = (dialect.hold_flag,) if options.hold else ()
    each = [dialect.after_each.replace("{}", job) for job in options.after]
    jobs = [dialect.after_between.join(each)] if dialect.after_between and each else each
    return (*hold, *(word.replace("{}", job) for job in jobs for word in dialect.after))


def command_of(dialect: Dialect, options: SubmitOptions, script: str) -> tuple[str, ...]:
    """The words that ask for the job of a script; where and with what they are called, the dialect says.

    >>> from mlxp_fn.jobs.dialects import OAR
    >>> command_of(OAR, SubmitOptions(hold=True), "/home/me/logs/7/script.sh")
    ('oarsub', '-S', '--hold', './script.sh')
    """
    named = {"path": (script,), "name": (f"./{PurePath(script).name}",), "stdin": ()}[dialect.given]
    return (*dialect.submit, *option_flags(dialect, options), *named)


def array_script(
    dialect: Dialect,
    directives: Sequence[str],
    *,
    name: str,
    script: str,
    run_dirs: Sequence[str],
    at_once: int | None,
    is_step: bool,
    warning: EndWarning,
    shebang: str = "#!/bin/bash",
) -> str:
    """The script of an array: a table from a task's number to its run directory, and the script that lies there.

    What the scheduler itself writes goes to one file for all; each task's output to its own run.
    """
    count = array_flag(dialect, dialect.job_name(name), len(run_dirs), at_once)
    named = [] if "{name}" in dialect.array_flag else [dialect.line(dialect.name_flag, dialect.job_name(name))]
    number = f"{dialect.task_variable} - {dialect.array_first}" if dialect.array_first else dialect.task_variable
    lines = [
        shebang,
        *directives,
        dialect.line(count),
        *named,
        *_script_told(dialect, script),
        *_one_file(dialect, run_dirs[0]),
        *_lasting(dialect, is_step, warning),
        "",
        "runs=(",
        *(f"    {shlex.quote(run_dir)}" for run_dir in run_dirs),
        ")",
        f"run=${{runs[{number}]}}",
        f'exec >>"$run/{layout.STDOUT}" 2>>"$run/{layout.STDERR}" || exit',
        f'exec bash "$run/{layout.SCRIPT}"',
        "",
    ]
    return "\n".join(lines)


def array_flag(dialect: Dialect, name: str, count: int, at_once: int | None) -> str:
    """The flag that asks for so many tasks, and no more than `at_once` of them at a time.

    >>> from mlxp_fn.jobs.dialects import SGE, SLURM
    >>> array_flag(SLURM, "logs/1-4", 4, 2), array_flag(SGE, "logs-1-4", 4, 2)
    ('--array=0-3%2', '-t 1-4 -tc 2')
    """
    values = {
        "{first}": str(dialect.array_first),
        "{last}": str(dialect.array_first + count - 1),
        "{count}": str(count),
        "{throttle}": dialect.array_throttle.replace("{}", str(at_once)) if at_once else "",
        "{name}": name,
    }
    return _filled(dialect.array_flag, values)
