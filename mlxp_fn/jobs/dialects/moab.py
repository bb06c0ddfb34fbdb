"""Moab Workload Manager, which hands jobs on to TORQUE or another one."""

from __future__ import annotations

from attrs import evolve

from mlxp_fn.jobs.dialects.record import Dialect
from mlxp_fn.jobs.dialects.torque import TORQUE

_JOB = r'<job (?=[^>]*?\bJobID="(?:\w+\.)*?(?P<job>(?:Moab\.)?\d+)(?:\[(?P<task>\d+)\])?[."])'
_STATE = r'(?=[^>]*?\bState="(?P<word>\w+)")'

MOAB: Dialect = evolve(
    TORQUE,
    name="moab",
    directive="#MSUB",
    other_directives=("#PBS",),
    told_by=(),
    told_pattern="",
    submit=("msub",),
    # Behind an empty line.
    job_id=r"^((?:Moab\.)?\d+)(?:\.\S+)?\s*$",
    array_flag='-t "{name}[{first}-{last}]{throttle}"',
    array_first=1,
    task_variable="MOAB_JOBARRAYINDEX",
    release=("releasehold", "{ids}"),
    after=("-l", "depend=afterok:{}"),
    warning=("-l signal={number}@{seconds}",),
    known=("mjobctl", "-q", "diag", "ALL", "--format=xml"),
    known_entry=(
        _JOB
        + _STATE
        + r'(?:(?=[^>]*?\b(?P<reason>BlockReason="[^"]*"))|)(?:(?=[^>]*?\b(?P<exit>Hold="\w+"))|)'
        + r'(?:(?=[^>]*?\bCmdFile="(?:\./)?(?P<script>[^"]+)")|)(?:(?=[^>]*?\bIWD="(?P<directory>[^"]*)")|)'
    ),
    ended=("showq", "-c", "--xml", "-w", "user={user}"),
    ended_entry=_JOB + _STATE + r'(?:(?=[^>]*?\bCompletionCode="(?P<exit>[^"]*)")|)',
    states={
        r"\w+:Hold=.*": "held",
        r"Hold|\w+Hold|Deferred": "held",
        "Idle|Blocked|NotQueued|Unknown|Staging|Migrated|Starting": "queued",
        "Running|Suspended": "running",
        "Vacated": "requeued",
        "Completed:0": "done",
        "Completed:-11": "timed out",
        "Completed:-10": "out of memory",
        r"Removed.*|Completed:(?:CNCLD.*|265|271)": "cancelled",
        "Completed": "failed",
    },
    cancel=("canceljob", "{ids}"),
)
