"""`mlxp completion`: what a shell needs to complete `mlxp`."""

from __future__ import annotations

import click


@click.command(name="completion", short_help="Print what completes mlxp in a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that completes `mlxp` in SHELL: eval "$(mlxp completion bash)", or in fish
    mlxp completion fish | source. Scripts of your own have completion by -sc install=bash.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(context.find_root().command, {}, "mlxp", "_MLXP_COMPLETE").source())
