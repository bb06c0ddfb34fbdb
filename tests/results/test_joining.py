"""Frames side by side, in long form, and as tables of other libraries."""

from __future__ import annotations

from typing import Any

import pytest

from mlxp_fn.errors import InvalidKeyError, InvalidMapError
from mlxp_fn.results.aggregates import Mean
from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.steps import aggregate, group_by, join, long, to_arrow, to_polars

RUNS = Frame({"config.lr": [0.1, 0.2, 0.1], "config.seed": [1, 2, 3]})
AVERAGES = Frame({"config.lr": [0.1, 0.3], "loss_mean": [5.0, 7.0]})


def test_rows_get_the_columns_of_their_partner() -> None:
    assert join(AVERAGES, on="config.lr")(RUNS)["loss_mean"] == [5.0, None, 5.0]


def test_inner_leaves_out_rows_without_a_partner() -> None:
    assert join(AVERAGES, on="config.lr", how="inner")(RUNS)["config.seed"] == [1, 3]


def test_nan_joins_nan_and_none_joins_none() -> None:
    left = Frame({"key": [float("nan"), None]})
    right = Frame({"key": [float("nan"), None], "value": [1, 2]})

    assert join(right, on="key")(left)["value"] == [1, 2]


def test_averages_stand_beside_all_runs_they_are_of() -> None:
    runs = Frame({"key": [None, ABSENT, [1, {"a": 2}]], "x": [1, 3, 7]})

    averages = aggregate(Mean("x"))(group_by("key")(runs))

    assert (averages["key"], averages["x_mean"]) == ([None, [1, {"a": 2}]], [2.0, 7.0])
    assert join(averages, on="key")(runs)["x_mean"] == [2.0, 2.0, 7.0]


@pytest.mark.parametrize(
    ("other", "on", "how", "message"),
    [
        (RUNS, "config.lr", "left", "both frames have config.seed"),
        (RUNS.select("config.lr"), "config.lr", "left", "rows 0 and 2 of the other frame have the same config.lr"),
        (AVERAGES, "config.lr", "outer", "how='outer' is none of 'left', 'inner'"),
    ],
)
def test_what_has_no_one_answer_is_refused(other: Frame, on: str, how: str, message: str) -> None:
    with pytest.raises(InvalidMapError, match=message):
        join(other, on=on, how=how)(RUNS)


def test_long_form_keeps_lines_together_when_keys_come_late_or_in_turns(logs: Any) -> None:
    logs.run(7, {}, {"train": [{"loss": 3, "iter": 10}, {"acc": 0.5, "iter": 11}, {"loss": 2, "acc": 0.75}]})

    table = long("train.loss", "train.acc")(logs.frame())

    assert [tuple(row.values()) for row in table] == [
        (7, 0, 10, "train.loss", 3),
        (7, 2, None, "train.loss", 2),
        (7, 1, 11, "train.acc", 0.5),
        (7, 2, None, "train.acc", 0.75),
    ]


def test_long_form_without_names_has_every_metric(logs: Any) -> None:
    logs.run(1, {"lr": 0.1}, {"train": [{"loss": 3}], "test": [{"loss": 4}]})

    assert sorted(long()(logs.frame())["metric"]) == ["test.loss", "train.loss"]


def test_long_form_of_runs_without_metrics_is_empty(logs: Any) -> None:
    logs.run(1, {"lr": 0.1})

    assert long()(logs.frame())["value"] == []


def test_long_form_of_what_is_no_metric_is_refused(logs: Any) -> None:
    logs.run(1, {"lr": 0.1}, {"train": [{"loss": 3}]})

    with pytest.raises(InvalidKeyError, match=r"'config.lr' is no metric: a run has 0.1; there are train\.loss"):
        long("train.loss", "config.lr")(logs.frame())


def test_arrow_holds_values_and_curves(logs: Any) -> None:
    pytest.importorskip("pyarrow")
    logs.run(1, {"lr": 0.1}, {"train": [{"loss": 3.0}, {"loss": 2.0}]})
    logs.run(2, {"lr": None})

    table = to_arrow()(logs.frame())

    assert table.column("config.lr").to_pylist() == [0.1, None]
    assert table.column("train.loss").to_pylist() == [[3.0, 2.0], None]


def test_polars_holds_values_and_curves(logs: Any) -> None:
    pytest.importorskip("polars")
    logs.run(1, {"lr": 0.1}, {"train": [{"loss": 3.0}, {"loss": 2.0}]})
    logs.run(2, {"lr": None})

    table = to_polars()(logs.frame())

    assert table["config.lr"].to_list() == [0.1, None]
    assert table["train.loss"].to_list() == [[3.0, 2.0], None]


@pytest.mark.parametrize(
    "values",
    [
        [1, 2.5, None],
        [[1], [2.5], []],
        [[[1]], [[None, 2.5]], None],
        [[{"a": 1}], [{"a": 2.5}]],
        [{"a": 1, "b": None}, {"a": None, "b": [True]}],
        [2**70, 1],
        [None, [], ["x"]],
        [None],
    ],
    ids=repr,
)
def test_polars_holds_what_later_rows_have(values: list[Any]) -> None:
    pytest.importorskip("polars")

    assert to_polars()(Frame({"x": values}))["x"].to_list() == values


@pytest.mark.parametrize("values", [[[True], [2]], [["a"], [1]], [True, 2]], ids=repr)
def test_polars_bends_no_value_to_another_type(values: list[Any]) -> None:
    pytest.importorskip("polars")

    with pytest.raises(InvalidMapError, match="x has values of several types"):
        to_polars()(Frame({"x": values}))


@pytest.mark.parametrize(("library", "step"), [("pyarrow", to_arrow), ("polars", to_polars)])
def test_a_column_of_several_types_is_named(library: str, step: Any) -> None:
    pytest.importorskip(library)

    with pytest.raises(InvalidMapError, match=r"config\.x has values of several types"):
        step()(Frame({"config.x": [1, "a", [2]]}))
