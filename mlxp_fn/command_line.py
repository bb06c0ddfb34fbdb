"""What `python main.py …` does: read the flags, run the jobs, say what failed, exit with the truth."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import evolve

from mlxp_fn.config.argv import Flags, UsageError, parse_argv
from mlxp_fn.effects import terminal
from mlxp_fn.errors import MlxpError
from mlxp_fn.execution import Launch, Outcome
from mlxp_fn.sweeping import Runs, names, outcomes_of, sweep_from
from mlxp_fn.tracebacks import formatted

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def launch_from_command_line(launching: Launch, folder: Path, config_name: str, argv: Sequence[str]) -> Runs:
    """Run what `argv` asks for and return the runs.

    Exits with status 1 where a run failed or a config cannot be composed, 2 for a flag that is not understood,
    130 after Ctrl-C.
    """
    try:
        flags = parse_argv(tuple(argv))
        return _run(launching, folder, flags.config_name or config_name, flags)
    except MlxpError as error:
        if full_errors():
            raise
        terminal.say(f"error: {error}")
        sys.exit(USAGE if isinstance(error, UsageError) else FAILED)


def full_errors() -> bool:
    """Whether the user asked for whole tracebacks, by MLXP's variable or Hydra's."""
    return any(os.environ.get(name, "0") not in ("", "0") for name in ("MLXP_FULL_ERROR", "HYDRA_FULL_ERROR"))


def _run(launching: Launch, folder: Path, config_name: str, flags: Flags) -> Runs:
    sweep = sweep_from(launching, folder, config_name, flags.overrides)
    outcomes = tuple(outcomes_of(evolve(launching, show=_show), sweep))
    runs = Runs(tuple(outcome.run for outcome in outcomes))
    status = _exit_status(outcomes, len(sweep))
    if status:
        sys.exit(status)
    return runs


def _show(error: BaseException) -> None:
    """What a task raised, without the library's own frames."""
    terminal.say(formatted(error).rstrip())


def _exit_status(outcomes: Sequence[Outcome], total: int) -> int:
    """What the process exits with; where that is not 0, the last line says why."""
    *_, last = (*outcomes, None)
    if last and isinstance(last.error, KeyboardInterrupt):
        rest = f"; {total - len(outcomes)} of {total} were not begun" if len(outcomes) < total else ""
        terminal.say(f"interrupted: run {names([last.run])}{rest}")
        return INTERRUPTED
    failed = [outcome.run for outcome in outcomes if outcome.run.failed]
    if failed:
        terminal.say(f"{len(failed)} of {total} runs failed: {names(failed)}")
        return FAILED
    return 0
