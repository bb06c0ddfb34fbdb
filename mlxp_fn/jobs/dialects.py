"""What the schedulers call things: one record each, and nothing else of the library knows a scheduler's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, field, fields, frozen

from mlxp_fn.errors import SettingsError
from mlxp_fn.records import Status


@frozen(kw_only=True)
class JobState:
    """A word of ours for what a job is doing, and the status of a run whose own record does not know better."""

    word: str
    status: Status

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.status not in (Status.STARTING, Status.RUNNING)


STATES: Mapping[str, JobState] = {
    state.word: state
    for state in (
        JobState(word="queued", status=Status.STARTING),
        JobState(word="held", status=Status.STARTING),
        JobState(word="requeued", status=Status.STARTING),
        JobState(word="running", status=Status.RUNNING),
        JobState(word="done", status=Status.COMPLETE),
        JobState(word="failed", status=Status.FAILED),
        JobState(word="out of memory", status=Status.FAILED),
        JobState(word="cancelled", status=Status.INTERRUPTED),
        JobState(word="timed out", status=Status.INTERRUPTED),
        JobState(word="preempted", status=Status.INTERRUPTED),
    )
}
"""Every state that a job can be in, whatever its scheduler calls it."""


@frozen(kw_only=True)
class Dialect:
    """How one scheduler is spoken to.

    Commands are words, flags are patterns: `{}` stands for the value, `{ids}` for the ids of several jobs,
    joined by commas. Flags are written into the script behind `directive`.
    """

    name: str
    directive: str
    other_directives: tuple[str, ...] = ()
    submit: tuple[str, ...]
    job_id: str
    """A regular expression whose first group is the id in what `submit` prints."""
    name_flag: str
    name_without: str = ""
    """Characters that a job's name may not hold."""
    stdout_flag: str
    stderr_flag: str
    append_flag: str = ""
    percent: str = "%"
    """How a percent sign is written in the name of a file."""
    array_flag: str
    array_throttle: str
    array_limit: tuple[str, ...] = ()
    array_limit_pattern: str = ""
    array_task_id: str
    hold_flag: str
    release: tuple[str, ...]
    after_flag: str
    warning_flag: str
    step_warning_flag: str
    requeue_flag: str = ""
    ours: tuple[str, ...] = ()
    """Regular expressions for the flags of a user's directive that are written by us instead."""
    refused: Mapping[str, str] = field(factory=dict)
    """Regular expressions for flags that cannot be served, and why."""
    job_variable: str
    task_variable: str
    state: tuple[str, ...]
    """Prints a line for each job: its id, its state, its reason, the script, with bars between."""
    states: Mapping[str, str]
    """From its words, upper case, to ours in `STATES`; a reason behind a colon is more special."""
    known: tuple[str, ...]
    """Prints what `state` does, for all of the user's jobs."""
    cancel: tuple[str, ...]

    def line(self, flag: str, value: str = "") -> str:
        """A directive line with a flag.

        >>> SLURM.line(SLURM.name_flag, "logs/7")
        '#SBATCH --job-name=logs/7'
        """
        return f"{self.directive} {flag.replace('{}', quoted(value))}"

    def file(self, path: str) -> str:
        """A path as it is written in a flag, where the scheduler replaces patterns."""
        return path.replace("%", self.percent)

    def job_name(self, name: str) -> str:
        """A name that the scheduler takes."""
        return "".join("-" if char in self.name_without or not char.isprintable() else char for char in name)

    def state_of(self, word: str, reason: str) -> JobState | None:
        """Our state for its word and reason; None for a word that is not known.

        >>> SLURM.state_of("PENDING", "JobHeldUser").word, SLURM.state_of("PENDING", "Priority").word
        ('held', 'queued')
        """
        ours = self.states.get(f"{word.upper()}:{reason}") or self.states.get(word.upper().split(" ")[0])
        return STATES.get(ours) if ours else None


def quoted(value: str) -> str:
    """A value in a directive line, which no shell reads: in double quotes where there is need.

    >>> quoted("logs/7"), quoted("my logs/7")
    ('logs/7', '"my logs/7"')
    """
    if value and all(char.isalnum() or char in "-_./:,=%@+" for char in value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


SLURM = Dialect(
    name="slurm",
    directive="#SBATCH",
    other_directives=("#SLURM",),
    submit=("sbatch", "--parsable"),
    job_id=r"^(\d+)(?:;\S+)?\s*$",
    name_flag="--job-name={}",
    stdout_flag="--output={}",
    stderr_flag="--error={}",
    append_flag="--open-mode=append",
    percent="%%",
    array_flag="--array={}",
    array_throttle="%{}",
    array_limit=("scontrol", "show", "config"),
    array_limit_pattern=r"(?m)^MaxArraySize\s*=\s*(\d+)",
    array_task_id="{}_{}",
    hold_flag="--hold",
    release=("scontrol", "release", "{ids}"),
    after_flag="--dependency=afterok:{}",
    warning_flag="--signal=B:{}",
    step_warning_flag="--signal={}",
    requeue_flag="--requeue",
    ours=(r"-J|--job-name", r"-o|--output", r"-e|--error", r"--open-mode"),
    refused={
        r"-a|--array": "mlxpsub gives every run a job; mlxpsub --array makes one array of them",
        r"--wrap": "there is a script already",
    },
    job_variable="SLURM_JOB_ID",
    task_variable="SLURM_ARRAY_TASK_ID",
    state=("squeue", "--noheader", "--states=all", "--array", "--format=%i|%T|%r|%o", "--jobs={ids}"),
    states={
        "PENDING": "queued",
        "PENDING:JobHeldUser": "held",
        "PENDING:JobHeldAdmin": "held",
        "PENDING:BeginTime": "requeued",
        "CONFIGURING": "queued",
        "REQUEUED": "requeued",
        "REQUEUE_HOLD": "held",
        "REQUEUE_FED": "requeued",
        "SPECIAL_EXIT": "held",
        "RESV_DEL_HOLD": "held",
        "RUNNING": "running",
        "COMPLETING": "running",
        "STAGE_OUT": "running",
        "SIGNALING": "running",
        "RESIZING": "running",
        "STOPPED": "running",
        "SUSPENDED": "running",
        "COMPLETED": "done",
        "FAILED": "failed",
        "BOOT_FAIL": "failed",
        "NODE_FAIL": "failed",
        "LAUNCH_FAILED": "failed",
        "OUT_OF_MEMORY": "out of memory",
        "CANCELLED": "cancelled",
        "REVOKED": "cancelled",
        "TIMEOUT": "timed out",
        "DEADLINE": "timed out",
        "PREEMPTED": "preempted",
    },
    known=("squeue", "--noheader", "--me", "--states=all", "--array", "--format=%i|%T|%r|%o"),
    cancel=("scancel", "{ids}"),
)

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (SLURM,)}
"""The schedulers that are known without being told; another is a record more."""


def dialect_of(settings: Mapping[str, Any], script: str) -> Dialect:
    """The dialect that the settings describe, or else the one whose directives stand in the script.

    `settings` name a known one and may give any field another value; `like` names the one that a new one is
    made of. Raises `SettingsError` for a name or a field that is not known.

    >>> dialect_of({"name": "here", "like": "slurm", "submit": ["mysbatch"]}, "").submit
    ('mysbatch',)
    """
    given = dict(settings)
    name = str(given.pop("name", "")).lower()
    base = str(given.pop("like", name)).lower()
    if base and base not in DIALECTS and not _is_whole(given):
        known = ", ".join(DIALECTS)
        raise SettingsError(f"mlxp.scheduler: there is no scheduler {base!r}; there are {known}")
    chosen = DIALECTS.get(base) if base else _by_directives(script)
    unknown = set(given) - {attribute.name for attribute in fields(Dialect)}
    if unknown:
        raise SettingsError(f"mlxp.scheduler has no {sorted(unknown)[0]!r}; there are {', '.join(_names())}")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
    }
    if chosen is None:
        return Dialect(name=name, **values)
    return evolve(chosen, name=name or chosen.name, **values)


def _names() -> list[str]:
    return [attribute.name for attribute in fields(Dialect)]


def _is_whole(given: Mapping[str, Any]) -> bool:
    from attrs import NOTHING

    return all(each.name in given for each in fields(Dialect) if each.default is NOTHING and each.name != "name")


def _by_directives(script: str) -> Dialect:
    for dialect in DIALECTS.values():
        words = (dialect.directive, *dialect.other_directives)
        if any(line.startswith(words) for line in script.splitlines()):
            return dialect
    return next(iter(DIALECTS.values()))


def filled(words: Sequence[str], ids: Sequence[str]) -> list[str]:
    """A command for these jobs.

    >>> filled(SLURM.cancel, ["3", "4"])
    ['scancel', '3', '4']
    """
    return [text for word in words for text in (ids if word == "{ids}" else [word.replace("{ids}", ",".join(ids))])]
