"""What `python main.py …` does: read the flags, show or run, say what failed, exit with the truth."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from signal import SIGINT, Signals

from attrs import evolve
from msgspec import Struct
from msgspec.structs import replace

from mlxp_fn.config.argv import Flags, UsageError, parse_argv
from mlxp_fn.config.settings import structured
from mlxp_fn.config.sweeps import Job
from mlxp_fn.effects import environment, signals, terminal
from mlxp_fn.effects.environment import full_errors
from mlxp_fn.effects.marks import script_words
from mlxp_fn.errors import MlxpError, Preempted
from mlxp_fn.launching.command import Command, understood
from mlxp_fn.launching.execution import Launch, Outcome, execute
from mlxp_fn.launching.preparation import placed
from mlxp_fn.launching.sweeping import Runs, failure, names, outcomes_of
from mlxp_fn.launching.tracebacks import formatted, is_ours_alone
from mlxp_fn.launching.version_manager import start_from_version
from mlxp_fn.records import Status

FAILED, USAGE = 1, 2


class Ended(Struct, frozen=True, kw_only=True):
    """How a command line ended: its runs, the exit status, and the signal that ended it, to be delivered again."""

    runs: Runs = Runs(())
    status: int = 0
    signal: int | None = None


def launch_from_command_line(launching: Launch, folder: Path, config_name: str, argv: Sequence[str]) -> Runs:
    """Run what `argv` asks for and return the runs.

    Exits with status 1 where a run failed or a config cannot be composed, 2 for a flag that is not understood, and
    after Ctrl-C, SIGTERM and the like by that signal.
    """
    try:
        if address := environment.submission_address():
            _compose_for(address, launching, folder, config_name)
        ended = _obeyed(replace(launching, script=script_words()), folder, config_name, argv)
    except KeyboardInterrupt:
        terminal.say("interrupted while no task was running")
        ended = Ended(status=128 + SIGINT, signal=SIGINT)
    except Preempted as insisted:
        ended = Ended(status=FAILED, signal=Signals[insisted.signal])
    except MlxpError as error:
        usage = isinstance(error, UsageError)
        if full_errors() and not usage:
            raise
        terminal.say(f"error: {error}")
        sys.exit(USAGE if usage else FAILED)
    if ended.signal is not None:
        signals.end_by(ended.signal)
    if ended.status:
        sys.exit(ended.status)
    return ended.runs


def _obeyed(launching: Launch, folder: Path, config_name: str, argv: Sequence[str]) -> Ended:
    flags = parse_argv(argv)
    if flags.shell_completion:
        from mlxp_fn.launching.answers import completion

        if text := completion(flags, partial(understood, launching, folder, config_name)):
            terminal.show(text)
        # What the script does after the call is not meant for the shell.
        sys.exit()
    if flags.recorded:
        return _go_on(launching, flags)
    command = understood(launching, folder, config_name, flags)
    if not command.is_shown:
        return _run(command, argv)
    from mlxp_fn.launching.answers import shown

    terminal.show(shown(command))
    return Ended()


def _compose_for(address: str, launching: Launch, folder: Path, config_name: str) -> None:
    """Answer `mlxpsub`, which started this script to know its jobs; nothing is run."""
    from mlxp_fn.launching.submission import answer

    def jobs_of(flags: Flags) -> tuple[Job, ...]:
        return tuple(understood(launching, folder, config_name, flags).wanted())

    answer(launching, address, jobs_of)
    sys.exit()


def _go_on(launching: Launch, flags: Flags) -> Ended:
    """Run the next attempt of a run that is there, as a scheduler's job does; no config file is read."""
    from mlxp_fn.launching.recorded import recorded_job

    if flags != Flags(overrides=flags.overrides, recorded=flags.recorded):
        raise UsageError("--recorded takes everything from the run; other flags have no meaning beside it")
    job = recorded_job(Path(flags.recorded or ""), flags.overrides)
    outcome = execute(replace(launching, show=_show), job)
    run = evolve(outcome.run, result=None)
    return Ended(runs=Runs((run,)), status=_exit_status([outcome], 1), signal=outcome.signal)


def _run(command: Command, argv: Sequence[str]) -> Ended:
    sweep = command.wanted()
    if not sweep:
        terminal.say("there are no jobs to run")
    for job in islice(sweep, 1):
        settings = placed(structured(job.settings), command.launching.beside)
        if settings.use_scheduler and command.launching.script and environment.scheduler_job() is None:
            from mlxp_fn.launching.own_submission import submitted

            status = submitted(command.launching.script, argv, sweep, settings)
            return Ended(status=max(status, 0), signal=-status if status < 0 else None)
        start_from_version(settings, command.launching.home)
    outcomes: list[Outcome] = []
    try:
        # Nobody asks a command line for results: they are recorded, and may be large.
        outcomes.extend(
            replace(outcome, run=evolve(outcome.run, result=None))
            for outcome in outcomes_of(replace(command.launching, show=_show), sweep, command.flags.jobs)
        )
    except (MlxpError, KeyboardInterrupt):
        _exit_status(outcomes, len(sweep))
        raise
    return Ended(
        runs=Runs(tuple(outcome.run for outcome in outcomes)),
        status=_exit_status(outcomes, len(sweep)),
        signal=outcomes[-1].signal if outcomes else None,
    )


def _show(error: BaseException) -> None:
    """What a task raised, without the library's own frames."""
    alone = is_ours_alone(error) and not full_errors()
    terminal.say(f"error: {error}" if alone else formatted(error).rstrip())


def _exit_status(outcomes: Sequence[Outcome], total: int) -> int:
    """What the process exits with; where that is not 0, the last line says why."""
    last = outcomes[-1] if outcomes else None
    rest = f"; {total - len(outcomes)} of {total} were not begun" if len(outcomes) < total else ""
    if last and (signal := last.interrupted_by):
        by = "" if signal == "SIGINT" else f" by {signal}"
        torn = [each.run for each in outcomes if each.run.info.status is Status.INTERRUPTED]
        if last.failed and not torn:
            torn = [last.run]
        how = "" if torn else " when it had its result"
        terminal.say(f"interrupted{by}{how}: {'runs' if torn[1:] else 'run'} {names(torn or [last.run])}{rest}")
        return 128 + Signals[signal]
    failed = [outcome.run for outcome in outcomes if outcome.failed]
    if failed:
        terminal.say(f"{failure(failed, total)}{rest}")
        return FAILED
    return 0
