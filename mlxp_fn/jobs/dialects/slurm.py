"""Slurm."""

from __future__ import annotations

from mlxp_fn.jobs.dialects.record import Dialect

SLURM = Dialect(
    name="slurm",
    directive="#SBATCH",
    other_directives=("#SLURM",),
    submit=("sbatch", "--parsable"),
    job_id=r"^(\d+)(?:;\S+)?\s*$",
    name_flag="--job-name={}",
    stdout_flag="--output={}",
    stderr_flag="--error={}",
    percent="%%",
    always=("--open-mode=append", "--requeue"),
    submit_directory="SLURM_SUBMIT_DIR",
    array_flag="--array={first}-{last}{throttle}",
    array_throttle="%{}",
    array_limit=("scontrol", "show", "config"),
    array_limit_pattern=r"(?m)^MaxArraySize\s*=\s*(\d+)",
    array_task_id="{}_{}",
    task_variable="SLURM_ARRAY_TASK_ID",
    hold_flag="--hold",
    release=("scontrol", "release", "{ids}"),
    after=("--dependency=afterok:{}",),
    after_between=":",
    warning=("--signal=B:{signal}@{seconds}",),
    step_warning=("--signal={signal}@{seconds}",),
    ours=(r"-J|--job-name", r"-o|--output", r"-e|--error", r"--open-mode"),
    refused={
        r"-a|--array": "mlxpsub gives every run a job; mlxpsub --array makes one array of them",
        r"--wrap": "there is a script already",
    },
    known=("squeue", "--noheader", "--me", "--states=all", "--array", "--format=%i|%T|%r|%o"),
    known_entry=r"(?m)^\s*(?P<job>\d+)(?:_(?P<task>\w+))?\|(?P<word>[^|]*)\|(?P<reason>[^|]*)\|(?P<script>.*)$",
    states={
        "PENDING:JobHeldUser|PENDING:JobHeldAdmin": "held",
        "PENDING:BeginTime": "requeued",
        "PENDING|CONFIGURING": "queued",
        "REQUEUED|REQUEUE_FED": "requeued",
        "REQUEUE_HOLD|SPECIAL_EXIT|RESV_DEL_HOLD": "held",
        "RUNNING|COMPLETING|STAGE_OUT|SIGNALING|RESIZING|STOPPED|SUSPENDED": "running",
        "COMPLETED": "done",
        "FAILED|BOOT_FAIL|NODE_FAIL|LAUNCH_FAILED": "failed",
        "OUT_OF_MEMORY": "out of memory",
        "CANCELLED.*|REVOKED": "cancelled",
        "TIMEOUT|DEADLINE": "timed out",
        "PREEMPTED": "preempted",
    },
    cancel=("scancel", "{ids}"),
)
