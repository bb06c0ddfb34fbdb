"""What a table of runs shows."""

from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.overview import cells_of, overview


def test_time_counts_to_the_end_or_to_now_and_of_a_lost_run_nobody_knows() -> None:
    runs = Frame(
        {
            "info.start": ["2026-11-25T10:00:00Z"] * 3 + [ABSENT],
            "info.end": ["2026-11-25T10:00:07Z", ABSENT, ABSENT, ABSENT],
            "info.status": ["COMPLETE", "RUNNING", "LOST", "STARTING"],
        },
        read_at="2026-11-25T11:00:00Z",
    )

    assert cells_of(runs, "took") == [7.0, 3600.0, ABSENT, ABSENT]


def test_a_run_that_diverged_is_not_the_best() -> None:
    runs = Frame({"info.logger.log_id": [1, 2, 3], "config.acc": [float("nan"), 0.5, 0.9]})

    assert overview(runs, ["id"], sort="-acc", limit=2)["id"] == [3, 2]
