"""`mlxp resubmit`: another attempt of runs, in jobs."""

from __future__ import annotations

from pathlib import Path

import click

from mlxp_fn.cli.options import NAMED, in_form, selecting, some


@click.command(name="resubmit", short_help="Let runs go on, in new jobs.", epilog=NAMED)
@selecting
@in_form
def command(words: tuple[str, ...], query: str | None, form: str | None) -> None:
    """Submit runs once more: next attempts in their directories."""
    from mlxp_fn.effects.screen import put_rows, tell
    from mlxp_fn.results.frame import Frame
    from mlxp_fn.submitting.managing import resubmitted

    asked = some(words, query)
    reports = resubmitted(str(asked.logs), asked.ids())
    runs = [each.run_dir for each in reports]
    jobs = [each.job_id or "not submitted" for each in reports]
    put_rows(Frame({"id": [int(Path(run).name) for run in runs], "job": jobs, "run": runs}), form)
    if refused := next((each.reason for each in reports if each.job_id is None), None):
        tell(f"error: {refused}")
        raise click.exceptions.Exit(1)
