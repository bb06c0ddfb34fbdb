"""LSF."""

from __future__ import annotations

from mlxp_fn.jobs.dialects.record import Dialect

_FIELDS = "jobid jobindex stat exit_reason pend_reason job_description delimiter='|'"

LSF = Dialect(
    name="lsf",
    directive="#BSUB",
    submit=("bsub",),
    # It looks for directives nowhere else.
    given="stdin",
    job_id=r"^Job <(\d+)> is submitted",
    name_flag="-J {}",
    # Brackets make an array, a slash a job group, and a star is any name.
    name_without=r"[^\w.+=@-]",
    script_flag="-Jd {}",
    stdout_flag="-o {}",
    stderr_flag="-e {}",
    # A report on the job is written into the file, and its output when it has ended.
    appends=False,
    always=("-r",),
    submit_directory="LS_SUBCWD",
    array_flag='-J "{name}[{first}-{last}]{throttle}"',
    array_throttle="%{}",
    array_first=1,
    array_limit=("bparams", "-a"),
    array_limit_pattern=r"MAX_JOB_ARRAY_SIZE\s*=\s*(\d+)",
    array_task_id="{}[{}]",
    task_variable="LSB_JOBINDEX",
    hold_flag="-H",
    release=("bresume", "{ids}"),
    after=("-w", "{}"),
    after_each="done({})",
    after_between=" && ",
    # It counts in minutes.
    warning=("-wa {signal} -wt {minutes}",),
    ours=("-J", "-Jd", "-oo?", "-eo?"),
    refused={
        r"-J\s.*\[.*": "mlxpsub gives every run a job; mlxpsub --array makes one array of them",
        "-I[ps]?|-K": "mlxpsub does not wait for jobs",
        "-i": "a job has no standard input",
    },
    known=("bjobs", "-a", "-noheader", "-o", _FIELDS),
    known_entry=(
        r"(?m)^(?P<job>\d+)\|(?:0|(?P<task>\d+))\|(?P<word>\w+)\|(?:-|(?P<exit>[^|\n]*))\|"
        r"(?:-|(?P<reason>[^|\n]*))\|(?P<script>.*)$"
    ),
    states={
        "PSUSP": "held",
        "PEND:.*requeued.*": "requeued",
        "PEND": "queued",
        "RUN|[US]SUSP|PROV|WAIT|UNKWN|ZOMBI": "running",
        "DONE": "done",
        "EXIT:TERM_(?:RUNLIMIT|DEADLINE|WINDOW|CPULIMIT|PROCESSLIMIT).*": "timed out",
        "EXIT:TERM_(?:MEMLIMIT|SWAP).*": "out of memory",
        "EXIT:TERM_(?:PREEMPT|BUCKET_KILL|SLOTLIMIT).*": "preempted",
        "EXIT:TERM_(?:FORCE_)?(?:OWNER|ADMIN).*": "cancelled",
        "EXIT": "failed",
    },
    cancel=("bkill", "{ids}"),
)
