"""What a report says of runs: what varied, what failed, which groups, and curves in few points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlxp_fn.errors import InvalidMapError, UnknownColumnError
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.report_charts import groupings
from mlxp_fn.results.report_columns import column, shown
from mlxp_fn.results.reported import Found, reported
from mlxp_fn.results.run_curves import metrics_of
from mlxp_fn.views.report.parts import Failure, Report, RunParts


def report_on(frame: Frame, by: tuple[str, ...] = ()) -> Report:
    remarks: list[str] = []
    metrics = metrics_of(frame, remarks.append)
    found = Found(runs=[RunParts() for _ in range(len(frame))], remarks=remarks)
    return reported(frame, metrics, found, "Runs", by=by)


def test_what_varied_has_its_values_in_order_with_their_counts(sweep: Frame) -> None:
    varied = {each.label: each.values for each in report_on(sweep).varied}

    assert varied == {
        "optimizer.lr": (("0.01", 3), ("0.1", 3)),
        "seed": (("1", 2), ("2", 2), ("3", 2)),
    }


def test_groups_are_averaged_with_their_deviation(sweep: Frame) -> None:
    (chart,) = report_on(sweep).data.charts

    assert (chart.name, chart.axis, chart.x) == ("train.loss", "train.epoch", [0, 1, 2])
    (by_lr, all_runs) = chart.groupings
    assert [(group.label, group.runs) for group in by_lr] == [("optimizer.lr=0.01", 3), ("optimizer.lr=0.1", 3)]
    assert [(group.label, group.runs) for group in all_runs] == [("all runs", 6)]
    # 1, 1/2 and 1/3 at the first epoch: their variance is 13/162.
    assert by_lr[0].middle[0] == 0.61111
    assert (by_lr[0].low[0], by_lr[0].high[0]) == (0.32783, 0.89439)
    assert by_lr[0].counts == [3, 3, 3]


def test_curves_that_end_early_count_where_they_are(logs: Any) -> None:
    logs.run(1, {"lr": 1}, {"train": [{"loss": 1.0, "step": 0}]})
    logs.run(2, {"lr": 1}, {"train": [{"loss": 3.0, "step": 0}, {"loss": 5.0, "step": 1}]})

    (chart,) = report_on(logs.frame()).data.charts

    assert chart.groupings[-1][0].middle == [2, 5]
    assert chart.groupings[-1][0].counts == [2, 1]


def test_a_step_that_does_not_grow_in_every_run_is_no_axis(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"loss": 1.0, "epoch": 0}, {"loss": 2.0, "epoch": 0}]})
    logs.run(2, {}, {"train": [{"loss": 1.0, "epoch": 0}, {"loss": 2.0, "epoch": 1}]})

    (chart,) = report_on(logs.frame()).data.charts

    assert (chart.axis, chart.x) == ("place in the log", [0, 1])


def test_what_is_not_finite_is_a_gap_and_text_is_no_curve(logs: Any) -> None:
    lines = [{"loss": 1.0, "word": "a"}, {"loss": float("nan")}, {"loss": 10**400}, {"loss": 2.0, "word": "b"}]
    logs.run(1, {}, {"train": lines})

    data = report_on(logs.frame()).data

    (chart,) = data.charts
    assert chart.curves[0] and chart.curves[0].y == [1, None, None, 2]
    assert {each.name: each.values for each in data.columns if each.name.startswith("last ")} == {
        "last train.loss": [2.0],
        "last train.word": ["b"],
    }


def test_a_long_curve_keeps_its_spike_and_says_that_it_is_thinned(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"loss": 100.0 if step == 777 else 1.0, "step": step} for step in range(2_000)]})

    report = report_on(logs.frame())

    (chart,) = report.data.charts
    assert chart.curves[0] and len(chart.curves[0].x) <= 300
    assert chart.curves[0].y[chart.curves[0].x.index(777)] == 100
    assert len(chart.x) == 150
    assert report.remarks == (
        "Of the curve of a run at most 300 points are drawn, of 2000: its ends, and the lowest and the highest of "
        "each stretch.",
        "Groups are averaged at no more than 150 places; each average is exact there.",
    )


def test_failures_are_gathered_by_their_reason_the_commonest_first(logs: Any) -> None:
    interrupted = {"event": "interrupted", "at": logs.completed["at"], "signal": "SIGTERM"}
    logs.run(1, events=[logs.started, interrupted])
    logs.run(2, events=[logs.started, logs.failed])
    logs.run(3)
    logs.run(4, events=[logs.started, logs.failed])

    assert report_on(logs.frame()).failures == (
        Failure(status="FAILED", reason="ValueError: no", ids=(2, 4)),
        Failure(status="INTERRUPTED", reason="SIGTERM", ids=(1,)),
    )


def test_groupings_offered_are_all_keys_together_each_alone_and_none() -> None:
    frame = Frame({"config.a": [1, 1, 2, 2], "config.b": [1, 2, 1, 2], "config.seed": [1, 2, 3, 4]})

    made = groupings(frame, [])

    assert [each.label for each in made] == ["a, b", "a", "b", "all runs"]
    assert made[0].labels == ["a=1, b=1", "a=1, b=2", "a=2, b=1", "a=2, b=2"]
    assert list(made[1].numbers) == [0, 0, 1, 1]


def test_a_key_with_a_value_for_every_run_is_offered_only_when_asked_for() -> None:
    frame = Frame({"config.lr": list(np.arange(30.0))})

    assert [each.label for each in groupings(frame, [])] == ["all runs"]
    assert len(groupings(frame, ["config.lr"])[0].labels) == 30


def test_more_groups_than_can_be_told_apart_are_refused() -> None:
    frame = Frame({"config.lr": list(np.arange(41.0))})

    with pytest.raises(InvalidMapError, match=r"config\.lr make 41 groups; a chart shows 40 at most"):
        groupings(frame, ["config.lr"])


def test_results_are_no_runs() -> None:
    with pytest.raises(UnknownColumnError, match="info.logger.log_id"):
        report_on(Frame({"loss": [1.0]}))


def test_equal_values_of_other_types_stay_apart_and_shared_ones_are_held_once() -> None:
    assert column("a", [1, True, 1, "1"], "a").values == [1, "True", "1"]
    assert column("a", [1, True, 1, "1"], "a").codes == [0, 1, 0, 2]
    assert column("a", [[1], [1]], "a").codes is None


def test_values_that_are_too_long_or_too_deep_are_shown_somehow() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]

    assert shown("x" * 3_000) == "x" * 2_000 + "… (3000 characters)"
    assert shown(10**5_000) == "an integer of many digits"
    assert shown(2**53) == "9007199254740992"
    assert shown(deep) == "a deep tree"
