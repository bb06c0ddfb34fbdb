"""The command line `mlxpsub`: a script of launches becomes jobs of a scheduler, one for each run."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlxp_fn.effects.environment import full_errors
from mlxp_fn.errors import MlxpError
from mlxp_fn.version import __version__

if TYPE_CHECKING:
    from mlxp_fn.jobs.dialects import Dialect
    from mlxp_fn.jobs.script import SubmitOptions
    from mlxp_fn.submitting.performing import Report
    from mlxp_fn.submitting.understanding import Understood

MANY = 100
"""How many jobs are submitted without a question."""


@click.command(context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": False})
@click.version_option(__version__, message="mlxpsub (mlxp_fn) %(version)s")
@click.argument("script", metavar="SCRIPT", required=False, type=click.Path(path_type=Path))
@click.argument("arguments", metavar="[ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--dry-run", is_flag=True, help="Show directories, scripts and commands; make and submit nothing.")
@click.option("--yes", is_flag=True, help=f"Do not ask, however many jobs there are; above {MANY} it is asked.")
@click.option("--array", is_flag=True, help="Submit arrays instead of single jobs.")
@click.option("--at-once", type=click.IntRange(min=1), metavar="K", help="With --array: run at most K at a time.")
@click.option("--hold", is_flag=True, help="Let the jobs wait until the scheduler is told to release them.")
@click.option("--after", multiple=True, metavar="JOB", help="Begin when this job has ended well; may be repeated.")
@click.option("--resume", is_flag=True, help="Submit what is left of an earlier call; SCRIPT is the log directory.")
def command(script: Path | None, arguments: Sequence[str], **flags: Any) -> None:
    """Submit SCRIPT, a bash script with scheduler directives and lines such as `python main.py seed=1,2`.

    Each run is a job. The script is interpreted once to know every launch exactly, and is not run.
    """
    from mlxp_fn.jobs.script import SubmitOptions

    if flags["at_once"] and not flags["array"]:
        raise click.UsageError("--at-once throttles an array; add --array")
    options = SubmitOptions(hold=flags["hold"], after=flags["after"], at_once=flags["at_once"])
    if flags["resume"]:
        if flags["array"] or flags["dry_run"] or arguments:
            raise click.UsageError("--resume goes on as planned; beside it stand --hold, --after, a directory")
        _resume(script or Path("logs"), options)
        return
    if script is None:
        raise click.UsageError("which script? mlxpsub SCRIPT")
    from mlxp_fn.submitting.understanding import understood

    with understood(script, arguments) as found:
        for note in found.notes:
            click.echo(f"note: {note}", err=True)
        _submit(found, options, flags)


def _submit(found: Understood, options: SubmitOptions, flags: dict[str, Any]) -> None:
    from mlxp_fn.effects.run_ids import next_free
    from mlxp_fn.effects.schedulers import array_limit, surroundings
    from mlxp_fn.jobs.abilities import what_is_not_served
    from mlxp_fn.jobs.plan import Style, plan
    from mlxp_fn.submitting.performing import perform
    from mlxp_fn.views.submissions import plan_text

    if not found.count:
        click.echo("there are no runs to submit")
        return
    for note in what_is_not_served(found.dialect, options, found.log_dirs, found.warnings, flags["array"]):
        click.echo(f"note: {note}", err=True)
    style = Style(
        dialect=found.dialect,
        directives=found.directives,
        surroundings=surroundings(found.dialect),
        shebang=found.shebang,
        options=options,
        array_limit=array_limit(found.dialect) if flags["array"] else None,
    )
    if flags["dry_run"]:
        parents = [job["parent"] for launch in found.launches for job in launch.jobs]
        free = iter(next_free(parents))
        planned = [run for launch in found.launches for run in launch.planned([next(free) for _ in launch.jobs])]
        click.echo(plan_text(plan(planned, style), found.dialect))
        return
    _ask(found.count, flags["yes"])
    runs, reports = perform([launch.from_copy() for launch in found.launches], style)
    if options.hold:
        _tell_of_release(found.dialect, reports)
    _tell(reports, {run.run_dir: run.overrides for run in runs})


def _ask(count: int, yes: bool) -> None:
    if count <= MANY or yes:
        return
    if not sys.stdin.isatty():
        raise MlxpError(f"{count} jobs would be submitted; say --yes, or --dry-run to see them")
    click.confirm(f"{count} jobs will be submitted. Go on?", abort=True)


def _resume(logs: Path, options: SubmitOptions) -> None:
    from mlxp_fn.effects.submission_locks import taking_up
    from mlxp_fn.submitting.performing import submitted
    from mlxp_fn.submitting.resuming import unfinished

    with taking_up(str(logs)):
        requests = unfinished(str(logs), options)
        reports = submitted(requests)
    if not requests:
        click.echo(f"nothing is left to submit in {logs}")
        return
    _tell(reports, {})


def _tell_of_release(dialect: Dialect, reports: Sequence[Report]) -> None:
    from mlxp_fn.jobs.dialects import filled

    jobs = [report.job_id for report in reports if report.job_id]
    if jobs and dialect.release:
        click.echo(f"note: held; `{shlex.join(filled(dialect.release, jobs))}` releases", err=True)


def _tell(reports: Sequence[Report], overrides: dict[str, Sequence[str]]) -> None:
    """The table of what was submitted. Exits with status 1 where anything was not."""
    from mlxp_fn.views.submissions import reports_text

    click.echo(reports_text([(each.run_dir, each.job_id, overrides.get(each.run_dir, ())) for each in reports]))
    missing = [each for each in reports if each.job_id is None]
    if missing:
        logs = Path(missing[0].run_dir).parent
        where = "" if logs == Path("logs").absolute() else f" {shlex.quote(str(logs))}"
        click.echo(
            f"error: {len(missing)} of {len(reports)} were not submitted: {missing[0].reason}; "
            f"`mlxpsub --resume{where}` goes on with their scripts as they are",
            err=True,
        )
        sys.exit(1)


def main() -> None:
    """Run the command; an error of the library's is one line on stderr, and status 1."""
    try:
        command()
    except MlxpError as error:
        if full_errors():
            raise
        click.echo(f"error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
