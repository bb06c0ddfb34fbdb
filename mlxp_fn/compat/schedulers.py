"""MLXP's schedulers as it tells of them: one dictionary each, made of what we call the same."""

from __future__ import annotations

import re
import shlex
from typing import Any

from mlxp_fn.jobs import dialects
from mlxp_fn.jobs.dialects import Dialect


def _told(name: str, dialect: Dialect) -> dict[str, Any]:
    def get_info(process_output: str) -> dict[str, str]:
        """The id of a job, from what the submission printed."""
        found = re.search(dialect.job_id, process_output.strip(), re.MULTILINE)
        return {"scheduler_job_id": found[1]} if found else {}

    return {
        "name": name,
        "directive": dialect.directive,
        "submission_cmd": shlex.join(dialect.submit),
        "job_name_cmd": dialect.name_flag.removesuffix("{}"),
        "output_file_cmd": dialect.stdout_flag.removesuffix("{}"),
        "error_file_cmd": dialect.stderr_flag.removesuffix("{}"),
        "get_info": get_info,
    }


OAR = _told("OARScheduler", dialects.OAR)
SLURM = _told("SLURMScheduler", dialects.SLURM)
LSF = _told("LSFScheduler", dialects.LSF)
MWM = _told("MWMScheduler", dialects.MOAB)
SGE = _told("SGEScheduler", dialects.SGE)
PBS = _told("PBSScheduler", dialects.TORQUE)

SCHEDULERS = {told["directive"]: told for told in (OAR, SLURM, LSF, MWM, SGE, PBS)}
"""By their directives, in MLXP's order."""
