"""`mlxp compat`: a command in which `import mlxp` means this library."""

from __future__ import annotations

from typing import NoReturn

import click


@click.command(
    name="compat",
    short_help="Run a script that says `import mlxp`, unchanged.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("words", metavar="COMMAND [ARGUMENT]...", nargs=-1, required=True, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> NoReturn:
    """Run COMMAND in compatibility mode: there, and in all that it starts, `import mlxp` finds mlxp_fn.

    COMMAND is whatever it would be without: python main.py seed=1,2 or mlxpsub script.sh
    """
    from mlxp_fn.compat.mode import enter

    enter(words)
