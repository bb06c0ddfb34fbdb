"""`mlxp ls`: the runs of a log directory and what they are doing, their jobs included."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlxp_fn.results.frame import Frame

COLUMNS = (
    "info.logger.log_id",
    "info.status",
    "info.scheduler.scheduler_job_id",
    "info.scheduler.state",
    "info.scheduler.reason",
    "info.scheduler.unsubmitted",
)


@click.command(name="ls", short_help="List runs, with the state of their jobs.")
@click.argument("query", metavar="[QUERY]", default="")
@click.argument("logs", metavar="[LOGS]", default="./logs")
def command(query: str, logs: str) -> None:
    """List the runs in LOGS (./logs) for which QUERY holds, as in mlxp ls "info.status == 'STARTING'".

    Schedulers are asked, once for all runs, what became of the jobs that have not ended.
    """
    from mlxp_fn.views.table import table

    frame = chosen(query, logs)
    if not len(frame):
        click.echo("there are no such runs")
        return
    names = list(frame.keys())
    configs = (name for name in names if name.startswith("config."))
    varying = [name for name in configs if len(set(map(str, frame[name]))) > 1]
    columns = [name for name in COLUMNS if name in names]
    click.echo(table(frame, [*columns, *varying]))


def chosen(query: str, logs: str) -> Frame:
    """The runs of a log directory for which a query holds; a directory may stand where the query would."""
    import mlxp_fn as mlxp

    if query and os.path.isdir(query) and logs == "./logs":
        query, logs = "", query
    frame = mlxp.runs(logs)
    return mlxp.where(query)(frame) if query else frame


def ids(query: str, logs: str) -> list[int]:
    """The ids of the runs that a query chooses."""
    return [int(identity) for identity in chosen(query, logs)["info.logger.log_id"]]
