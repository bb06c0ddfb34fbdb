"""What can happen to a run: one record for each line of `events/<n>.jsonl`, and `run.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from msgspec import Struct

from mlxp_fn.records.settings import STEP_COLUMNS


class Moment(Struct, frozen=True, kw_only=True):
    """An instant as it is recorded: ISO 8601 in UTC, and the wall clock's `dd/mm/YYYY HH:MM:SS`."""

    time: str
    local: str


class TaskError(Struct, frozen=True, kw_only=True):
    """The exception that ended a task."""

    type: str
    message: str
    traceback: str = ""


class Products(Struct, frozen=True, kw_only=True):
    """What a run has produced: the keys of its metric logs, and whether there are artifacts."""

    metrics: Mapping[str, tuple[str, ...]] = {}
    artifacts: bool = False


class _Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something that happened to a run; `tag` is the word that stands for it in `events/<n>.jsonl`."""

    at: Moment


class Created(_Event, frozen=True, kw_only=True, tag="created"):
    """The run's directory was born; `origin` is the run beside it, by its id, that it repeats."""

    origin: int | None = None


class Submitting(_Event, frozen=True, kw_only=True, tag="submitting"):
    """A scheduler is about to be asked for a job: `script` is what it is given, `place` which task of an array."""

    scheduler: str
    script: str
    place: int | None = None


class Submitted(_Event, frozen=True, kw_only=True, tag="submitted"):
    """The scheduler has taken the job."""

    scheduler: str
    job_id: str


class Unsubmitted(_Event, frozen=True, kw_only=True, tag="unsubmitted"):
    """The scheduler has not taken the job, or was not asked any more; the rest as in `Submitting`."""

    reason: str
    scheduler: str
    script: str
    place: int | None = None


class Cancelled(_Event, frozen=True, kw_only=True, tag="cancelled"):
    """Somebody has taken the job back from the scheduler."""

    job_id: str


class Started(_Event, frozen=True, kw_only=True, tag="started"):
    """An attempt began; the facts of its process follow MLXP's names.

    `process_start` counts the ticks since the machine's start, whose id is `boot_id`. `positions` are how
    many bytes of whole lines each metric log had then; the first attempt found none.
    `environment` is what else it depends on. `script` are the interpreter's words that start the script again which
    launched it from a command line; none for what a notebook or Python code runs.
    """

    attempt: int
    hostname: str = ""
    boot_id: str = ""
    pid_namespace: str = ""
    process_id: int = -1
    process_start: int | None = None
    executable: str = ""
    current_file_path: str = ""
    work_dir: str = ""
    version_manager: Mapping[str, Any] | None = None
    step_columns: tuple[str, ...] = STEP_COLUMNS
    positions: Mapping[str, int] | None = None
    environment: Mapping[str, Any] | None = None
    script: tuple[str, ...] = ()


class Checkpointed(_Event, frozen=True, kw_only=True, tag="checkpoint"):
    """A checkpoint was written when the metric logs were `positions` bytes long."""

    name: str
    sha256: str
    positions: Mapping[str, int]


class InputLogged(_Event, frozen=True, kw_only=True, tag="input"):
    """The task said what it reads: a file, or a tree of `files`, known by its bytes in all and its SHA-256.

    `resolved` is the path without links.
    """

    path: str
    resolved: str
    size: int
    sha256: str
    files: int | None = None


class Warned(_Event, frozen=True, kw_only=True, tag="warned"):
    """A signal asked the task to leave."""

    signal: str


class Completed(_Event, frozen=True, kw_only=True, tag="completed"):
    """The task returned; `result` is what JSON can hold of its value.

    `products`, here and in the other ends, is all that the run had produced; without it readers look themselves.
    """

    result: Any = None
    products: Products | None = None


class Failed(_Event, frozen=True, kw_only=True, tag="failed"):
    """The task raised."""

    error: TaskError
    products: Products | None = None


class Interrupted(_Event, frozen=True, kw_only=True, tag="interrupted"):
    """The attempt was ended from outside, by Ctrl-C or a signal, at once or when the task was ready."""

    signal: str
    products: Products | None = None


class Lost(_Event, frozen=True, kw_only=True, tag="lost"):
    """Somebody settled that an attempt has ended that never said so; `last_seen` was its last sign of life.

    It stands in the file of attempt 0, before the attempt that it is about.
    """

    attempt: int
    last_seen: Moment


class Produced(_Event, frozen=True, kw_only=True, tag="produced"):
    """Something new was logged that the end of the attempt may not tell of: after it, or by another process.

    It stands in the file of attempt 0.
    """

    products: Products


class Described(_Event, frozen=True, kw_only=True, tag="described"):
    """The run was given a name, notes, or tags, or rid of some; None changes nothing, and an empty text takes away.

    What was said `by_hand`, of the run as it lies there, stands above what settings and tasks say.
    """

    by_hand: bool = False
    name: str | None = None
    notes: str | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


Submission = Submitting | Submitted | Unsubmitted | Cancelled
Event = (
    Created
    | Submission
    | Started
    | Checkpointed
    | InputLogged
    | Warned
    | Completed
    | Failed
    | Interrupted
    | Lost
    | Produced
    | Described
)

WORDS: Mapping[type[Event], str] = {record: str(record.__struct_config__.tag) for record in get_args(Event)}
"""The word that stands for an event in `events/<n>.jsonl`."""


class Birth(Struct, frozen=True, kw_only=True):
    """`run.json`: what a run was created with, so that a reader need not parse YAML.

    `config` is flat: dotted keys to leaf values. `config_size` and `config_sha256` are those of `config.yaml`,
    which tell whether somebody edited it later.
    """

    format: int = 1
    id: int
    digest: str
    created: str
    overrides: tuple[str, ...]
    config: Mapping[str, Any]
    config_size: int
    config_sha256: str
