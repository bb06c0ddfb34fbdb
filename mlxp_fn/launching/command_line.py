"""What `python main.py …` does: read the flags, show or run, say what failed, exit with the truth."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from signal import SIGINT, Signals
from typing import Any

from attrs import evolve
from msgspec import Struct
from msgspec.structs import replace

from mlxp_fn.config.argv import Flags, UsageError, parse_argv
from mlxp_fn.config.composition import SETTINGS, Composed, compose_job
from mlxp_fn.config.merging import merged
from mlxp_fn.config.settings import structured
from mlxp_fn.config.source_files import Layer, Sources
from mlxp_fn.config.sweeps import Job, Sweep, sweep_of
from mlxp_fn.effects import environment, signals, terminal
from mlxp_fn.effects.environment import full_errors
from mlxp_fn.effects.marks import script_words
from mlxp_fn.effects.sources import read_sources, with_search_path
from mlxp_fn.effects.surroundings import surroundings
from mlxp_fn.errors import MissingConfigError, MlxpError, Preempted
from mlxp_fn.launching.execution import Launch, Outcome, execute
from mlxp_fn.launching.preparation import placed
from mlxp_fn.launching.sweeping import Runs, names, outcomes_of
from mlxp_fn.launching.tracebacks import formatted, is_ours_alone
from mlxp_fn.launching.version_manager import start_from_version
from mlxp_fn.records import Status, default_settings
from mlxp_fn.tree import Config
from mlxp_fn.tree.interpolation import Surroundings
from mlxp_fn.version import __version__

FAILED, USAGE = 1, 2


class Command(Struct, frozen=True, kw_only=True):
    """One command line, understood: the flags, and the config files that they lead to."""

    launching: Launch
    flags: Flags
    sources: Sources
    config_name: str
    surroundings: Surroundings

    def sweep(self) -> Sweep:
        """The jobs that the overrides mean."""
        return sweep_of(
            self.sources,
            self.flags.overrides,
            self.config_name,
            self.surroundings,
            self.settings,
            self.may_be_absent,
        )

    def composed(self) -> Composed:
        """The one job that the overrides mean. Raises `OverrideError` where they mean several."""
        return compose_job(
            self.sources,
            self.flags.overrides,
            self.config_name,
            self.surroundings,
            settings=self.settings,
            may_be_absent=self.may_be_absent,
        )

    def with_config(self, config: Mapping[Any, Any]) -> Job:
        """One job with a config that the caller brings; of the files only `mlxp.yaml` counts."""
        text = self.sources.text(SETTINGS)
        layers = (Layer("settings", {SETTINGS: text}),) if text else ()
        composed = compose_job(
            Sources(layers, base=config), surroundings=self.surroundings, settings=self.settings
        )
        return Job(index=0, overrides=(), config=composed.config, settings=composed.settings)

    @property
    def settings(self) -> dict[str, Any]:
        """Those that hold where nobody says otherwise."""
        settings: dict[str, Any] = merged(default_settings(), dict(self.launching.settings), {})
        return settings

    @property
    def may_be_absent(self) -> bool:
        """A script needs no `config.yaml`; a file that somebody has named must be there."""
        return self.config_name == "config"


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
        if text := _completion(flags, partial(understood, launching, folder, config_name)):
            terminal.show(text)
        # What the script does after the call is not meant for the shell.
        sys.exit()
    if flags.recorded:
        return _go_on(launching, flags)
    command = understood(launching, folder, config_name, flags)
    shown = _shown(command)
    if shown is None:
        return _run(command)
    terminal.show(shown)
    return Ended()


def _compose_for(address: str, launching: Launch, folder: Path, config_name: str) -> None:
    """Answer `mlxpsub`, which started this script to know its jobs; nothing is run."""
    from mlxp_fn.launching.submission import answer

    def jobs_of(flags: Flags) -> tuple[Job, ...]:
        return tuple(_wanted(understood(launching, folder, config_name, flags)))

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


def understood(launching: Launch, folder: Path, config_name: str, flags: Flags) -> Command:
    """The command that these flags mean. Raises `UsageError` for those that have no meaning here."""
    for given, advice in _UNSUPPORTED.items():
        if getattr(flags, given):
            raise UsageError(advice)
    if (flags.resolve or flags.package) and not (flags.cfg or flags.help):
        raise UsageError("--resolve and --package say what --cfg shows; add --cfg job")
    name = flags.config_name or config_name
    about = surroundings()
    if flags.config_path and not (launching.home / flags.config_path).is_dir():
        raise MissingConfigError(f"there is no config directory {str(launching.home / flags.config_path)!r}")
    sources = read_sources(
        launching.home / flags.config_path if flags.config_path else folder,
        [flags.config_dir] if flags.config_dir else [],
    )
    if launching.config_type:
        from mlxp_fn.config.typed import defaults_of

        sources = evolve(sources, base=defaults_of(launching.config_type))
    return Command(
        launching=launching,
        flags=flags,
        sources=with_search_path(sources, flags.overrides, name, about),
        config_name=name,
        surroundings=about,
    )


_UNSUPPORTED = {
    "experimental_rerun": "--experimental-rerun is Hydra's; the config of run 7 is logs/7/metadata/config.yaml",
}
"""Flags that are understood and cannot be served, and what to do instead."""


def _completion(flags: Flags, command_of: Callable[[Flags], Command]) -> str:
    """Shell code, or the candidates for the line that the shell has put into the environment."""
    from mlxp_fn.config.completion_words import request
    from mlxp_fn.views.completion_scripts import install_script, uninstall_script

    verb, shell = request(flags.overrides)
    script = os.path.abspath(sys.argv[0])
    match verb:
        case "install":
            return install_script(shell, script, sys.executable)
        case "uninstall":
            return uninstall_script(shell, script)
        case _:
            return "\n".join(_candidates(script, command_of))


def _candidates(script: str, command_of: Callable[[Flags], Command]) -> tuple[str, ...]:
    """What the word at the cursor can become; nothing where the configs cannot be read: a shell shows no errors."""
    from mlxp_fn.config.completion import completions
    from mlxp_fn.config.completion_words import composed_of_words, read_line, readable_flags

    text = os.environ.get("COMP_LINE", "")
    point = os.environ.get("COMP_POINT", "")
    line = read_line(text[: int(point)] if point.isdecimal() else text, script)
    try:
        command = command_of(readable_flags(line.words))
        given = command.flags.overrides
        composed = composed_of_words(
            command.sources, given, command.config_name, command.surroundings, command.settings
        )
        return completions(command.sources, composed, line.words, line.current, _UNSUPPORTED)
    except MlxpError:
        return ()


def _shown(command: Command) -> str | None:
    """What is to be printed instead of running; None where jobs are to run."""
    flags = command.flags
    asks_for_help = flags.help or flags.hydra_help
    if not (flags.version or asks_for_help or flags.cfg or flags.info or flags.dry_run):
        return None
    from mlxp_fn.views import config_text as views

    if flags.version:
        return f"mlxp_fn {__version__}"
    if asks_for_help:
        script = Path(command.launching.file).name
        purpose = inspect.getdoc(command.launching.task) or ""
        return views.help_text(script, purpose, command.sources, command.composed(), _UNSUPPORTED)
    if flags.cfg:
        return views.cfg_text(command.composed(), flags.cfg, flags.resolve, flags.package)
    if flags.info:
        return views.info_text(command.sources, command.composed(), flags.info)
    return views.jobs_text(_wanted(command))


def _run(command: Command) -> Ended:
    sweep = _wanted(command)
    if not sweep:
        terminal.say("there are no jobs to run")
    for job in islice(sweep, 1):
        start_from_version(placed(structured(job.settings), command.launching.beside), command.launching.home)
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


def _wanted(command: Command) -> Sweep:
    """The jobs, without those that `--only` leaves out: a config is known by its digest in the log directory."""
    sweep, only = command.sweep(), command.flags.only
    if not only:
        return sweep
    from mlxp_fn.effects.store import statuses_by_digest

    homes = {placed(structured(job.settings), command.launching.beside).logger.parent_log_dir for job in sweep}
    known = statuses_by_digest(homes)

    def is_wanted(config: Config) -> bool:
        statuses = known.get(config.digest)
        if statuses is None:
            return "missing" in only
        return "failed" in only and statuses <= {Status.FAILED, Status.INTERRUPTED, Status.LOST}

    return sweep.where(is_wanted)


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
        how = f"interrupted{by}: run" if last.failed else f"interrupted{by} when it had its result: run"
        terminal.say(f"{how} {names([last.run])}{rest}")
        return 128 + Signals[signal]
    failed = [outcome.run for outcome in outcomes if outcome.failed]
    if failed:
        terminal.say(f"{len(failed)} of {total} runs failed: {names(failed)}{rest}")
        return FAILED
    return 0
