"""Pipelines: each step is a function of one frame."""

from __future__ import annotations

import math
import statistics
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from toolz import pipe

from mlxp_fn.errors import InvalidKeyError, InvalidMapError, QueryError, UnknownColumnError
from mlxp_fn.results.aggregates import AvgStd, Count, Last, Mean
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.query_parser import parse
from mlxp_fn.results.steps import (
    aggregate,
    collect,
    derive,
    group_by,
    head,
    long,
    select,
    sort_by,
    to_pandas,
    where,
)


class Source:
    """Anything that has a frame."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def frame(self) -> Frame:
        return self._frame


def test_the_pipeline_of_the_paper(sweep: Frame) -> None:
    made = pipe(
        sweep,
        where("config.seed in [1, 2] & ~(info.status == 'FAILED')"),
        group_by("config.optimizer.lr"),
        aggregate(AvgStd("train.loss")),
    )

    assert made.keys() == ["config.optimizer.lr", "train.loss_avg", "train.loss_std"]
    assert made["config.optimizer.lr"] == [0.1, 0.01]
    assert made["train.loss_avg"][0] == pytest.approx([3 / 4, 5 / 12, 7 / 24])


def test_steps_take_whatever_has_a_frame(sweep: Frame) -> None:
    assert where("config.seed == 1")(Source(sweep))["info.logger.log_id"] == [1, 4]
    assert collect()(Source(sweep)) is sweep


def test_step_can_be_used_again(sweep: Frame) -> None:
    step = where("config.seed == 1")

    assert len(step(sweep)) == len(step(sweep)) == 2


def test_where_takes_a_query_that_has_been_parsed(sweep: Frame) -> None:
    assert len(where(parse("config.seed > 2"))(sweep)) == 2


def test_where_takes_a_function_of_the_row(sweep: Frame) -> None:
    assert where(lambda run: run["train.loss"][-1] < 0.25)(sweep)["config.seed"] == [3, 3]


def test_where_asks_metrics(sweep: Frame) -> None:
    assert where("last(train.loss) < 0.25")(sweep)["config.seed"] == [3, 3]


def test_where_refuses_a_bad_query_at_once() -> None:
    with pytest.raises(QueryError):
        where("config.seed = 1")


def test_key_that_no_run_has_gives_nothing_and_a_warning(sweep: Frame) -> None:
    with pytest.warns(UserWarning, match=r"^no run has config\.sed; did you mean config\.seed\?$") as told:
        found = where("config.sed != 1")(sweep)

    assert len(found) == 0
    assert [warning.filename for warning in told] == [__file__]


def test_warning_acts_upon_no_terminal(logs: Any) -> None:
    logs.run(1, {"lr\x1b[31m": 1})

    with pytest.warns(UserWarning, match=r"did you mean config\.lr\\x1b\[31m\?$"):
        where("config.lr == 1")(logs.frame())


def test_all_keys_that_no_run_has_are_named_in_one_warning(sweep: Frame) -> None:
    expected = r"^no run has config\.sed, nor train\.los; did you mean config\.seed or train\.loss\?$"
    with pytest.warns(UserWarning, match=expected) as told:
        where("config.sed == 1 | last(train.los) < 1")(sweep)

    assert len(told) == 1


def test_age_is_counted_to_the_moment_of_reading(logs: Any) -> None:
    for log_id, hours in ((1, 1), (2, 30)):
        began = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        logs.run(log_id, {"seed": log_id}, events=[{**logs.started, "at": {"time": began, "local": ""}}])
    frame = logs.frame()

    assert where("'1h' <= info.age < '12h'")(frame)["config.seed"] == [1]
    assert where("'1d6h' <= info.age < '2d'")(frame.sort("config.seed"))["config.seed"] == [2]


def test_key_that_some_run_has_needs_no_warning(sweep: Frame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        where("has(config.gone) | config.optimizer == {'lr': 0.1}")(sweep)


@pytest.mark.parametrize("query", [None, 3, ["config.seed == 1"]])
def test_where_refuses_what_is_no_query(query: Any) -> None:
    with pytest.raises(QueryError, match="a query is a text, or a function of the row, and not"):
        where(query)


def test_names_may_stand_in_a_list(sweep: Frame) -> None:
    names = ["config.seed", "config.optimizer.lr"]

    assert select(names)(sweep) == select(*names)(sweep)
    assert sort_by(names)(sweep) == sort_by(*names)(sweep)
    assert list(group_by(names)(sweep)) == list(group_by(*names)(sweep))


@pytest.mark.parametrize("step", [select, sort_by, group_by, long])
def test_what_is_no_name_is_refused(step: Any) -> None:
    with pytest.raises(InvalidKeyError, match="3 is no name of a column"):
        step("config.seed", 3)


def test_step_takes_no_text(sweep: Frame) -> None:
    with pytest.raises(
        InvalidMapError, match=r"a step takes a frame, such as mlxp_fn\.runs\('logs'\), and not 'logs'"
    ):
        collect()("logs")  # type: ignore[arg-type]


def test_derived_columns_are_functions() -> None:
    with pytest.raises(InvalidMapError, match="x=5 is no function of the row"):
        derive(x=5)  # type: ignore[arg-type]


def test_select_keeps_columns(sweep: Frame) -> None:
    assert select("config.seed", "train.loss")(sweep).keys() == ["config.seed", "train.loss"]


def test_derive_adds_columns_of_each_row(sweep: Frame) -> None:
    made = derive(final=lambda run: run["train.loss"][-1])(sweep)

    assert made["final"][:3] == [1 / 3, 1 / 4, 1 / 5]


def test_group_by_all_but_the_seed_groups_by_what_varies(sweep: Frame) -> None:
    assert list(group_by(all_but="config.seed")(sweep)) == [(0.1,), (0.01,)]


def test_group_by_all_but_an_unknown_column_is_an_error(sweep: Frame) -> None:
    with pytest.raises(UnknownColumnError, match=r"did you mean config\.seed"):
        group_by(all_but="config.sed")(sweep)


@pytest.mark.parametrize("settings", [{}, {"all_but": "config.seed", "keys": ["config.lr"]}])
def test_group_by_takes_either(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidKeyError):
        group_by(*settings.pop("keys", []), **settings)


def test_named_function_gets_the_last_value_of_each_run(sweep: Frame) -> None:
    made = pipe(sweep, group_by("config.optimizer.lr"), aggregate(best=(min, "train.loss")))

    assert made["best"] == [0.2, 0.2]


@pytest.mark.parametrize("losses", [[math.nan, 1.0], [1.0, math.nan]])
def test_least_of_nan_is_nan_in_every_order(losses: list[float]) -> None:
    made = aggregate(least=(min, "loss"), most=(max, "loss"), n=(len, "loss"))(Frame({"loss": losses}))[0]

    assert (math.isnan(made["least"]), math.isnan(made["most"]), made["n"]) == (True, True, 2)


def test_named_aggregate_bears_the_name(sweep: Frame) -> None:
    made = aggregate(loss=AvgStd(Last("train.loss")), n=Count("train.loss"))(sweep)

    assert made.keys() == ["loss_avg", "loss_std", "n"]


def test_places_bear_the_name_and_their_column(logs: Any) -> None:
    logs.run(1, {}, {"train": [{"global_mean": 0, "my_loss": 4.0}]})

    made = aggregate(a=Mean("train.my_loss", on="train.global_mean"))(logs.frame())

    assert dict(made[0]) == {"a_train.global_mean": [0], "a_mean": [4.0]}


def test_maps_of_mlxp_keep_their_names(sweep: Frame) -> None:
    assert aggregate((statistics.fmean, "config.seed"))(sweep)["ffmean.config.seed"] == [2.0]


def test_aggregates_may_stand_in_a_list(sweep: Frame) -> None:
    assert aggregate([Mean("config.seed"), Count("config.seed")])(sweep).keys() == [
        "config.seed_mean",
        "config.seed_count",
    ]


@pytest.mark.parametrize("spec", ["train.loss", (min,), 3])
def test_what_is_no_aggregate_is_refused(spec: Any) -> None:
    with pytest.raises(InvalidMapError):
        aggregate(best=spec)
    with pytest.raises(InvalidMapError):
        aggregate(spec)


def test_unknown_column_is_an_error_in_groups_too(sweep: Frame) -> None:
    with pytest.raises(UnknownColumnError, match=r"did you mean train\.loss"):
        pipe(sweep, group_by("config.seed"), aggregate(AvgStd("train.los")))


def test_group_without_the_metric_has_none(logs: Any) -> None:
    logs.run(1, {"seed": 1}, {"train": [{"loss": 1.0}]})
    logs.run(2, {"seed": 2})

    made = pipe(logs.frame(), group_by("config.seed"), aggregate(Mean("train.loss"), Count("train.loss")))

    assert (made["train.loss_mean"], made["train.loss_count"]) == ([[1.0], None], [1, 0])


def test_table_of_no_group_has_its_columns(sweep: Frame) -> None:
    made = pipe(sweep, where("config.seed > 9"), group_by("config.seed"), aggregate(AvgStd("train.loss")))

    assert (len(made), made["config.seed"], made["train.loss_avg"]) == (0, [], [])
    assert len(sort_by("train.loss_avg")(made)) == 0


def test_group_keys_in_a_table_are_what_the_runs_have() -> None:
    runs = Frame({"config.layers": [[64, [32]], [64, [32]], [{"width": 8}]], "loss": [1, 3, 5]})

    table = pipe(runs, group_by("config.layers"), aggregate(Mean("loss")))

    assert table["config.layers"] == [[64, [32]], [{"width": 8}]]
    assert where("config.layers == [64, [32]]")(table)["loss_mean"] == [2.0]
    assert runs.groupby("config.layers").aggregate(Mean("loss"), ungroup=True)["config.layers"][0] == [64, [32]]


def test_sort_by_and_head(sweep: Frame) -> None:
    made = pipe(sweep, sort_by("config.seed", "config.optimizer.lr", descending=True), head(2))

    assert made["info.logger.log_id"] == [3, 6]


def test_to_pandas_reads_everything(sweep: Frame) -> None:
    assert to_pandas()(sweep)["train.epoch"][0] == [0, 1, 2]


def test_results_can_be_aggregated_again(sweep: Frame) -> None:
    made = pipe(
        sweep,
        group_by("config.optimizer.lr"),
        aggregate(Mean(Last("train.loss"))),
        aggregate(best=(min, "train.loss_last_mean")),
    )

    assert made["best"][0] == pytest.approx(47 / 180)


def test_choosing_and_grouping_read_no_metric(sweep: Frame) -> None:
    for path in Path(sweep[0]["info.logger.log_dir"]).parent.rglob("metrics/*.json"):
        path.unlink()

    grouped = pipe(sweep, where("config.seed > 1"), sort_by("config.seed"), group_by("config.seed"))

    assert len(grouped) == 2
