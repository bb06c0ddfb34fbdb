"""OAR."""

from __future__ import annotations

from mlxp_fn.jobs.dialects.record import PLACE_OF_PYTHON, Dialect

OAR = Dialect(
    name="oar",
    directive="#OAR",
    submit=("oarsub", "-S"),
    given="name",
    # The rules that it was admitted by are printed before.
    job_id=r"^OAR_JOB_ID=(\d+)\s*$",
    # The path stands between quotes in the program that starts the job.
    directory_without=r"['\\\n]",
    name_flag="-n {}",
    # A flag goes on to the end of its line, quotes included.
    name_without=r"[^\w./:@+=-]",
    stdout_flag="-O {}",
    stderr_flag="-E {}",
    always=("-t idempotent",),
    carried=PLACE_OF_PYTHON,
    submit_directory="OAR_WORKDIR",
    array_flag="--array {count}",
    array_first=1,
    task_variable="OAR_ARRAY_INDEX",
    hold_flag="--hold",
    release=("oarresume", "{ids}"),
    after=("-a", "{}"),
    after_success=False,
    warning=("--checkpoint {seconds}", "--signal {number}"),
    ours=(r"-n|--name", r"-O|--stdout", r"-E|--stderr", r"-d|--directory"),
    refused={
        r"--array|--array-param-file": "mlxpsub gives every run a job; mlxpsub --array makes one array of them",
        r"-I|--interactive|-C|--connect": "mlxpsub does not wait for jobs",
    },
    known=(
        "oarstat",
        "-f",
        "--sql",
        "job_user = '{user}' AND (state NOT IN ('Terminated', 'Error') OR stop_time > {since})",
    ),
    known_entry=(
        r"(?m)^Job_Id: (?P<job>\d+)\n    job_array_id = .*\n    job_array_index = (?P<task>\d+)\n"
        r"(?:    .*\n)*?    state = (?P<word>\w+)\n(?:    .*\n)*?    command = (?:\./)?(?P<script>.*)\n"
        r"(?:    (?P<exit>exit_code = .*)\n)?    launchingDirectory = (?P<directory>.*)\n"
        r"(?:    .*\n)*?    message = (?P<reason>.*)\n"
        r"(?:    .*\n)*?    resubmit_job_id = (?:0|(?P<again>\d+))\n"
        r"(?:(?:(?!Job_Id: ).*\n)*?\S+ \S+> (?P<event>FRAG_JOB_REQUEST|WALLTIME|BESTEFFORT_KILL):)?"
    ),
    states={
        "Waiting|toLaunch|toAckReservation|Launching": "queued",
        "Hold": "held",
        "Running|Finishing|Suspended|Resuming": "running",
        r"Terminated:exit_code = 0 .*": "done",
        "Terminated.*": "failed",
        "(?:Error|toError):FRAG_JOB_REQUEST": "cancelled",
        "(?:Error|toError):WALLTIME": "timed out",
        "(?:Error|toError):BESTEFFORT_KILL": "preempted",
        "Error.*|toError.*": "failed",
    },
    cancel=("oardel", "{ids}"),
)
