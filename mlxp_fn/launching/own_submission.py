"""A command line that submits itself, as `use_scheduler: true` asks: the settings make its script for `mlxpsub`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from mlxp_fn.config.settings import structured
from mlxp_fn.config.sweeps import Sweep
from mlxp_fn.effects import environment
from mlxp_fn.effects.children import status_with_script
from mlxp_fn.effects.questions import may_ask
from mlxp_fn.effects.schedulers import answers
from mlxp_fn.errors import LaunchError, SettingsError
from mlxp_fn.jobs.dialects import DIALECTS, Dialect, dialect_of
from mlxp_fn.jobs.scheduler_block import script_of, understood_block
from mlxp_fn.records import Settings

MLXPSUB = ("-P", "-m", "mlxp_fn.cli.mlxpsub")
"""What an interpreter runs it with, whatever lies where the user stands."""


def submitted(script: Sequence[str], argv: Sequence[str], sweep: Sweep, settings: Settings) -> int:
    """Have `mlxpsub` submit each run of a sweep, which `script` launches with `argv`; its exit status.

    Above a hundred runs somebody at a terminal is asked. Of several processes that are launched as one the first
    submits. Raises `SettingsError` where no scheduler is named, and `LaunchError` where only some of the jobs are
    to be submitted.
    """
    if environment.rank(settings.rank_variable):
        return 0
    if not all(structured(job.settings).use_scheduler for job in sweep):
        raise LaunchError("the jobs of a sweep are submitted or run here; use_scheduler cannot vary in it")
    python = environment.interpreter()
    launch = shlex.join((python, *script, *_without_use_scheduler(argv)))
    return status_with_script(
        (python, *MLXPSUB, *(() if may_ask() else ("--yes",))),
        script_of(settings.scheduler, _named(settings).directive, launch),
        environment.working_directory(),
    )


def _named(settings: Settings) -> Dialect:
    block = understood_block(settings.scheduler)
    if not (block.get("name") or block.get("like")):
        raise SettingsError(
            "use_scheduler: true submits to the scheduler that the settings name, and they name none: write "
            f"`scheduler: {{name: slurm}}` into mlxp.yaml, there are {', '.join(DIALECTS)}; or put this command "
            "into a script and submit it with `mlxpsub SCRIPT`, or set it to false to run here"
        )
    return dialect_of(block, "", answers)


def _without_use_scheduler(argv: Sequence[str]) -> list[str]:
    """The words of a command line, but for the one that asks to submit it.

    >>> _without_use_scheduler(["seed=1,2", "+mlxp.use_scheduler=true"])
    ['seed=1,2']
    """
    return [word for word in argv if not word.lstrip("+").startswith("mlxp.use_scheduler=")]
