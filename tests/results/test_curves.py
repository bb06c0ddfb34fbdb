"""What a plot shows."""

from __future__ import annotations

from typing import Any

import pytest

from mlxp_fn.errors import InvalidMapError, UnknownColumnError
from mlxp_fn.results.curves import curves
from mlxp_fn.results.frame import Frame


def test_one_curve_for_each_group_in_order(sweep: Frame) -> None:
    made = curves(sweep, "train.loss", by="config.optimizer.lr")

    assert [(curve.label, curve.runs) for curve in made] == [("optimizer.lr=0.01", 3), ("optimizer.lr=0.1", 3)]


def test_middle_is_the_mean_and_the_band_goes_around_it() -> None:
    (made,) = curves(Frame({"loss": [[1.0, 2.0], [3.0, 6.0]]}), "loss")

    assert (made.x, made.middle, made.low, made.high) == ([0, 1], [2.0, 4.0], [1.0, 2.0], [3.0, 6.0])


def test_band_may_be_the_range_or_nothing() -> None:
    frame = Frame({"loss": [[1.0], [2.0], [6.0]]})

    assert [(curve.low, curve.high) for curve in curves(frame, "loss", band="minmax")] == [([1.0], [6.0])]
    assert [(curve.low, curve.high) for curve in curves(frame, "loss", band=None)] == [([], [])]


def test_band_of_another_name_is_refused() -> None:
    with pytest.raises(InvalidMapError, match="band 'wide' is none of std, sem, ci, minmax"):
        curves(Frame({"loss": [[1.0]]}), "loss", band="wide")


def test_curves_are_drawn_of_numbers_alone(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"note": "low", "loss": 1.0}]})

    with pytest.raises(InvalidMapError, match=r"train\.note is no number and no curve of numbers: 'low'"):
        curves(logs.frame(), "train.note")
    with pytest.raises(InvalidMapError, match=r"train\.note is no axis: a run has 'low' in it"):
        curves(logs.frame(), "train.loss", x="train.note")
    with pytest.raises(UnknownColumnError, match=r"no column \['train.loss'\]; did you mean train.loss"):
        curves(logs.frame(), ["train.loss"])  # type: ignore[arg-type]


def test_values_against_x_come_from_the_same_lines(logs: Any) -> None:
    logs.run(
        1, metrics={"train": [{"epoch": 0}, {"epoch": 5, "loss": 1.0}, {"loss": 9}, {"epoch": 10, "loss": 3.0}]}
    )

    (made,) = curves(logs.frame(), "train.loss", x="train.epoch")

    assert (made.x, made.middle) == ([5, 10], [1.0, 3.0])


def test_runs_are_averaged_where_x_is_the_same(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"epoch": 0, "loss": 1.0}, {"epoch": 1, "loss": 2.0}]})
    logs.run(2, metrics={"train": [{"epoch": 1, "loss": 4.0}]})

    (made,) = curves(logs.frame(), "train.loss", x="train.epoch")

    assert (made.x, made.middle) == ([0, 1], [1.0, 3.0])


def test_without_x_curves_are_cut_to_the_shortest(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"loss": 1.0}, {"loss": 2.0}]})
    logs.run(2, metrics={"train": [{"loss": 3.0}]})

    with pytest.warns(UserWarning, match="cut to the shortest, which drawing them against a column x does not"):
        (made,) = curves(logs.frame(), "train.loss")

    assert made.middle == [2.0]


def test_x_of_another_log_is_refused(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"loss": 1.0}], "test": [{"epoch": 1}]})

    with pytest.raises(InvalidMapError, match="the same log"):
        curves(logs.frame(), "train.loss", x="test.epoch")


def test_number_is_no_curve() -> None:
    with pytest.raises(InvalidMapError, match=r"loss is no curve: a run has 1\.0"):
        curves(Frame({"loss": [1.0]}), "loss")


def test_groups_without_the_metric_have_no_curve(logs: Any) -> None:
    logs.run(1, {"seed": 1}, {"train": [{"loss": 1.0}]})
    logs.run(2, {"seed": 2})

    assert [curve.label for curve in curves(logs.frame(), "train.loss", by="config.seed")] == ["seed=1"]


def test_unknown_column_is_an_error(sweep: Frame) -> None:
    with pytest.raises(UnknownColumnError):
        curves(sweep, "train.los")
