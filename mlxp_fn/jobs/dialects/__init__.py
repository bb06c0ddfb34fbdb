"""What the schedulers call things: one record each, in a module of its own, and how one is chosen."""

from mlxp_fn.jobs.dialects.choice import DIALECTS, dialect_of
from mlxp_fn.jobs.dialects.oar import OAR
from mlxp_fn.jobs.dialects.record import Dialect, Listed, filled, listed
from mlxp_fn.jobs.dialects.sge import SGE
from mlxp_fn.jobs.dialects.slurm import SLURM
from mlxp_fn.jobs.dialects.states import STATES, JobState

__all__ = [
    "DIALECTS",
    "OAR",
    "SGE",
    "SLURM",
    "STATES",
    "Dialect",
    "JobState",
    "Listed",
    "dialect_of",
    "filled",
    "listed",
]
