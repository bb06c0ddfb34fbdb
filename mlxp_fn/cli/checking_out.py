"""`mlxp checkout`: the code of a run in a directory."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import naming, one_run


@click.command(name="checkout", short_help="Put the code of a run into a directory.")
@naming("RUN", "word")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(word: str, directory: str | None, as_json: bool) -> None:
    """Put the code of a run, at its commit or snapshot, into DIR, which is new or empty.

    DIR is a detached worktree of the repository, beside it where no other place is named; delete it when you like.
    RUN is an id (3), last, or a run's directory (logs/7).
    """
    from mlxp_fn.effects.screen import put, tell
    from mlxp_fn.repeating.checking_out import checkout
    from mlxp_fn.views.checkouts import checkout_json, checkout_remarks, checkout_text

    found = checkout(one_run(word), directory)
    for remark in checkout_remarks(found):
        tell(f"warning: {remark}")
    put(checkout_json(found) if as_json else checkout_text(found))
