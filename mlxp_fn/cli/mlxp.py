"""The command line `mlxp`: a table of commands, each in a module that is imported when it is called.

A command is a function of the library that returns a record, and a renderer of that record.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from mlxp_fn.effects.environment import full_errors
from mlxp_fn.errors import MlxpError
from mlxp_fn.version import __version__

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "cancel": "mlxp_fn.cli.cancelling",
        "demo": "mlxp_fn.cli.demo",
        "doctor": "mlxp_fn.cli.doctor",
        "ls": "mlxp_fn.cli.listing",
        "new": "mlxp_fn.cli.new",
        "resubmit": "mlxp_fn.cli.resubmitting",
        "tag": "mlxp_fn.cli.tagging",
    }
)
"""Which module has the `command` of that name."""


INTERRUPTED = 130
"""The exit status after Ctrl-C, as a shell has it."""


class _Failure(click.ClickException):
    """An error of the library's as one line on stderr, with exit status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"error: {self.message}", err=True)


class _Commands(click.Group):
    """The table above as click sees it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        command: click.Command | None = import_module(module).command if module else None
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MlxpError as error:
            if full_errors():
                raise
            raise _Failure(str(error)) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mlxp (mlxp_fn) %(version)s")
def main() -> None:
    """Run a task many times, keep every run, ask all of them together.

    A task is launched as a script of yours: python main.py seed=1,2
    """
