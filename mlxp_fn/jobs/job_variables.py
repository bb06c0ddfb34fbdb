"""The variables by which a scheduler tells a job who it is: one table, a row for each scheduler."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

VARIABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "slurm": {
            "scheduler_job_id": "SLURM_JOB_ID",
            "node": "SLURMD_NODENAME",
            "array_id": "SLURM_ARRAY_JOB_ID",
            "array_place": "SLURM_ARRAY_TASK_ID",
        },
        "oar": {
            "scheduler_job_id": "OAR_JOB_ID",
            "array_id": "OAR_ARRAY_ID",
            "array_place": "OAR_ARRAY_INDEX",
        },
        "moab": {"scheduler_job_id": "MOAB_JOBID", "array_place": "MOAB_JOBARRAYINDEX"},
        "torque": {"scheduler_job_id": "PBS_JOBID", "array_place": "PBS_ARRAYID"},
        "pbs": {"scheduler_job_id": "PBS_JOBID", "array_id": "PBS_ARRAY_ID", "array_place": "PBS_ARRAY_INDEX"},
        "lsf": {"scheduler_job_id": "LSB_JOBID", "array_place": "LSB_JOBINDEX"},
        "sge": {"scheduler_job_id": "JOB_ID", "array_place": "SGE_TASK_ID"},
    }
)
"""By a scheduler's name, which variable holds what is recorded of its jobs; the id's has MLXP's name."""

OF_A_JOB = re.compile(
    r"\b(?:(?:SLURM|SLURMD|OAR|PBS|LSB|SGE|MOAB)_"
    r"(?!(?:CONF|CONF_FILE|ROOT|CELL|ARCH|CLUSTER_NAME|QMASTER_PORT|EXECD_PORT|DEFAULT|SERVER|EXEC)\b)\w+|JOB_ID\b)"
)
"""The names of variables that only a job has; those that tell where its scheduler is are everybody's."""

_NO_PLACE = MappingProxyType({"sge": "undefined", "lsf": "0"})
"""What stands for the number of a task where the job is no array."""

_SIGNS = MappingProxyType({"sge": "SGE_TASK_ID", "torque": "PBS_VERSION"})
"""Where the variable of the id has too common a name: one that its scheduler alone sets, in every job."""


def job_of(environ: Mapping[str, str], hostname: str) -> dict[str, str] | None:
    """The scheduler's job whose environment this is; None outside of any.

    >>> job_of({"SLURM_JOB_ID": "7", "SLURMD_NODENAME": "n1"}, "n1.cluster")
    {'name': 'slurm', 'node': 'n1', 'scheduler_job_id': '7'}
    """
    for name, variables in VARIABLES.items():
        needed = (variables["scheduler_job_id"], _SIGNS.get(name))
        if all(environ.get(variable) for variable in needed if variable):
            known = {fact: environ[variable] for fact, variable in variables.items() if environ.get(variable)}
            if known.get("array_place") == _NO_PLACE.get(name):
                known.pop("array_place", None)
            return {"name": name, "node": hostname, **known}
    return None
