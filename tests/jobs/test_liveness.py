"""What is concluded from what one host sees of a run, case by case."""

import pytest
from attrs import evolve

from mlxp_fn.jobs.liveness import Host, Liveness, Sighting, liveness, status_seen
from mlxp_fn.records import RunInfo, Status

RUN = RunInfo(
    status=Status.RUNNING,
    attempt=1,
    hostname="node1",
    boot_id="boot-a",
    pid_namespace="pid:[1]",
    process_id=42,
    process_start=1000,
)
HERE = Host(hostname="node1", boot_id="boot-a", pid_namespace="pid:[1]")
ALIVE = Sighting(host=HERE, exists=True, process_start=1000, silence=10.0)
ELSEWHERE = evolve(ALIVE, host=Host(hostname="node2", boot_id="boot-b", pid_namespace="pid:[1]"))
AFTER_RESTART = evolve(ALIVE, host=evolve(HERE, boot_id="boot-b"))
IN_A_CONTAINER = evolve(ALIVE, host=evolve(HERE, pid_namespace="pid:[2]"))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (ALIVE, "ALIVE"),
        (evolve(ALIVE, silence=1e6), "ALIVE"),
        (evolve(ALIVE, exists=False, process_start=None), "GONE"),
        (evolve(ALIVE, process_start=1001), "GONE"),
        (evolve(ALIVE, process_start=None), "UNKNOWN"),
        (ELSEWHERE, "UNKNOWN"),
        (evolve(ELSEWHERE, exists=False), "UNKNOWN"),
        (evolve(ELSEWHERE, silence=1e6), "UNKNOWN"),
        (AFTER_RESTART, "UNKNOWN"),
        (evolve(AFTER_RESTART, silence=301.0), "GONE"),
        (evolve(IN_A_CONTAINER, exists=False), "UNKNOWN"),
    ],
)
def test_a_process_is_gone_only_where_that_is_proven(seen, expected):
    assert liveness(RUN, seen) is Liveness[expected]


@pytest.mark.parametrize("missing", [{"boot_id": ""}, {"pid_namespace": ""}, {"process_start": None}])
def test_a_record_without_the_facts_proves_nothing(missing):
    assert liveness(evolve(RUN, **missing), ALIVE) is Liveness.UNKNOWN


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (ALIVE, "RUNNING"),
        (evolve(ALIVE, exists=False), "LOST"),
        (evolve(ELSEWHERE, silence=60.0), "RUNNING"),
        (evolve(ELSEWHERE, silence=301.0), "STALE"),
        # The clock of the host that looks is behind: the last sign lies in its future.
        (evolve(ELSEWHERE, silence=-3600.0), "RUNNING"),
    ],
)
def test_the_status_that_is_seen(seen, expected):
    assert status_seen(RUN, seen) is Status[expected]
