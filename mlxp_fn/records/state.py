"""What a run is doing: the fold over its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import field, fields, frozen
from msgspec.structs import asdict

from mlxp_fn.errors import LogDirError
from mlxp_fn.records.events import (
    Cancelled,
    Checkpointed,
    Completed,
    Created,
    Described,
    Event,
    Failed,
    InputLogged,
    Interrupted,
    Lost,
    Moment,
    Produced,
    Products,
    Started,
    Submission,
    Submitted,
    Submitting,
    TaskError,
    Unsubmitted,
    Warned,
)
from mlxp_fn.records.settings import STEP_COLUMNS
from mlxp_fn.tree import Config


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


@frozen(kw_only=True, slots=False)
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
    """What an event changes in the fields of a `RunInfo`; the events that most runs have are asked for first."""
    match event:
        case Created(at=at, origin=origin):
            return {"created": at, "origin": origin}
        case Started():
            return _begun(facts, event)
        case Completed(at=at, result=result, products=found):
            return {"status": Status.COMPLETE, **_NO_END, "end": at, "result": result, "found": found}
        case Failed(at=at, error=error, products=found):
            return {**_became(Status.FAILED, facts), "end": at, "error": error, "signal": None, "found": found}
        case Interrupted(at=at, signal=signal, products=found):
            changes = {"end": at, "signal": signal, "error": None, "found": found}
            return {**_became(Status.INTERRUPTED, facts), **changes}
        case Submitting() | Submitted() | Unsubmitted():
            again = facts["status"] is Status.INTERRUPTED and isinstance(facts["submission"], Cancelled)
            return {"submission": event, **({"status": Status.STARTING, **_NO_END} if again else {})}
        case Cancelled(at=at):
            return {**_became(Status.INTERRUPTED, facts), "end": at, "signal": "cancelled", "submission": event}
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
    changes = asdict(event) | {"found": None}
    changes["start"], positions = changes.pop("at"), changes.pop("positions")
    if positions is not None:
        changes["resumed_at"] = (*facts["resumed_at"], positions)
    if facts["status"] is not Status.COMPLETE:
        changes |= {"status": Status.RUNNING, **_NO_END, **_settled(Status.RUNNING, event.attempt, facts["lost"])}
    return changes


def _became(status: Status, facts: Mapping[str, Any]) -> Mapping[str, Status]:
    return {"status": Status.COMPLETE if facts["status"] is Status.COMPLETE else status}


def _settled(status: Status, attempt: int, lost: Sequence[Lost]) -> Mapping[str, Any]:
    """What somebody settled in the record, where the last attempt did not end there itself."""
    settled = _settling(lost, attempt) if status is Status.RUNNING else None
    if settled is None:
        return {}
    return {"status": Status.INTERRUPTED, "end": settled.last_seen}


def _settling(lost: Sequence[Lost], attempt: int) -> Lost | None:
    for found in lost:  # mostly none: nothing that is built first
        if found.attempt == attempt:
            return found
    return None


@frozen(kw_only=True)
class Run:
    """One launched run, as `mlxp_fn.run` returns it; `id` and `dir` are None where nothing was logged."""

    id: int | None
    dir: str | None
    config: Config
    info: RunInfo = field(repr=lambda info: f"<{info.status.value}>")
    result: Any = field(default=None, repr=False)

    @property
    def status(self) -> Status:
        """What became of it."""
        return self.info.status

    @property
    def failed(self) -> bool:
        """Whether it did not complete."""
        return self.status is not Status.COMPLETE

    def __fspath__(self) -> str:
        """Its directory: a run can be given wherever one is asked for. `LogDirError` where nothing was logged."""
        if self.dir is None:
            raise LogDirError("this run was not logged (use_logger: false), and has no directory")
        return self.dir
