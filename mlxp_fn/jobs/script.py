"""The text of a job's script: the user's directives and ours, the environment, the place, one command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from attrs import frozen

from mlxp_fn.jobs.dialects import Dialect
from mlxp_fn.jobs.reading import LaunchLine

STDOUT, STDERR = "log.stdout", "log.stderr"
"""Where the output of a job goes in its run directory."""

_SIGNALS = ("TERM", "INT", "HUP", "USR1", "USR2")


@frozen(kw_only=True)
class Wishes:
    """What the person who submits asks for, beside the script."""

    hold: bool = False
    after: tuple[str, ...] = ()
    at_once: int | None = None


@frozen(kw_only=True)
class Grace:
    """The signal that a job is to be sent so many seconds before its time is over; none with 0."""

    seconds: int = 0
    signal: str = "USR1"


def job_script(
    *,
    launch: LaunchLine,
    overrides: Sequence[str],
    environment: Mapping[str, str],
    run_dir: str,
    header: Sequence[str],
    shebang: str = "#!/bin/bash",
) -> str:
    """The script of one run: its last command is the launch, unless lines follow it or its output is copied.

    `overrides` are the run's own, `environment` what the launch would have inherited.
    """
    command = launch.command
    words = (*command.words[: len(command.words) - len(command.arguments)], *overrides, "--recorded", run_dir)
    prefix = [f"export {name}={shlex.quote(environment[name])}" for name in launch.prefix if name in environment]
    return "\n".join(
        [
            shebang,
            *header,
            "",
            *launch.setup,
            *_moved(launch),
            *prefix,
            *(_waiting(launch, words) if launch.after or launch.tee else [f"exec {shlex.join(words)}"]),
            "",
        ]
    )


def _moved(launch: LaunchLine) -> list[str]:
    """To where the launch stood, unless the lines before it lead there."""
    move = f"cd -- {shlex.quote(launch.cwd)} || exit"
    moves = [line for line in launch.setup if line.startswith(("cd ", "pushd ", "popd"))]
    return [] if moves[-1:] == [move] else [move]


def _waiting(launch: LaunchLine, words: Sequence[str]) -> list[str]:
    """Run the launch as a child and pass signals on, for a shell that waits answers them too late."""
    copied = [f"exec 3> >(exec tee {shlex.join(launch.tee)})", "mlxp_tee=$!"] if launch.tee else []
    out = f" >&3{' 2>&1' if launch.joined else ''} 3>&-" if launch.tee else ""
    traps = [f"trap 'kill -{name} \"$mlxp_run\" 2>/dev/null' {name}" for name in _SIGNALS]
    return [
        *copied,
        f"{shlex.join(words)}{out} &",
        "mlxp_run=$!",
        *traps,
        *(["exec 3>&-"] if launch.tee else []),
        'wait "$mlxp_run"; mlxp_status=$?',
        'while kill -0 "$mlxp_run" 2>/dev/null; do wait "$mlxp_run"; mlxp_status=$?; done',
        f"trap - {' '.join(_SIGNALS)}",
        *(['wait "$mlxp_tee"'] if launch.tee else []),
        '[ "$mlxp_status" = 0 ] || [[ $- != *e* ]] || exit "$mlxp_status"',
        *launch.after,
        'exit "$mlxp_status"',
    ]


def header(
    dialect: Dialect, directives: Sequence[str], *, name: str, run_dir: str, is_step: bool, warning: Grace
) -> tuple[str, ...]:
    """The directives of a job: the user's, and then ours, which win where they meet."""
    return (
        *directives,
        dialect.line(dialect.name_flag, dialect.job_name(name)),
        dialect.line(dialect.stdout_flag, dialect.file(f"{run_dir}/{STDOUT}")),
        dialect.line(dialect.stderr_flag, dialect.file(f"{run_dir}/{STDERR}")),
        *_lasting(dialect, is_step, warning),
    )


def _lasting(dialect: Dialect, is_step: bool, warning: Grace) -> tuple[str, ...]:
    """What lets a job be warned and begun again, its output continued."""
    flag = dialect.step_warning_flag if is_step else dialect.warning_flag
    asked = [dialect.line(flag, f"{warning.signal}@{warning.seconds}")] if warning.seconds and flag else []
    repeated = [dialect.line(each) for each in (dialect.append_flag, dialect.requeue_flag) if each]
    return (*repeated, *asked)


def wished(dialect: Dialect, wishes: Wishes) -> tuple[str, ...]:
    """The flags on the command line for what is asked for this time, which a later submission need not repeat."""
    hold = (dialect.hold_flag,) if wishes.hold else ()
    after = (dialect.after_flag.replace("{}", ":".join(wishes.after)),) if wishes.after else ()
    return (*hold, *after)


def array_script(
    dialect: Dialect,
    directives: Sequence[str],
    *,
    name: str,
    run_dirs: Sequence[str],
    is_step: bool,
    warning: Grace,
    shebang: str = "#!/bin/bash",
) -> str:
    """The script of an array: a table from a task's number to its run directory, and the script that lies there.

    What the scheduler itself writes goes to one file for all; each task's output to its own run.
    """
    common = dialect.file(f"{run_dirs[0]}/log.array")
    lines = [
        shebang,
        *directives,
        dialect.line(dialect.name_flag, dialect.job_name(name)),
        dialect.line(dialect.stdout_flag, common),
        dialect.line(dialect.stderr_flag, common),
        *_lasting(dialect, is_step, warning),
        "",
        "runs=(",
        *(f"    {shlex.quote(run_dir)}" for run_dir in run_dirs),
        ")",
        f"run=${{runs[{dialect.task_variable}]}}",
        f'exec >>"$run/{STDOUT}" 2>>"$run/{STDERR}" || exit',
        'exec bash "$run/script.sh"',
        "",
    ]
    return "\n".join(lines)


def array_flag(dialect: Dialect, count: int, at_once: int | None) -> str:
    """The flag that asks for so many tasks, numbered from 0, and no more than `at_once` of them at a time.

    >>> from mlxp_fn.jobs.dialects import SLURM
    >>> array_flag(SLURM, 4, 2)
    '--array=0-3%2'
    """
    throttle = dialect.array_throttle.replace("{}", str(at_once)) if at_once else ""
    return dialect.array_flag.replace("{}", f"0-{count - 1}{throttle}")
