"""How a scheduler is spoken to, as one record; nothing else of the library knows a scheduler's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from mlxp_fn.jobs.dialects.states import STATES, JobState

GIVEN = ("path", "name", "stdin")
"""How a script comes to the scheduler: by its path, by its name in the directory it lies in, on standard input."""

PLACE_OF_PYTHON = ("PATH", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")
"""The variables by which a job finds the interpreter and the packages that were there at submission."""


@frozen(kw_only=True)
class Listed:
    """A job as a scheduler's listing tells of it."""

    job: str
    task: str | None
    word: str
    reason: str = ""
    script: str = ""
    again: str = ""
    """The job that this one is once more, under an id of its own."""


@frozen(kw_only=True)
class Dialect:
    """How one scheduler is spoken to.

    Commands are words, flags and ids are patterns: `{}` stands for the value, `{ids}` for the ids of several jobs,
    `{user}` for who asks, `{since}` for the second, since 1970, before which jobs that ended are of no interest.
    Flags are written into the script behind `directive`, each in a line of its own.
    """

    name: str
    directive: str
    other_directives: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()
    """A command that tells whose commands these are, where schedulers share their names."""
    told_pattern: str = ""
    """A regular expression for what `told_by` prints."""

    submit: tuple[str, ...]
    given: str = "path"
    """One of `GIVEN`. But for the path, files are named from the directory of the script, where the job is asked
    for: no character of a path can disturb then."""
    job_id: str
    """A regular expression whose first group is the id in what `submit` prints; once for a task in an array whose
    tasks have ids of their own."""
    directory_without: str = ""
    """A regular expression for what the path of a run may not hold."""

    name_flag: str
    name_without: str = r"[^\S ]"
    """A regular expression for what a job's name may not hold; a dash takes its place."""
    name_length: int = 0
    """How many characters a job's name may have, where there is a limit; the last ones are kept."""
    name_begins: str = ""
    """What is put before a name that begins with no letter, where it has to."""
    script_flag: str = ""
    """A flag by which a job bears the path of its script, where the scheduler does not tell it."""
    stdout_flag: str
    stderr_flag: str
    joined_flag: str = ""
    """What sends both to the file of `stdout_flag`, where they cannot simply be given the same."""
    appends: bool = True
    """Whether what a job prints comes behind what is there; else the job's script opens the files itself."""
    percent: str = "%"
    """How a percent sign is written in the path of a file."""
    always: tuple[str, ...] = ()
    """Flags of every job: the shell, the environment, that it may begin again."""
    carried: tuple[str, ...] = ()
    """Variables that the job's script sets, where the scheduler hands none on, or starts a login shell."""
    submit_directory: str = ""
    """The variable in which a job finds where it was submitted."""

    array_flag: str = ""
    """With `{first}`, `{last}`, `{count}`, `{throttle}`, and `{name}` where it gives the name, too; none where
    there are no arrays."""
    array_throttle: str = ""
    """How many tasks run at a time, in `array_flag`; none where that cannot be asked for."""
    array_first: int = 0
    array_limit: tuple[str, ...] = ()
    array_limit_pattern: str = ""
    array_task_id: str = ""
    """With `{}` for the array's id and `{}` for the task's number; none where tasks have ids of their own."""
    task_variable: str = ""
    """The variable in which a task of an array finds its number."""

    hold_flag: str = ""
    release: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """Words on the command line, with `{}` for the jobs to wait for."""
    after_each: str = "{}"
    after_between: str = ""
    """What stands between several; without it `after` is repeated."""
    after_success: bool = True
    """Whether it can be told to wait for the other job's success; else its end, however it ended, counts."""
    warning: tuple[str, ...] = ()
    """Flags with `{signal}` (`USR1`), `{number}` (10), `{seconds}`, `{minutes}`; none where nobody is warned."""
    step_warning: tuple[str, ...] = ()
    """The same for a step such as `srun` starts, where that differs."""
    warning_signals: tuple[str, ...] = ()
    """The signals that it can warn with, where it has not the choice of all."""

    ours: tuple[str, ...] = ()
    """Regular expressions for the flags of a user's directive that are written by us instead."""
    refused: Mapping[str, str] = field(factory=dict)
    """Regular expressions for flags that cannot be served, and why."""

    known: tuple[str, ...]
    """Prints the user's jobs."""
    known_entry: str = r"(?m)^(?P<job>[^|\n]+)\|(?P<word>[^|\n]*)\|(?P<reason>[^|\n]*)\|(?P<script>.*)$"
    """A regular expression for each job in it, with groups `job` and `word` and, where they are told, `task`,
    `reason`, `exit` and `event` that tell more than the reason, `script` and the `directory` that its name is to be
    read from, and `again`, the id of a job that this one is once more."""
    ended: tuple[str, ...] = ()
    """Prints the user's jobs that `known` forgets when they end."""
    ended_entry: str = ""
    scripts: tuple[str, ...] = ()
    """Prints the scripts of jobs where `known` does not tell them."""
    scripts_entry: str = ""
    states: Mapping[str, str]
    """Regular expressions for its words, alone or with a reason behind a colon, and ours in `STATES`; the first one
    that fits counts."""
    cancel: tuple[str, ...]

    def line(self, flag: str, value: str = "") -> str:
        """A directive line with a flag.

        >>> from mlxp_fn.jobs.dialects import SLURM
        >>> SLURM.line(SLURM.name_flag, "logs/7")
        '#SBATCH --job-name=logs/7'
        """
        return f"{self.directive} {flag.replace('{}', quoted(value))}"

    def file(self, directory: str, name: str) -> str:
        """How a file beside the script is named in a flag."""
        return f"{directory}/{name}".replace("%", self.percent) if self.given == "path" else name

    def job_name(self, name: str) -> str:
        """A name that the scheduler takes.

        >>> from mlxp_fn.jobs.dialects import TORQUE
        >>> TORQUE.job_name("logs/7"), TORQUE.job_name("my experiments/100-200")
        ('logs-7', 'riments-100-200')
        """
        name = re.sub(self.name_without, "-", "".join(char if char.isprintable() else "-" for char in name))
        name = name[-self.name_length :] if self.name_length else name
        if self.name_begins and not name[:1].isalpha():
            name = self.name_begins + (name[1:] if len(name) == self.name_length else name)
        return name

    def identity(self, job: str, task: int | str | None) -> str:
        """The id of a job, or of a task of an array.

        >>> from mlxp_fn.jobs.dialects import SLURM
        >>> SLURM.identity("4", None), SLURM.identity("4", 1)
        ('4', '4_1')
        """
        if task is None or not self.array_task_id:
            return job
        return self.array_task_id.replace("{}", job, 1).replace("{}", str(task), 1)

    def state_of(self, word: str, reason: str) -> JobState | None:
        """Our state for its word and reason; None for a word that is not known.

        >>> from mlxp_fn.jobs.dialects import SLURM
        >>> SLURM.state_of("PENDING", "JobHeldUser").word, SLURM.state_of("PENDING", "Priority").word
        ('held', 'queued')
        """
        for pattern, ours in self.states.items():
            if re.fullmatch(pattern, f"{word}:{reason}") or re.fullmatch(pattern, word):
                return STATES.get(ours)
        return None


def listed(entry: str, answer: str) -> Iterator[Listed]:
    """The jobs in what a scheduler prints.

    >>> list(listed(r"(?P<job>\\d+) (?P<word>\\w+)", "4 RUN"))
    [Listed(job='4', task=None, word='RUN', reason='', script='', again='')]
    """
    for found in re.finditer(entry, answer):
        facts = {name: text for name, text in found.groupdict().items() if text is not None}
        script = facts.get("script", "")
        yield Listed(
            job=facts["job"].strip(),
            task=facts.get("task"),
            word=facts.get("word", ""),
            reason=" ".join((facts.get("exit") or facts.get("event") or facts.get("reason", "")).split()),
            script=f"{facts['directory']}/{script}" if "directory" in facts and script[:1] != "/" else script,
            again=facts.get("again", ""),
        )


def latest_of(again: Mapping[str, str]) -> Mapping[str, str]:
    """From a job that was begun again as another to the last such other; `again` leads from each to the one before.

    >>> latest_of({"5": "3", "9": "5"})
    {'3': '9', '5': '9'}
    """
    after = {before: job for job, before in again.items()}
    last = {}
    for job in after:
        following = job
        for _ in after:
            following = after.get(following, following)
        last[job] = following
    return last


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
