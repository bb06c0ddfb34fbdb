"""What the schedulers call things: one record each, in a module of its own, and how one is chosen."""

from mlxp_fn.jobs.dialects.choice import DIALECTS, dialect_of
from mlxp_fn.jobs.dialects.lsf import LSF
from mlxp_fn.jobs.dialects.moab import MOAB
from mlxp_fn.jobs.dialects.oar import OAR
from mlxp_fn.jobs.dialects.record import Dialect, Listed, filled, latest_of, listed
from mlxp_fn.jobs.dialects.sge import SGE
from mlxp_fn.jobs.dialects.slurm import SLURM
from mlxp_fn.jobs.dialects.slurm_torque import SLURM_TORQUE
from mlxp_fn.jobs.dialects.states import STATES, JobState
from mlxp_fn.jobs.dialects.torque import OPENPBS, TORQUE

__all__ = [
    "DIALECTS",
    "LSF",
    "MOAB",
    "OAR",
    "OPENPBS",
    "SGE",
    "SLURM",
    "SLURM_TORQUE",
    "STATES",
    "TORQUE",
    "Dialect",
    "JobState",
    "Listed",
    "dialect_of",
    "filled",
    "latest_of",
    "listed",
]
