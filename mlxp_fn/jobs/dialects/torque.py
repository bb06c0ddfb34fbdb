"""TORQUE, and OpenPBS, which descends from the same PBS."""

from __future__ import annotations

from attrs import evolve

from mlxp_fn.jobs.dialects.record import PLACE_OF_PYTHON, Dialect

_ENTRY = (
    r"(?m)^Job Id: (?P<job>\d+)(?:\[(?P<task>\d+)\])?.*\n"
    r"(?=(?:    .*\n)*?    job_state = (?P<word>\w))"
    r"(?:(?=(?:    .*\n)*?    (?P<reason>Hold_Types = [^n\s]\w*)\n)|)"
    r"(?:(?=(?:    .*\n)*?    (?P<exit>[Ee]xit_status = -?\d+)\n)|)"
    r"(?=(?:    .*\n)*?    Output_Path = [^:\n]*:(?P<directory>.*)/)"
    r"(?:(?=(?:    .*\n)*?    [Ss]ubmit_arg\w+ = .*?(?P<script>[^\s/<>]+)(?:</jsdl-hpcpa:Argument>)?\n)|)"
)
"""The script is named last in what `qsub` was called with, and lies where its output goes."""

TORQUE = Dialect(
    name="torque",
    directive="#PBS",
    told_by=("qsub", "--version"),
    told_pattern=r"(?mi)^version:?\s+\d",
    submit=("qsub",),
    given="name",
    job_id=r"^(\d+)(?:\[\])?(?:\.\S+)?\s*$",
    name_flag="-N {}",
    name_without=r"[^A-Za-z0-9_+.-]",
    # As long as the oldest versions take it; in all of them a letter comes first.
    name_length=15,
    name_begins="r",
    stdout_flag="-o {}",
    stderr_flag="-e {}",
    joined_flag="-j oe",
    # The files are written when the job has ended, over what was there.
    appends=False,
    always=("-S /bin/bash", "-V", "-r y"),
    # The shell is a login shell, which may set PATH anew.
    carried=PLACE_OF_PYTHON,
    submit_directory="PBS_O_WORKDIR",
    array_flag="-t {first}-{last}{throttle}",
    array_throttle="%{}",
    array_task_id="{}[{}]",
    task_variable="PBS_ARRAYID",
    hold_flag="-h",
    release=("qrls", "{ids}"),
    after=("-W", "depend=afterok:{}"),
    after_between=":",
    ours=("-N", "-o", "-e", "-j", "-k", "-S"),
    refused={
        "-t": "mlxpsub gives every run a job; mlxpsub --array makes one array of them",
        r"-I|-X|-W\s+\S*(?:block|interactive)=true": "mlxpsub does not wait for jobs",
        "-C": "directives begin with #PBS",
    },
    known=("qstat", "-f", "-1", "-t"),
    known_entry=_ENTRY,
    states={
        # So it waits for another job.
        "H:Hold_Types = s": "queued",
        "H.*": "held",
        "[QTW]": "queued",
        "[RES]": "running",
        "C:exit_status = 0": "done",
        "C:exit_status = -11": "timed out",
        "C:exit_status = -10": "out of memory",
        # 256 and the signal; no status where it never began.
        "C:(?:exit_status = 2(?:65|71)|(?!exit_status).*)": "cancelled",
        "C": "failed",
    },
    cancel=("qdel", "{ids}"),
)

OPENPBS = evolve(
    TORQUE,
    name="openpbs",
    told_pattern=r"(?i)pbs_version|PBSPro",
    array_flag="-J {first}-{last}{throttle}",
    array_throttle=" -W max_run_subjobs={}",
    array_limit=("qstat", "-Bf"),
    array_limit_pattern=r"max_array_size = (\d+)",
    task_variable="PBS_ARRAY_INDEX",
    refused={"-J": TORQUE.refused["-t"], **{flag: why for flag, why in TORQUE.refused.items() if flag != "-t"}},
    known=("qstat", "-f", "-w", "-t"),
    # Answered where the server keeps a history.
    ended=("qstat", "-x", "-f", "-w", "-t"),
    ended_entry=_ENTRY,
    states={
        "H:Hold_Types = s": "queued",
        "H.*": "held",
        "[QTWM]": "queued",
        "[RESUB]": "running",
        "[FX]:Exit_status = 0": "done",
        "[FX]:Exit_status = -2[89]": "timed out",
        "[FX]:Exit_status = -2[67]": "out of memory",
        "[FX]:(?:Exit_status = 2(?:65|71)|(?!Exit_status).*)": "cancelled",
        "[FX]": "failed",
    },
)
