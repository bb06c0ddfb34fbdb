"""Whether a run that is recorded as running does run: decided from what one host can see of it."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from mlxp_fn.records import RunInfo, Status

SILENCE = 300.0
"""Seconds after which an attempt, which gives a sign of life every minute, counts as silent."""


class Liveness(Enum):
    """What is known of the process of an attempt."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Host:
    """Where somebody looks from: numbers of processes mean the same only within one boot and one namespace."""

    hostname: str
    boot_id: str
    pid_namespace: str


@frozen(kw_only=True)
class Sighting:
    """What can be seen of an attempt from a host.

    `exists` tells whether a process has its number there, `process_start` when that one began, None where it
    cannot be looked at; `silence` is how many seconds ago the attempt gave its last sign of life.
    """

    host: Host
    exists: bool
    process_start: int | None
    silence: float


def liveness(run: RunInfo, seen: Sighting) -> Liveness:
    """Whether the process of the last attempt lives. GONE only where that is proven.

    A number is given again to later processes, so the start must be the same, too. A host of the same name
    with another boot is the same one after a restart; but two hosts may bear one name, so it must be silent, too.
    """
    if not (run.boot_id and run.pid_namespace):
        return Liveness.UNKNOWN
    if run.boot_id != seen.host.boot_id:
        restarted = run.hostname == seen.host.hostname and seen.silence > SILENCE
        return Liveness.GONE if restarted else Liveness.UNKNOWN
    if run.pid_namespace != seen.host.pid_namespace:
        return Liveness.UNKNOWN
    if not seen.exists:
        return Liveness.GONE
    if run.process_start is None or seen.process_start is None:
        return Liveness.UNKNOWN
    return Liveness.ALIVE if run.process_start == seen.process_start else Liveness.GONE


def status_seen(run: RunInfo, seen: Sighting) -> Status:
    """The status of a run that is recorded as RUNNING: that, LOST or STALE."""
    match liveness(run, seen):
        case Liveness.ALIVE:
            return Status.RUNNING
        case Liveness.GONE:
            return Status.LOST
        case Liveness.UNKNOWN:
            return Status.STALE if seen.silence > SILENCE else Status.RUNNING
