"""Aggregates: values worked out by hand, and one rule for each difficulty."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest

from mlxp_fn.errors import InvalidMapError
from mlxp_fn.results.aggregates import (
    CI,
    AvgStd,
    Count,
    Last,
    Max,
    Mean,
    Median,
    Min,
    MinLast,
    Quantile,
    Sem,
    Std,
)
from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.student import student_t

NUMBERS = Frame({"x": [2, 4, 4, 6]})
CURVES = Frame({"x": [[1.0, 2.0], [3.0, 6.0]]})


def result(frame: Frame, aggregate: Any) -> dict[str, Any]:
    """The one row that comes of it."""
    (row,) = frame.aggregate([aggregate])
    return dict(row)


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (AvgStd("x"), {"x_avg": 4.0, "x_std": math.sqrt(2)}),
        (Mean("x"), {"x_mean": 4.0}),
        (Std("x"), {"x_std": math.sqrt(2)}),
        (Sem("x"), {"x_sem": math.sqrt(8 / 3 / 4)}),
        (CI("x"), {"x_low": 4 - 3.182446 * math.sqrt(2 / 3), "x_high": 4 + 3.182446 * math.sqrt(2 / 3)}),
        (Median("x"), {"x_median": 4.0}),
        (Quantile("x", 0.25), {"x_q0.25": 3.5}),
        (Min("x"), {"x_min": 2}),
        (Max("x"), {"x_max": 6}),
        (Count("x"), {"x_count": 4}),
    ],
)
def test_of_numbers(aggregate: Any, expected: dict[str, Any]) -> None:
    assert result(NUMBERS, aggregate) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (AvgStd("x"), {"x_avg": [2.0, 4.0], "x_std": [1.0, 2.0]}),
        (Median("x"), {"x_median": [2.0, 4.0]}),
        (Quantile("x", 1), {"x_q1": [3.0, 6.0]}),
        (Min("x"), {"x_min": [1.0, 2.0]}),
        (Count("x"), {"x_count": 2}),
        (Last("x"), {"x_last": [2.0, 6.0]}),
        (MinLast("x"), {"x_last_min": 2.0}),
        (AvgStd(Last("x")), {"x_last_avg": 4.0, "x_last_std": 2.0}),
    ],
)
def test_of_curves_element_by_element(aggregate: Any, expected: dict[str, Any]) -> None:
    assert result(CURVES, aggregate) == expected


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (30, 2.0423), (1000, 1.9623)]
)
def test_student_is_that_of_the_tables(freedom: int, expected: float) -> None:
    assert student_t(0.95, freedom) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("level", [0, 1, 95, -1])
def test_level_lies_between_0_and_1(level: float) -> None:
    with pytest.raises(InvalidMapError, match="between 0 and 1"):
        result(NUMBERS, CI("x", level))


def test_long_curves_are_whole() -> None:
    made = result(Frame({"x": [list(range(3000)), list(range(3000))]}), AvgStd("x"))

    assert made == {"x_avg": [float(place) for place in range(3000)], "x_std": [0.0] * 3000}


def test_missing_values_are_left_out() -> None:
    assert result(Frame({"x": [1, None, ABSENT, 3]}), AvgStd("x")) == {"x_avg": 2.0, "x_std": 1.0}


def test_empty_curves_are_left_out() -> None:
    assert result(Frame({"x": [[1.0], []]}), Mean("x")) == {"x_mean": [1.0]}


def test_missing_value_in_a_curve_is_left_out_at_its_place() -> None:
    assert result(Frame({"x": [[1, None, None], [3, 5, None]]}), Mean("x")) == {"x_mean": [2.0, 5.0, None]}


def test_nan_propagates() -> None:
    assert math.isnan(result(Frame({"x": [1, math.nan]}), Min("x"))["x_min"])


def test_nothing_gives_none() -> None:
    assert result(Frame({"x": [None, ABSENT]}), AvgStd("x")) == {"x_avg": None, "x_std": None}


def test_single_run_has_no_standard_error() -> None:
    assert math.isnan(result(Frame({"x": [1.0]}), Sem("x"))["x_sem"])
    assert str(result(Frame({"x": [[1.0, 2.0]]}), CI("x"))) == "{'x_low': [nan, nan], 'x_high': [nan, nan]}"


def test_curves_are_cut_to_the_shortest_and_it_is_told(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"loss": 1}, {"loss": 2}]})
    logs.run(2, metrics={"train": [{"loss": 3}]})

    with pytest.warns(
        UserWarning, match=r"the curves of train\.loss have 1 to 2 values; cut to the shortest"
    ) as told:
        made = result(logs.frame(), Mean("train.loss"))

    assert made == {"train.loss_mean": [2.0]}
    assert told[0].filename == __file__


def test_curves_of_one_length_need_no_warning(sweep: Frame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sweep.aggregate(AvgStd("train.loss"))


def test_frame_made_by_hand_tells_nobody() -> None:
    assert result(Frame({"x": [[1, 2], [3]]}), Mean("x")) == {"x_mean": [2.0]}


@pytest.mark.parametrize("column", [["a"], [["a", "b"]], [[[1], [2, 3]]], [{"a": 1}], [1, [1]]], ids=repr)
def test_what_is_no_number_is_refused(column: list[Any]) -> None:
    with pytest.raises(InvalidMapError, match="x"):
        result(Frame({"x": column}), Mean("x"))


def test_integers_beyond_64_bits_are_numbers() -> None:
    assert result(Frame({"x": [2**70, 2**70]}), Max("x")) == {"x_max": 2**70}


def test_keys_are_text_or_last() -> None:
    with pytest.raises(TypeError):
        AvgStd(3)  # type: ignore[arg-type]


def test_metric_files_are_read_once_for_all_aggregates() -> None:
    read: list[str] = []

    class Store:
        def lines(self, path: str) -> list[dict[str, Any]]:
            read.append(path)
            return [{"loss": 1.0, "acc": 0.5}]

        def last(self, path: str, key: str) -> Any:
            raise AssertionError

    from mlxp_fn.results.cells import MetricRef

    store = Store()
    frame = Frame({key: [MetricRef(path, key, store) for path in "ab"] for key in ("loss", "acc")})

    frame.aggregate([AvgStd("loss"), Max("loss"), Mean("acc")])

    assert read == ["a", "b"]
