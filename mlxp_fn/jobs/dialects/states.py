"""What a job is doing, in words of ours, whatever its scheduler calls it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

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
