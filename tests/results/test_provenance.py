"""Which runs are behind a number."""

from __future__ import annotations

from typing import Any

import pytest

from mlxp_fn.errors import UnknownColumnError
from mlxp_fn.results.aggregates import AvgStd, Best, Count, Last, Mean, Median
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.provenance import Source
from mlxp_fn.results.steps import aggregate, derive, group_by, join, sort_by, where

RUNS = Frame(
    {
        "info.logger.log_id": [1, 2, 3, 4],
        "info.logger.log_dir": ["logs/1", "logs/2", "logs/3", "logs/4"],
        "info.git.commit": ["abc", "abc", "def", None],
        "config.lr": [0.1, 0.1, 0.2, 0.2],
        "loss": [3.0, None, 1.0, 2.0],
    }
)


def ids(frame: Frame, row: int, column: str) -> list[int | None]:
    return [source.id for source in frame.provenance(row, column)]


def test_a_run_is_behind_its_own_values() -> None:
    assert RUNS.provenance(2, "loss") == (Source(id=3, dir="logs/3", commit="def"),)


@pytest.mark.parametrize(
    ("made", "column", "expected"),
    [
        (Mean("loss"), "loss_mean", [3, 4]),
        (Median("loss"), "loss_median", [3, 4]),
        (Mean(Last("loss")), "loss_last_mean", [3, 4]),
        (Count("loss"), "loss_count", [3, 4]),
        (Best(by="loss"), "info.logger.log_id_best", [3]),
        ((max, "config.lr"), "fmax.config.lr", [3, 4]),
    ],
)
def test_the_runs_that_entered_a_number_are_behind_it(made: Any, column: str, expected: list[int]) -> None:
    table = aggregate(made)(group_by("config.lr")(RUNS))

    assert ids(table, 1, column) == expected


def test_a_run_without_the_value_is_not_behind_it() -> None:
    table = aggregate(Mean("loss"), runs=Count("config.lr"))(group_by("config.lr")(RUNS))

    assert (ids(table, 0, "loss_mean"), ids(table, 0, "runs")) == ([1], [1, 2])


def test_the_best_run_is_behind_a_best_of_another_name() -> None:
    assert ids(aggregate(id=Best(by="loss"))(RUNS), 0, "id") == [3]


@pytest.mark.parametrize("curve", [float, lambda value: [value, value]])
def test_a_run_whose_nan_is_left_out_is_not_behind_the_number(curve: Any) -> None:
    runs = RUNS.merge(Frame({"x": [curve(float("nan")), curve(2.0), None, curve(4.0)]}))

    assert ids(aggregate(Mean("x", nan="skip"))(runs), 0, "x_mean") == [2, 4]
    assert ids(aggregate(Mean("x"))(runs), 0, "x_mean") == [1, 2, 4]


def test_all_runs_of_a_row_are_behind_its_key() -> None:
    table = aggregate(Mean("loss"), Count("config.lr"))(group_by("config.lr")(RUNS))

    assert ids(table, 0, "config.lr") == [1, 2]


def test_rows_keep_their_runs_when_they_are_sorted_filtered_and_sliced() -> None:
    table = aggregate(Mean("loss"))(group_by("config.lr")(RUNS))

    assert ids(sort_by("loss_mean")(table), 0, "loss_mean") == [3, 4]
    assert ids(where("config.lr > 0.1")(table), 0, "loss_mean") == [3, 4]
    assert ids(table[1:], 0, "loss_mean") == [3, 4]
    assert ids(table.select("loss_mean"), 1, "loss_mean") == [3, 4]


def test_runs_are_behind_results_of_results() -> None:
    averages = aggregate(Mean("loss"))(group_by("config.lr")(RUNS))

    assert ids(aggregate(Mean("loss_mean"))(averages), 0, "loss_mean_mean") == [1, 3, 4]


def test_joined_results_keep_their_runs() -> None:
    averages = aggregate(Mean("loss"))(group_by("config.lr")(RUNS))
    best = aggregate(Best("loss", by="loss"))(group_by("config.lr")(RUNS))

    table = join(best, on="config.lr")(averages)

    assert (ids(table, 1, "loss_mean"), ids(table, 1, "loss_best")) == ([3, 4], [3])


def test_a_run_is_behind_its_own_values_beside_results_too() -> None:
    averages = aggregate(Mean("loss"))(group_by("config.lr")(RUNS))

    table = derive(above=lambda run: run["loss_mean"])(join(averages, on="config.lr")(RUNS))

    assert (ids(table, 2, "loss"), ids(table, 2, "loss_mean"), ids(table, 2, "above")) == ([3], [3, 4], [3, 4])
    assert ids(aggregate(Mean("loss"))(where("info.logger.log_id == 3")(table)), 0, "loss_mean") == [3]


@pytest.mark.parametrize(
    ("made", "column", "expected"),
    [
        (RUNS.select("config.lr", "loss"), "loss", [3]),
        (RUNS.select("loss").sort("loss").select("loss"), "loss", [1]),
        (RUNS.map((str, "loss")), "fstr.loss", [3]),
        (RUNS.merge(RUNS.map((str, "loss"))), "fstr.loss", [3]),
        (RUNS.groupby("config.lr").map((str, "loss"), ungroup=True), "fstr.loss", [3]),
        (RUNS.apply((len, "config.lr"), "Columnwise").take([0, 0, 0]), "flen.config.lr", [1, 2, 3, 4]),
    ],
)
def test_runs_are_behind_chosen_columns_and_results_of_maps(made: Frame, column: str, expected: list[int]) -> None:
    assert ids(made, 2, column) == expected


def test_runs_of_chosen_columns_are_behind_their_average() -> None:
    table = aggregate(Mean("loss"))(group_by("config.lr")(RUNS.select("config.lr", "loss")))

    assert ids(table, 1, "loss_mean") == [3, 4]


def test_groups_of_results_keep_their_runs() -> None:
    grouped = RUNS.groupby("config.lr").aggregate(AvgStd("loss"))

    assert ids(grouped.ungroup(), 1, "loss_avg") == [3, 4]


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownColumnError, match="no column 'los'"):
        RUNS.provenance(0, "los")
