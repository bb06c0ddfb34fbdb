"""What the schedulers call things: one record each, in a module of its own, and how one is chosen."""

from mlxp_fn.jobs.dialects.choice import DIALECTS, dialect_of
from mlxp_fn.jobs.dialects.record import Dialect, filled
from mlxp_fn.jobs.dialects.slurm import SLURM
from mlxp_fn.jobs.dialects.states import STATES, JobState

__all__ = ["DIALECTS", "SLURM", "STATES", "Dialect", "JobState", "dialect_of", "filled"]
