"""`mlxp rerun` and `mlxp replicate`: a run repeated from its record."""

from __future__ import annotations

import click

from mlxp_fn.cli.options import naming, one_run

_RUN = naming("RUN", "word")
_NAMED = "RUN is an id (3), last, or a run's directory (logs/7). The script that its record names is started."


@click.command(name="rerun", short_help="Repeat a run from its record.", epilog=_NAMED)
@_RUN
def rerun(word: str) -> None:
    """Repeat a run as a new one: its config and seed, its code from a copy of the commit where that can be had."""
    from mlxp_fn.effects.screen import put, tell
    from mlxp_fn.repeating.rerunning import rerun

    repeated = rerun(one_run(word), lambda remark: tell(f"warning: {remark}"))
    put(f"run {repeated.id} repeats run {repeated.origin}: {repeated.info.status.value}  {repeated.dir}")
    if repeated.exit_status:
        raise click.exceptions.Exit(1)


@click.command(name="replicate", short_help="Repeat a run and tell whether it came out the same.", epilog=_NAMED)
@_RUN
@click.option(
    "--tolerance",
    metavar="T",
    type=click.FloatRange(min=0),
    help="Numbers may differ by T, of the larger or absolutely.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replicate(word: str, tolerance: float | None, as_json: bool) -> None:
    """Repeat a run and compare metrics, result and artifacts; exit with status 1 where one came out otherwise.

    Without --tolerance numbers may differ as far as the runs of the same config but for the seed lie apart.
    """
    from mlxp_fn.effects.screen import put, tell
    from mlxp_fn.repeating.judging import replicate
    from mlxp_fn.views.verdicts import verdict_json, verdict_text

    verdict = replicate(one_run(word), tolerance, lambda remark: tell(f"warning: {remark}"))
    put(verdict_json(verdict) if as_json else verdict_text(verdict))
    if not verdict.replicated:
        raise click.exceptions.Exit(1)
