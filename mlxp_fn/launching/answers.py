"""What a launched script prints instead of running: help, configs, jobs, and what a shell completes."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path

from mlxp_fn.config.argv import Flags
from mlxp_fn.config.completion import completions
from mlxp_fn.config.completion_words import composed_of_words, read_line, readable_flags, request
from mlxp_fn.errors import MlxpError
from mlxp_fn.launching.command import UNSUPPORTED, Command
from mlxp_fn.version import __version__
from mlxp_fn.views.completion_scripts import install_script, uninstall_script
from mlxp_fn.views.config_text import cfg_text, help_text, info_text, jobs_text


def shown(command: Command) -> str:
    """What is printed of a command that runs nothing."""
    flags = command.flags
    if flags.version:
        return f"mlxp_fn {__version__}"
    if flags.help or flags.hydra_help:
        script = Path(command.launching.file).name
        purpose = inspect.getdoc(command.launching.task) or ""
        return help_text(script, purpose, command.sources, command.composed(), UNSUPPORTED)
    if flags.cfg:
        return cfg_text(command.composed(), flags.cfg, flags.resolve, flags.package)
    if flags.info:
        return info_text(command.sources, command.composed(), flags.info)
    return jobs_text(command.wanted())


def completion(flags: Flags, command_of: Callable[[Flags], Command]) -> str:
    """Shell code, or the candidates for the line that the shell has put into the environment."""
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
    text = os.environ.get("COMP_LINE", "")
    point = os.environ.get("COMP_POINT", "")
    line = read_line(text[: int(point)] if point.isdecimal() else text, script)
    try:
        command = command_of(readable_flags(line.words))
        given = command.flags.overrides
        composed = composed_of_words(
            command.sources, given, command.config_name, command.surroundings, command.settings
        )
        return completions(command.sources, composed, line.words, line.current, UNSUPPORTED)
    except MlxpError:
        return ()
