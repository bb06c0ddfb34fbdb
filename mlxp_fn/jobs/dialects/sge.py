"""Grid Engine: Sun's, Son of, Univa's, Altair's."""

from __future__ import annotations

from mlxp_fn.jobs.dialects.record import PLACE_OF_PYTHON, Dialect

SGE = Dialect(
    name="sge",
    directive="#$",
    told_by=("qsub", "-help"),
    told_pattern=r"(?m)^(?:SGE|OGS|UGE|AGE|OGE|GE|N1GE)\b",
    submit=("qsub", "-terse"),
    given="name",
    job_id=r"^(\d+)(?:\.\d+-\d+:\d+)?\s*$",
    name_flag="-N {}",
    name_without=r"[\s/:@\\*?,\"'$|&;<>()]",
    name_begins="r-",
    stdout_flag="-o {}",
    stderr_flag="-e {}",
    always=("-S /bin/bash", "-cwd", "-V", "-r y"),
    # The shell is a login shell, which may set PATH anew.
    carried=PLACE_OF_PYTHON,
    submit_directory="SGE_O_WORKDIR",
    array_flag="-t {first}-{last}{throttle}",
    array_throttle=" -tc {}",
    array_first=1,
    array_limit=("qconf", "-sconf"),
    array_limit_pattern=r"(?m)^max_aj_tasks\s+(\d+)",
    array_task_id="{}.{}",
    task_variable="SGE_TASK_ID",
    hold_flag="-h",
    release=("qrls", "{ids}"),
    after=("-hold_jid", "{}"),
    after_between=",",
    after_success=False,
    # Not so long before the end, but as long before the kill as the queue says, qdel's included.
    warning=("-notify",),
    warning_signals=("USR2",),
    ours=(r"-N", r"-o", r"-e", r"-j", r"-cwd", r"-wd", r"-S"),
    refused={
        r"-t|-tc": "mlxpsub gives every run a job; mlxpsub --array makes one array of them",
        r"-sync|-now|-I": "mlxpsub does not wait for jobs",
    },
    known=("qstat", "-xml", "-g", "d", "-u", "{user}"),
    known_entry=(
        r"(?s)<JB_job_number>(?P<job>\d+)</JB_job_number>(?:(?!</job_list>).)*?<state>(?P<word>\w+)</state>"
        r"(?:(?!</job_list>).)*?(?:<tasks>(?P<task>\d+)</tasks>\s*)?</job_list>"
    ),
    ended=("qacct", "-o", "{user}", "-d", "30", "-j"),
    ended_entry=(
        r"(?m)^jobnumber +(?P<job>\d+) *\ntaskid +(?:undefined|(?P<task>\d+)) *\n(?:(?!===).*\n)*?"
        r"(?P<word>failed +\d+).*\n(?P<exit>exit_status +\d+)"
    ),
    scripts=("qstat", "-j", "*"),
    scripts_entry=(
        r"(?m)^job_number: +(?P<job>\d+)\n(?:(?!===).*\n)*?sge_o_workdir: +(?P<directory>.*)\n"
        r"(?:(?!===).*\n)*?script_file: +(?:\./)?(?P<script>.*)$"
    ),
    states={
        r"E\w*": "held",
        r"R?h\w*q\w*|hR\w*q\w*": "held",
        r"Rq\w*": "requeued",
        r"\w*qw\w*": "queued",
        r"[dhRrtsSTNP]+": "running",
        r"failed +0:exit_status 0": "done",
        r"failed +0:.*": "failed",
        r"failed +(?:37|44):.*": "timed out",
        r"failed +100:.*": "cancelled",
        r"failed +(?:24|25):.*": "requeued",
        r"failed .*": "failed",
    },
    cancel=("qdel", "{ids}"),
)
