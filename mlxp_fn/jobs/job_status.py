"""The status of a run of which a scheduler knows more than its own record."""

from __future__ import annotations

from mlxp_fn.jobs.dialects import JobState
from mlxp_fn.records import Status

_OWN_END = (Status.COMPLETE, Status.FAILED, Status.INTERRUPTED)


def status_with_job(seen: Status, job: JobState, begun: bool) -> Status:
    """The status of a run that looks `seen` by itself and whose latest job is `job`.

    A run that was completed stays so, and one that told its own end is believed; one that waits for a next attempt
    is about to start. Of a job that ended, while its run says nothing of it, the scheduler's word counts; but a
    job that ended well has completed nothing that its run does not know of.

    >>> from mlxp_fn.jobs.dialects import STATES
    >>> status_with_job(Status.STARTING, STATES["out of memory"], begun=False).value
    'FAILED'
    >>> status_with_job(Status.INTERRUPTED, STATES["requeued"], begun=True).value
    'STARTING'
    """
    if seen is Status.COMPLETE:
        return seen
    if job.status is Status.STARTING:
        return Status.STARTING
    if job.status is Status.RUNNING:
        return Status.RUNNING if seen is Status.STALE else seen
    if seen in _OWN_END:
        return seen
    if job.status is Status.COMPLETE:
        return Status.LOST if begun else Status.FAILED
    return job.status


def status_when_cancelled(seen: Status) -> Status:
    """The status of a run that looks `seen` by itself and whose job was taken back, which explains silence.

    >>> status_when_cancelled(Status.LOST).value, status_when_cancelled(Status.FAILED).value
    ('INTERRUPTED', 'FAILED')
    """
    return Status.INTERRUPTED if seen in (Status.LOST, Status.STALE) else seen
