"""What a run is, where its scheduler and its own record each know a part."""

import pytest

from mlxp_fn.jobs.dialects import SLURM, STATES
from mlxp_fn.jobs.job_status import status_with_job
from mlxp_fn.records import Status


@pytest.mark.parametrize(
    ("seen", "job", "begun", "expected"),
    [
        ("STARTING", "held", False, "STARTING"),
        ("STARTING", "running", False, "STARTING"),
        ("STARTING", "cancelled", False, "INTERRUPTED"),
        ("STARTING", "timed out", False, "INTERRUPTED"),
        ("STARTING", "failed", False, "FAILED"),
        ("STARTING", "done", False, "FAILED"),
        ("RUNNING", "running", True, "RUNNING"),
        ("STALE", "running", True, "RUNNING"),
        ("LOST", "running", True, "LOST"),
        ("STALE", "out of memory", True, "FAILED"),
        ("LOST", "preempted", True, "INTERRUPTED"),
        ("LOST", "done", True, "LOST"),
        ("FAILED", "done", True, "FAILED"),
        ("INTERRUPTED", "requeued", True, "STARTING"),
        ("FAILED", "queued", True, "STARTING"),
        ("COMPLETE", "queued", True, "COMPLETE"),
        ("COMPLETE", "cancelled", True, "COMPLETE"),
    ],
)
def test_the_better_informed_is_believed(seen, job, begun, expected):
    assert status_with_job(Status(seen), STATES[job], begun).value == expected


@pytest.mark.parametrize(
    ("word", "reason", "expected"),
    [
        ("PENDING", "Priority", "queued"),
        ("PENDING", "JobHeldUser", "held"),
        ("PENDING", "BeginTime", "requeued"),
        ("CANCELLED by 0", "None", "cancelled"),
        ("OUT_OF_MEMORY", "OutOfMemory", "out of memory"),
    ],
)
def test_slurms_words_have_ours(word, reason, expected):
    assert SLURM.state_of(word, reason).word == expected


def test_a_word_that_nobody_knows_is_no_state():
    assert SLURM.state_of("TELEPORTED", "") is None
