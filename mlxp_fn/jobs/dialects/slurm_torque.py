"""Slurm behind its own `qsub`, for scripts that were written for TORQUE."""

from __future__ import annotations

from attrs import evolve

from mlxp_fn.jobs.dialects.slurm import SLURM
from mlxp_fn.jobs.dialects.torque import TORQUE
from mlxp_fn.layout import ARRAY_LOG

SLURM_TORQUE = evolve(
    TORQUE,
    name="slurm-torque",
    told_pattern=r"(?m)^Unknown option: version",
    # What the script says of its output, and of the environment, does not count here.
    submit=("qsub", "-V", "-o", ARRAY_LOG, "-e", ARRAY_LOG),
    array_limit=SLURM.array_limit,
    array_limit_pattern=SLURM.array_limit_pattern,
    array_task_id=SLURM.array_task_id,
    task_variable=SLURM.task_variable,
    # Its qstat, qrls and qdel know no tasks of arrays: qdel would end them all.
    release=SLURM.release,
    known=("squeue", "--noheader", "--me", "--states=all", "--array", "--format=%i|%T|%r|%Z|%o"),
    known_entry=(
        r"(?m)^\s*(?P<job>\d+)(?:_(?P<task>\w+))?\|(?P<word>[^|]*)\|(?P<reason>[^|]*)\|"
        r"(?P<directory>.*)\|(?:\./)?(?P<script>.*)$"
    ),
    states=SLURM.states,
    cancel=SLURM.cancel,
)
