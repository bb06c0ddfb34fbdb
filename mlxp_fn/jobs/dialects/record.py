"""How a scheduler is spoken to, as one record; nothing else of the library knows a scheduler's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from mlxp_fn.jobs.dialects.states import STATES, JobState


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

        >>> from mlxp_fn.jobs.dialects import SLURM
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

        >>> from mlxp_fn.jobs.dialects import SLURM
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


def filled(words: Sequence[str], ids: Sequence[str]) -> list[str]:
    """A command for these jobs.

    >>> from mlxp_fn.jobs.dialects import SLURM
    >>> filled(SLURM.cancel, ["3", "4"])
    ['scancel', '3', '4']
    """
    return [text for word in words for text in (ids if word == "{ids}" else [word.replace("{ids}", ",".join(ids))])]
