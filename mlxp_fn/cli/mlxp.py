"""The command line `mlxp`: a table of commands, each in a module that is imported when it is called.

A command is a function of the library that returns a record, and a renderer of that record.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from mlxp_fn.errors import InvalidKeyError, InvalidMapError, MlxpError, QueryError, SelectionError
from mlxp_fn.nearest import nearest
from mlxp_fn.version import __version__
from mlxp_fn.views.printable import printable

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "ls": "mlxp_fn.cli.ls",
        "show": "mlxp_fn.cli.show",
        "diff": "mlxp_fn.cli.diff",
        "compare": "mlxp_fn.cli.compare",
        "tail": "mlxp_fn.cli.tail",
        "plot": "mlxp_fn.cli.drawing",
        "trace": "mlxp_fn.cli.trace",
        "export": "mlxp_fn.cli.export",
        "report": "mlxp_fn.cli.reporting",
        "tag": "mlxp_fn.cli.tagging",
        "rm": "mlxp_fn.cli.removing:rm",
        "restore": "mlxp_fn.cli.removing:restore",
        "gc": "mlxp_fn.cli.removing:gc",
        "checkout": "mlxp_fn.cli.checking_out",
        "rerun": "mlxp_fn.cli.repeating:rerun",
        "replicate": "mlxp_fn.cli.repeating:replicate",
        "cancel": "mlxp_fn.cli.cancelling",
        "resubmit": "mlxp_fn.cli.resubmitting",
        "doctor": "mlxp_fn.cli.doctor",
        "new": "mlxp_fn.cli.new",
        "demo": "mlxp_fn.cli.demo",
        "compat": "mlxp_fn.cli.compat",
        "completion": "mlxp_fn.cli.completion",
    }
)
"""Which module has the command of that name, as its `command` or as what stands behind the colon."""

NO, WRONG = 1, 2
"""The exit statuses where the answer is no, and where the question is wrong."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, as a shell has it."""


_WRONG_QUESTIONS = (QueryError, SelectionError, InvalidKeyError, InvalidMapError)


class _Failure(click.ClickException):
    """An error of the library's on stderr: the answer is no."""

    exit_code = NO

    def show(self, file: Any = None) -> None:
        click.echo(f"error: {printable(self.message, keep=chr(10))}", err=True)


class _Refusal(_Failure):
    """The question was wrong."""

    exit_code = WRONG


def _stand_in(context: click.Context, parameter: click.Parameter, directory: Path | None) -> None:
    if directory is not None:
        os.chdir(directory)


def _directory() -> click.Option:
    """`-C DIR`, which every command has, before its name or behind it."""
    return click.Option(
        ["-C", "stand_in"],
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        callback=_stand_in,
        expose_value=False,
        is_eager=True,
        help="Work as if called in DIR.",
    )


class _Commands(click.Group):
    """The table above as click sees it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module, _, name = COMMANDS.get(cmd_name, "").partition(":")
        command: click.Command | None = getattr(import_module(module), name or "command") if module else None
        if command and not any("-C" in parameter.opts for parameter in command.params):
            command.params.append(_directory())
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in COMMANDS and not ctx.resilient_parsing and (near := nearest(args[0], COMMANDS)):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        from mlxp_fn.effects.screen import remarks_told

        try:
            with remarks_told():
                return super().invoke(ctx)
        except MlxpError as error:
            from mlxp_fn.effects.environment import full_errors  # most calls need it not

            if full_errors():
                raise
            failure = _Refusal if isinstance(error, _WRONG_QUESTIONS) else _Failure
            raise failure(str(error)) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.command(cls=_Commands, params=[_directory()], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mlxp (mlxp_fn) %(version)s")
def main() -> None:
    """Run a task many times, keep every run, ask all of them together.

    A task is launched as a script of yours: python main.py seed=1,2
    """
