"""Aggregates: values worked out by hand, and one rule for each difficulty."""

from __future__ import annotations

import math
import tracemalloc
import warnings
from typing import Any

import pytest

from mlxp_fn.errors import InvalidMapError, UnknownColumnError
from mlxp_fn.results.aggregates import (
    CI,
    AvgStd,
    Best,
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
from mlxp_fn.results.steps import aggregate
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


@pytest.mark.parametrize("level", [0, 1, 95, -1, "95%"])
def test_level_lies_between_0_and_1(level: Any) -> None:
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


@pytest.mark.parametrize("column", [[10**400, 1], [[10**400], [1]]], ids=["number", "curve"])
@pytest.mark.parametrize("made", [AvgStd("x"), Median("x"), Quantile("x", 0.5)])
def test_integers_beyond_all_floats_are_refused(made: Any, column: Any) -> None:
    with pytest.raises(InvalidMapError, match=r"x is no number and no curve of numbers: '\[?1000"):
        result(Frame({"x": column}), made)


@pytest.mark.parametrize("column", [[math.inf, 1.0], [-math.inf, math.inf], [1e308, -1e308]])
@pytest.mark.parametrize("of", [float, lambda value: [value, value]])
def test_infinite_losses_need_no_warning(of: Any, column: list[float]) -> None:
    frame = Frame({"x": list(map(of, column))})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for made in (AvgStd("x"), CI("x"), Median("x"), Quantile("x", 0.3), AvgStd("x", unequal="union"), Min("x")):
            result(frame, made)
        frame.merge(Frame({"x": [[value] for value in column]})).curves("x")


def test_truths_have_quantiles() -> None:
    assert result(Frame({"x": [True, False, False]}), Quantile("x", 0.5)) == {"x_q0.5": 0.0}
    assert result(Frame({"x": [[True], [False]]}), Quantile("x", 0.5)) == {"x_q0.5": [0.5]}


@pytest.mark.parametrize("q", [90, -0.1, "0.5", None, math.nan])
def test_quantile_lies_between_0_and_1(q: Any) -> None:
    with pytest.raises(InvalidMapError, match="a quantile lies between 0 and 1, not"):
        Quantile("x", q)


@pytest.mark.parametrize("made", [Count, Last, lambda key: Best(by=key), lambda key: Best(key, by="x")])
@pytest.mark.parametrize("key", [3, ["x"], Last("x")])
def test_keys_of_other_aggregates_are_text(made: Any, key: Any) -> None:
    with pytest.raises(InvalidMapError, match="is no name of a column"):
        made(key)


def test_keys_are_text_or_last() -> None:
    with pytest.raises(InvalidMapError, match="not of 3"):
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


def test_curves_are_laid_side_by_side_where_a_column_is_equal(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"iter": 0, "loss": 4.0}, {"iter": 10, "loss": 2.0}, {"iter": 20, "loss": 1.0}]})
    logs.run(2, {}, {"train": [{"iter": 10, "loss": 4.0}, {"loss": 9.0}, {"iter": 0, "loss": 6.0}]})

    assert result(logs.frame(), AvgStd("train.loss", on="train.iter", unequal="union")) == {
        "train.iter": [0, 10, 20],
        "train.loss_avg": [5.0, 3.0, 1.0],
        "train.loss_std": [1.0, 1.0, 0.0],
    }


def test_places_that_not_all_runs_have_are_cut_and_it_is_told(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"iter": 0, "loss": 4.0}, {"iter": 20, "loss": 1.0}]})
    logs.run(2, {}, {"train": [{"iter": 0, "loss": 6.0}]})

    with pytest.warns(UserWarning, match=r"not all curves of train\.loss have the same places; 1 of 2 are kept"):
        made = result(logs.frame(), Mean("train.loss", on="train.iter"))

    assert made == {"train.iter": [0], "train.loss_mean": [5.0]}


def test_curves_at_other_places_of_one_column_are_told_apart(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"iter": 0, "loss": 4.0}, {"iter": 1, "loss": 2.0}, {"iter": 2, "acc": 0.5}]})
    loss, acc = Mean("train.loss", on="train.iter"), Mean("train.acc", on="train.iter")

    made = aggregate(loss, acc=acc)(logs.frame())[0]

    assert (made["train.iter"], made["acc_train.iter"]) == ([0, 1], [2])
    assert dict(aggregate(loss, loss)(logs.frame())[0])["train.iter"] == [0, 1]
    with pytest.raises(InvalidMapError, match=r"makes another 'train\.iter' than .*; give it a name"):
        aggregate(loss, acc)(logs.frame())


def test_runs_without_a_place_are_left_out(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"iter": 0, "loss": 4.0}]})
    logs.run(2, {}, {"train": [{"loss": 6.0}, {"iter": 1}]})

    table = logs.frame().aggregate(Mean("train.loss", on="train.iter"))

    assert dict(table[0]) == {"train.iter": [0], "train.loss_mean": [4.0]}
    assert [source.id for source in table.provenance(0, "train.loss_mean")] == [1]


def test_places_are_numbers_or_texts_and_nan_is_none(logs: Any) -> None:
    places = [10, "end", math.nan, None, 2]
    logs.run(1, {}, {"train": [{"iter": place, "loss": row} for row, place in enumerate(places)]})
    logs.run(2, {}, {"other": [{"iter": [1], "loss": 1.0}], "texts": [{"iter": 1, "loss": "low"}]})

    made = result(logs.frame(), Mean("train.loss", on="train.iter"))

    assert made == {"train.iter": [2, 10, "end"], "train.loss_mean": [4.0, 0.0, 1.0]}
    with pytest.raises(InvalidMapError, match=r"other\.iter is no axis: a run has '\[1\]' in it"):
        result(logs.frame(), Mean("other.loss", on="other.iter"))
    with pytest.raises(InvalidMapError, match=r"texts\.loss is no number and no curve of numbers: 'low'"):
        result(logs.frame(), Mean("texts.loss", on="texts.iter"))


def test_on_is_a_column_that_there_is(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"iter": 0, "loss": 4.0}]})

    with pytest.raises(UnknownColumnError, match=r"no column 'train\.step'; did you mean"):
        result(logs.frame(), Mean("train.loss", on="train.step"))


def test_on_is_a_column_of_the_same_log(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"iter": 0, "loss": 4.0}], "test": [{"iter": 0}]})

    with pytest.raises(InvalidMapError, match=r"test\.iter is no column of the log of train\.loss"):
        result(logs.frame(), Mean("train.loss", on="test.iter"))


@pytest.mark.parametrize("aggregate", [Mean("x", unequal="union"), Median("x", unequal="union")])
def test_union_takes_the_runs_that_reach_a_place(aggregate: Any) -> None:
    (values,) = result(Frame({"x": [[1.0, 2.0], [3.0]]}), aggregate).values()

    assert values == [2.0, 2.0]


def test_unequal_curves_can_be_an_error() -> None:
    with pytest.raises(InvalidMapError, match="unequal length; take unequal='cut' or 'union'"):
        result(Frame({"x": [[1.0, 2.0], [3.0]]}), Mean("x", unequal="error"))


@pytest.mark.parametrize(
    ("values", "expected"), [([1.0, math.nan, 3.0], 2.0), ([[1.0, 2.0], [math.nan, 4.0]], [1.0, 3.0])]
)
def test_nan_can_be_left_out(values: Any, expected: Any) -> None:
    assert result(Frame({"x": values}), Mean("x", nan="skip")) == {"x_mean": expected}


def test_a_rule_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidMapError, match="unequal='pad' is none of 'cut', 'union', 'error'"):
        Mean("x", unequal="pad")


def test_integers_too_large_for_floats_keep_every_digit() -> None:
    assert result(Frame({"x": [[2**60 + 1, 1], [2**60 + 3, 2]]}), Min("x")) == {"x_min": [2**60 + 1, 1]}


def test_best_is_the_value_of_the_run_with_the_least_or_greatest_number() -> None:
    frame = Frame({"info.logger.log_id": [7, 8, 9, 10], "lr": [1, 2, 3, 4], "x": [3.0, 1.0, math.nan, ABSENT]})

    assert result(frame, Best("lr", by="x")) == {"lr_best": 2}
    assert result(frame, Best("lr", by="x", mode="max")) == {"lr_best": 1}
    assert result(frame, Best(by="x")) == {"info.logger.log_id_best": 8}


def test_best_of_nothing_is_none() -> None:
    assert result(Frame({"lr": [1], "x": [None]}), Best("lr", by="x")) == {"lr_best": None}


def test_curves_are_averaged_without_being_kept(logs: Any) -> None:
    pytest.importorskip("numpy")
    lines = [{"loss": float(step)} for step in range(20_000)]
    for log_id in range(1, 21):
        logs.run(log_id, {}, {"train": lines})
    frame = logs.frame()
    result(frame[:1], AvgStd("train.loss"))
    tracemalloc.start()

    result(frame, AvgStd("train.loss"))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    one_run = 20_000 * 300  # bytes of a decoded line, generously
    assert peak < 3 * one_run
