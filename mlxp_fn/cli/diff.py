"""`mlxp diff`: what is not the same in two runs."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import in_form, naming


@click.command(name="diff", short_help="Show in what two runs differ.")
@naming("RUN OTHER", nargs=-1, required=True)
@click.option("--patch", "as_patch", is_flag=True, help="Print how the code differs, as a patch, and nothing else.")
@in_form
def command(words: tuple[str, ...], as_patch: bool, form: str | None) -> None:
    """Show in what two runs differ: config, commit, code, packages, hardware, last values.

    Of a file of the code that is not the same: how many lines only this run's has. Each run is an id (3), last, or
    a run's directory (logs/7); last:2 is both.
    """
    from mlxp_fn.browsing.choice import choice
    from mlxp_fn.browsing.differing import difference
    from mlxp_fn.effects.code_differences import patch
    from mlxp_fn.effects.screen import put, put_rows, tell

    if as_patch and form:
        raise click.UsageError("a patch, or a table?")
    found = difference(choice(words))
    for remark in found.remarks:
        tell(f"warning: {remark}")
    if as_patch and found.code:
        put(patch(found.code).removesuffix("\n"))
    elif as_patch and found.remarks:
        raise click.exceptions.Exit(1)
    elif as_patch:
        tell("the code of these runs does not differ")
    elif len(found.rows) or form:
        put_rows(found.rows, form)
    else:
        tell("these runs do not differ")
