"""What things are: immutable records of a run's history, state and settings.

History is a list of events and state is a fold over it: `fold(events)` is the `RunInfo` of a run, whatever
process asks. Nothing here opens a file or reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, get_args

from attrs import asdict, field, fields, frozen
from msgspec import Struct

from mlxp_fn.tree import Config

STEP_COLUMNS = ("step", "iter", "iteration", "epoch")
"""The metrics that say which step a row is of, unless the settings name others."""


class Status(StrEnum):
    """What a run is doing: MLXP's words, `INTERRUPTED`, and two that only readers find out.

    No event leads to `LOST` (recorded as running, but its process is gone) or `STALE` (recorded as running on
    a host that cannot be asked, and silent).
    """

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    INTERRUPTED = "INTERRUPTED"
    LOST = "LOST"
    STALE = "STALE"


@frozen(kw_only=True)
class Moment:
    """An instant as it is recorded: ISO 8601 in UTC, and the wall clock's `dd/mm/YYYY HH:MM:SS`."""

    time: str
    local: str


@frozen(kw_only=True)
class TaskError:
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


@frozen(kw_only=True)
class RunInfo:
    """The state of a run: what its events, in order, amount to.

    `resumed_at` are the lengths of the metric logs when each attempt after the first began. `found` is all that
    the run had produced when the last one ended, `told` what it may have produced besides.
    """

    status: Status = Status.STARTING
    attempt: int = 0
    created: Moment | None = None
    origin: int | None = None
    start: Moment | None = None
    end: Moment | None = None
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
    resumed_at: tuple[Mapping[str, int], ...] = ()
    environment: Mapping[str, Any] | None = None
    script: tuple[str, ...] = ()
    inputs: tuple[InputLogged, ...] = ()
    submission: Submission | None = None
    result: Any = None
    error: TaskError | None = None
    signal: str | None = None
    found: Products | None = None
    told: tuple[Products, ...] = ()
    lost: tuple[Lost, ...] = ()
    descriptions: tuple[Described, ...] = ()

    @property
    def name(self) -> str | None:
        """What the run is called."""
        return self._last_said("name")

    @property
    def notes(self) -> str | None:
        """What somebody wanted to remember of the run."""
        return self._last_said("notes")

    @property
    def tags(self) -> tuple[str, ...]:
        """The words that the run can be found by, in the order in which they were given."""
        tags: dict[str, None] = {}
        for said in self._in_order():
            tags.update(dict.fromkeys(said.add))
            for tag in said.remove:
                tags.pop(tag, None)
        return tuple(tags)

    @property
    def products(self) -> Products | None:
        """All that the run has produced; None where that was not recorded, and must be looked for."""
        if self.found is None or not self.told:
            return self.found
        metrics: dict[str, dict[str, None]] = {}
        for products in (self.found, *self.told):
            for log_name, keys in products.metrics.items():
                metrics.setdefault(log_name, {}).update(dict.fromkeys(keys))
        return Products(
            metrics={log_name: tuple(metrics[log_name]) for log_name in sorted(metrics)},
            artifacts=any(products.artifacts for products in (self.found, *self.told)),
        )

    @property
    def settled(self) -> Lost | None:
        """What ended the last attempt in the record, where it did not do so itself."""
        return _settling(self.lost, self.attempt)

    def after(self, event: Event) -> RunInfo:
        """The state once `event` has happened. A run that is COMPLETE stays so: its result is there."""
        facts = {name: getattr(self, name) for name in _BEGINNING}
        return RunInfo(**{**facts, **_changes(facts, event)})

    def _in_order(self) -> list[Described]:
        """Not by time: clocks differ, and what is said by hand lies in the first file."""
        return sorted(self.descriptions, key=lambda said: said.by_hand)

    def _last_said(self, what: str) -> str | None:
        said = (getattr(each, what) for each in reversed(self._in_order()))
        return next((text for text in said if text is not None), None) or None


_BEGINNING: Mapping[str, Any] = {attribute.name: attribute.default for attribute in fields(RunInfo)}
_NO_END: Mapping[str, None] = {"end": None, "result": None, "error": None, "signal": None}
_FACTS_OF_AN_ATTEMPT = tuple(name for name in Started.__struct_fields__ if name not in ("at", "positions"))


def fold(events: Iterable[Event]) -> RunInfo:
    """Replay a run's events, oldest first.

    >>> at = Moment(time="2026-11-23T10:00:00.000000Z", local="23/11/2026 11:00:00")
    >>> fold([Created(at=at), Started(at=at, attempt=1)]).status.value
    'RUNNING'
    """
    facts = dict(_BEGINNING)
    for event in events:
        facts.update(_changes(facts, event))
    return RunInfo(**facts)


def _changes(facts: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    """What an event changes in the fields of a `RunInfo`."""
    match event:
        case Created(at=at, origin=origin):
            return {"created": at, "origin": origin}
        case Submitting() | Submitted() | Unsubmitted():
            again = facts["status"] is Status.INTERRUPTED and isinstance(facts["submission"], Cancelled)
            return {"submission": event, **({"status": Status.STARTING, **_NO_END} if again else {})}
        case Cancelled(at=at):
            return {**_became(Status.INTERRUPTED, facts), "end": at, "signal": "cancelled", "submission": event}
        case Started():
            return _begun(facts, event)
        case Completed(at=at, result=result, products=found):
            return {"status": Status.COMPLETE, **_NO_END, "end": at, "result": result, "found": found}
        case Failed(at=at, error=error, products=found):
            return {**_became(Status.FAILED, facts), "end": at, "error": error, "signal": None, "found": found}
        case Interrupted(at=at, signal=signal, products=found):
            changes = {"end": at, "signal": signal, "error": None, "found": found}
            return {**_became(Status.INTERRUPTED, facts), **changes}
        case Warned(signal=signal):
            return {} if facts["status"] is Status.COMPLETE else {"signal": signal}
        case Lost():
            lost = (*facts["lost"], event)
            return {"lost": lost, **_settled(facts["status"], facts["attempt"], lost)}
        case Produced(products=products):
            return {"told": (*facts["told"], products)}
        case Described():
            return {"descriptions": (*facts["descriptions"], event)}
        case InputLogged(path=path):
            others = (logged for logged in facts["inputs"] if logged.path != path)
            return {"inputs": (*others, event)}
        case Checkpointed():
            return {}


def _begun(facts: Mapping[str, Any], event: Started) -> Mapping[str, Any]:
    changes = {name: getattr(event, name) for name in _FACTS_OF_AN_ATTEMPT}
    changes |= {"start": event.at, "found": None, **_became(Status.RUNNING, facts)}
    if event.positions is not None:
        changes["resumed_at"] = (*facts["resumed_at"], event.positions)
    if facts["status"] is not Status.COMPLETE:
        changes |= _NO_END
    return {**changes, **_settled(changes["status"], event.attempt, facts["lost"])}


def _became(status: Status, facts: Mapping[str, Any]) -> Mapping[str, Status]:
    return {"status": Status.COMPLETE if facts["status"] is Status.COMPLETE else status}


def _settled(status: Status, attempt: int, lost: Iterable[Lost]) -> Mapping[str, Any]:
    """What somebody settled in the record, where the last attempt did not end there itself."""
    settled = _settling(lost, attempt)
    if settled is None or status is not Status.RUNNING:
        return {}
    return {"status": Status.INTERRUPTED, "end": settled.last_seen}


def _settling(lost: Iterable[Lost], attempt: int) -> Lost | None:
    return next((found for found in lost if found.attempt == attempt), None)


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


@frozen(kw_only=True)
class Run:
    """One launched run, as `mlxp_fn.run` returns it; `id` and `dir` are None where nothing was logged."""

    id: int | None
    dir: str | None
    config: Config
    info: RunInfo
    result: Any = field(default=None, repr=False)

    @property
    def status(self) -> Status:
        """What became of it."""
        return self.info.status

    @property
    def failed(self) -> bool:
        """Whether it did not complete."""
        return self.status is not Status.COMPLETE


@frozen(kw_only=True)
class LoggerSettings:
    """How runs are logged; `options` are further arguments of a logger class of the user's own."""

    name: str = "mlxp.DefaultLogger"
    parent_log_dir: str = "./logs"
    forced_log_id: int = -1
    log_streams_to_file: bool = False
    fsync: bool = False
    options: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class VersionManagerSettings:
    """From which copy of the code runs execute; `options` as for the logger. The last three are ours.

    `on_dirty` is what to do where the code is not as its latest commit: `snapshot`, `commit`, `ignore` or `refuse`;
    `allow` names files that may be in a snapshot though they look like secrets or are larger than `max_file_mb`.
    """

    name: str = "mlxp.GitVM"
    parent_work_dir: str = "./.work_dir"
    compute_requirements: bool = False
    on_dirty: str = "snapshot"
    allow: tuple[str, ...] = ()
    max_file_mb: float = 10.0
    options: Mapping[str, Any] = field(factory=dict)


RECORDED_VARIABLES = (
    "CONDA_DEFAULT_ENV",
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_VISIBLE_DEVICES",
    "LD_LIBRARY_PATH",
    "LOCAL_RANK",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "PYTHONPATH",
    "PYTORCH_CUDA_ALLOC_CONF",
    "RANK",
    "VIRTUAL_ENV",
    "WORLD_SIZE",
    "XLA_FLAGS",
)
"""Environment variables that often decide on a result, recorded unless the settings name others."""


@frozen(kw_only=True)
class Settings:
    """MLXP's settings and their defaults, as in `configs/mlxp.yaml`; those from `fail_fast` on are ours."""

    logger: LoggerSettings = LoggerSettings()
    version_manager: VersionManagerSettings = VersionManagerSettings()
    use_version_manager: bool = False
    use_scheduler: bool = False
    use_logger: bool = True
    interactive_mode: bool = True
    resolve: bool = True
    as_ConfigDict: bool = False  # noqa: N815  MLXP's name
    fail_fast: bool = False
    cooperative: bool = False
    warning_signal: str | None = "SIGUSR1"
    name: str | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None
    step_columns: tuple[str, ...] = STEP_COLUMNS
    environment_variables: tuple[str, ...] = RECORDED_VARIABLES
    mask: tuple[str, ...] = ()
    warn_before: int = 0
    rank_variable: str | None = None
    scheduler: Mapping[str, Any] = field(factory=dict)


def default_settings() -> dict[str, Any]:
    """The settings nobody gave, as plain data without the free `options`."""
    plain: dict[str, Any] = asdict(Settings())
    for part in ("logger", "version_manager"):
        del plain[part]["options"]
    plain["step_columns"] = list(STEP_COLUMNS)
    plain["tags"] = []
    return plain


def names_of(record: type) -> tuple[str, ...]:
    """The field names of an attrs class, in order."""
    return tuple(attribute.name for attribute in fields(record))
