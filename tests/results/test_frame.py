"""Frames: looking, choosing, MLXP's methods."""

from __future__ import annotations

import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlxp_fn.errors import InvalidKeyError, InvalidMapError, MissingExtraError, UnknownColumnError
from mlxp_fn.results.aggregates import Best, Max, Mean
from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.steps import to_polars, where

FRAME = Frame({"config.lr": [0.1, 0.1, 1.0], "config.seed": [2, 1, 1], "config.rare": [ABSENT, None, "x"]})


# -- looking


def test_length_is_the_number_of_rows() -> None:
    assert len(FRAME) == 3


def test_row_is_a_mapping_of_what_the_run_has() -> None:
    assert dict(FRAME[0]) == {"config.lr": 0.1, "config.seed": 2}
    assert (len(FRAME[0]), list(FRAME[0]), "config.rare" in FRAME[0]) == (2, ["config.lr", "config.seed"], False)


def test_metric_of_a_row_is_its_values(sweep: Frame) -> None:
    assert sweep[1]["train.loss"] == [1 / 2, 1 / 3, 1 / 4]


def test_metric_is_read_when_it_is_looked_at(sweep: Frame) -> None:
    row = sweep[0]
    Path(f"{row['info.logger.metrics_dir']}/train.json").write_text('{"loss": 7}\n')

    assert row["train.loss"] == [7]


def test_metrics_of_a_row_are_aligned_line_by_line(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"iter": 0}, {"iter": 1, "loss": 0.5}, {"loss": 0.25}]})

    assert logs.frame()[0].metrics("train", "iter", "loss") == {"iter": [0, 1, None], "loss": [None, 0.5, 0.25]}


def test_metrics_of_a_row_without_keys_are_those_of_the_log(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"iter": 0}, {"loss": 0.5}], "train.more": [{"loss": 7}]})
    (run,) = logs.frame()

    assert run.metrics("train") == {"iter": [0, None], "loss": [None, 0.5]}
    with pytest.raises(UnknownColumnError, match=r"no column 'trian'"):
        run.metrics("trian")


def test_metric_that_a_row_lacks_says_what_was_meant(sweep: Frame) -> None:
    with pytest.raises(UnknownColumnError, match=r"no column 'train\.los'; did you mean train\.loss"):
        sweep[0].metrics("train", "los")


def test_row_is_shown_with_marks_and_escaped(logs: Any) -> None:
    logs.run(1, {"name": "<b>"}, {"train": [{"loss": 1}]})

    row = logs.frame()[0]

    assert "'train.loss': 'METRIC'" in repr(row)
    assert "<td>&lt;b&gt;</td>" in row._repr_html_()


def test_columns_of_some_rows_are_lists(sweep: Frame) -> None:
    assert sweep[:]["config.seed"] == [1, 2, 3, 1, 2, 3]
    assert sweep[2:4]["train.epoch"] == [[0, 1, 2], [0, 1, 2]]


def test_run_without_the_column_has_none_in_it() -> None:
    assert FRAME["config.rare"] == [None, None, "x"]


def test_negative_place_counts_from_the_end() -> None:
    assert FRAME[-1]["config.lr"] == 1.0


@pytest.mark.parametrize("look", [lambda frame: frame[3], lambda frame: frame.provenance(-4, "config.lr")])
def test_place_beyond_the_end_is_an_index_error(look: Any) -> None:
    with pytest.raises(IndexError, match=r"^no row -?\d: there are 3, the first is 0$"):
        look(FRAME)


@pytest.mark.parametrize("key", [1.5, None, [0, 1], [True, False, True]])
def test_what_chooses_neither_rows_nor_a_column_is_refused(key: Any) -> None:
    with pytest.raises(
        InvalidKeyError, match="a row is chosen by its place, some by a slice, a column by its name"
    ):
        FRAME[key]


def test_columns_are_of_equal_length() -> None:
    with pytest.raises(InvalidMapError, match="but 'a' has 1 and 'b' has 2 values"):
        Frame({"a": [1], "b": [1, 2]})


@pytest.mark.parametrize(
    ("name", "hint"),
    [("head", r"; it is a step: pipe\(frame, mlxp_fn\.head\(...\)\)"), ("_where_function", ""), ("x", "")],
)
def test_step_that_is_taken_for_a_method_is_told(name: str, hint: str) -> None:
    with pytest.raises(AttributeError, match=f"^a frame has no attribute '{name}'{hint}$"):
        getattr(FRAME, name)


def test_unknown_column_says_what_was_meant() -> None:
    with pytest.raises(UnknownColumnError, match=r"^no column 'lr'; did you mean config\.lr\?$"):
        FRAME["lr"]


def test_unknown_column_of_a_row_is_a_key_error() -> None:
    with pytest.raises(KeyError, match=r"no column 'config\.rare'"):
        FRAME[0]["config.rare"]


def test_frame_can_be_iterated_over_twice() -> None:
    assert [row["config.seed"] for row in FRAME] == [row["config.seed"] for row in FRAME] == [2, 1, 1]


def test_keys_are_the_columns_that_some_row_has() -> None:
    assert FRAME[:1].keys() == ["config.lr", "config.seed"]


def test_diff_names_what_varies() -> None:
    assert FRAME[:2].diff() == ["config.seed", "config.rare"]


def test_diff_of_one_row_is_empty() -> None:
    assert FRAME[:1].diff() == []


def test_diff_begins_where_it_is_told(sweep: Frame) -> None:
    assert sweep.diff("train.e") == []


def test_showing_reads_no_metric(sweep: Frame) -> None:
    for path in Path(sweep[0]["info.logger.log_dir"]).parent.rglob("metrics/*.json"):
        path.unlink()

    assert repr(sweep).count("METRIC") == 12


def test_frames_of_equal_cells_are_equal() -> None:
    assert Frame({"a": [1, float("nan")]}) == Frame({"a": [1, float("nan")]}) != Frame({"a": [1, 2]})


# -- choosing


def test_choosing_changes_nothing() -> None:
    before = list(map(dict, FRAME))

    FRAME.sort("config.seed").take([0])
    FRAME.merge(Frame({"config.lr": [0, 0, 0]}))

    assert list(map(dict, FRAME)) == before


def test_sort_is_stable_and_puts_missing_last() -> None:
    frame = Frame({"a": [None, 2, "x", 1, 2], "place": [0, 1, 2, 3, 4]})

    assert frame.sort("a")["place"] == [3, 1, 4, 2, 0]
    assert frame.sort("a", ascending=False)["place"] == [2, 1, 4, 3, 0]


def test_sort_puts_nan_last_either_way() -> None:
    frame = Frame({"acc": [math.nan, 0.5, None, 0.9]})

    assert frame.sort("acc")["acc"][:2] == [0.5, 0.9]
    assert frame.sort("acc", ascending=False)["acc"][:2] == [0.9, 0.5]


NUMPY = {
    "n": [np.int64(10), np.int64(9), np.int64(100)],
    "x": [np.float32(4), np.float32(-1), np.float32(0)],
    "curve": [np.array([1.0, 2.0]), np.array([3.0, 4.0]), [5, 6]],
}


def test_results_of_numpys_functions_are_numbers_and_curves() -> None:
    frame = Frame(NUMPY)

    assert (frame.sort("n")["n"], frame.sort("x")["x"]) == ([9, 10, 100], [-1, 0, 4])
    assert frame.aggregate([Mean("x"), Max("n"), Mean("curve"), Best("n", by="curve")])[0] == {
        "x_mean": 1.0,
        "n_max": 100,
        "curve_mean": [3.0, 4.0],
        "n_best": 10,
    }
    assert list(frame.groupby("curve")) == [((1.0, 2.0),), ((3.0, 4.0),), ((5, 6),)]
    assert where("last(curve) > 3")(frame)["n"] == [9, 100]
    assert to_polars()(frame)["curve"].to_list() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert frame == Frame(NUMPY)


def test_sort_by_several_columns() -> None:
    assert FRAME.sort(["config.seed", "config.lr"])["config.lr"] == [0.1, 1.0, 0.1]


def test_select_keeps_columns_in_the_order_asked_for() -> None:
    assert FRAME.select("config.seed", "config.lr").keys() == ["config.seed", "config.lr"]


def test_merge_puts_columns_beside() -> None:
    merged = FRAME.merge(Frame({"rank": [1, 2, 3], "config.lr": [9, 9, 9]}))

    assert (merged["rank"], merged["config.lr"], merged["config.seed"]) == ([1, 2, 3], [9, 9, 9], [2, 1, 1])


def test_merge_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidMapError, match="column 'a' has 1 values for 3 rows"):
        FRAME.merge(Frame({"a": [1]}))


def test_filter_keeps_rows_by_whole_columns() -> None:
    kept = FRAME.filter((lambda rates: [rate < max(rates) for rate in rates], "config.lr"))

    assert kept["config.seed"] == [2, 1]


def test_filter_by_groups_sees_one_group_at_a_time() -> None:
    kept = FRAME.filter((lambda seeds: [seed == min(seeds) for seed in seeds], "config.seed"), bygroups="config.lr")

    assert kept["config.lr"] == [0.1, 1.0]


@pytest.mark.parametrize(
    "maps", [(len, "config.lr"), (lambda values: [True], "config.lr"), [(list, "config.lr"), (list, "config.lr")]]
)
def test_filter_must_return_one_boolean_for_each_row(maps: Any) -> None:
    with pytest.raises(InvalidMapError):
        FRAME.filter(maps)


# -- maps


def test_aggregate_names_results_as_mlxp_does(sweep: Frame) -> None:
    made = sweep.aggregate([(statistics.fmean, "config.seed"), (max, ("config.seed", "config.optimizer.lr"))])

    assert [dict(row) for row in made] == [
        {"ffmean.config.seed": 2.0, "fmax.config.seed": 3, "fmax.config.optimizer.lr": 0.1}
    ]


def test_aggregate_gives_a_map_the_whole_curves(sweep: Frame) -> None:
    made = sweep.aggregate((lambda curves: [len(curve) for curve in curves], "train.loss", "lengths"))

    assert made[0]["lengths"] == [3, 3, 3, 3, 3, 3]


def test_aggregate_leaves_out_runs_without_the_column() -> None:
    assert FRAME.aggregate((list, "config.rare", "all"))[0]["all"] == [None, "x"]


def test_map_takes_one_value_at_a_time() -> None:
    assert FRAME.map((str, ("config.lr", "config.seed"))).keys() == ["fstr.config.lr", "fstr.config.seed"]
    assert FRAME.map((str, "config.seed"))["fstr.config.seed"] == ["2", "1", "1"]


def test_transform_takes_a_whole_column() -> None:
    assert FRAME.transform((sorted, "config.seed"))["fsorted.config.seed"] == [1, 1, 2]


def test_transform_must_keep_the_length() -> None:
    with pytest.raises(InvalidMapError, match="a value for each of the 3 rows"):
        FRAME.transform((max, "config.seed"))


def test_apply_rowwise_takes_the_values_of_a_row() -> None:
    made = FRAME.apply((lambda lr, seed: lr * seed, ("config.lr", "config.seed"), "product"), map_type="Rowwise")

    assert made["product"] == [0.2, 0.1, 1.0]


def test_apply_rowwise_may_make_several_columns() -> None:
    made = FRAME.apply((divmod, ("config.seed", "config.lr"), ("quotient", "rest")), map_type="Rowwise")

    assert (made["quotient"][2], made["rest"][2]) == (1.0, 0.0)


def test_apply_generic_takes_all_columns_together() -> None:
    made = FRAME.apply((lambda rates, seeds: max(rates) + max(seeds), ("config.lr", "config.seed")))

    assert [dict(row) for row in made] == [{"f<lambda>.config.lr_config.seed": 3.0}]


def test_apply_generic_may_return_a_value_for_each_row() -> None:
    made = FRAME.apply((lambda rates, seeds: (rates, seeds), ("config.lr", "config.seed"), ("a", "b")))

    assert (made["a"], made["b"]) == ([0.1, 0.1, 1.0], [2, 1, 1])


def test_apply_columnwise_does_either() -> None:
    assert len(FRAME.apply((max, "config.lr"), map_type="Columnwise")) == 1
    assert len(FRAME.apply((sorted, "config.lr"), map_type="Columnwise")) == 3


@pytest.mark.parametrize(
    ("maps", "mode"),
    [
        ("config.lr", "Generic"),
        ((max,), "Generic"),
        ((1, "config.lr"), "Generic"),
        ((max, 1), "Generic"),
        ((max, ("a", 1)), "Generic"),
        ((max, "config.lr", ("a", "b")), "Columnwise"),
        ((max, "config.lr"), "Sideways"),
        ([(max, "config.lr"), (sorted, "config.seed")], "Columnwise"),
        ((lambda lr: (1, 2), "config.lr"), "Generic"),
    ],
)
def test_what_is_no_map_is_refused(maps: Any, mode: str) -> None:
    with pytest.raises(InvalidMapError):
        FRAME.apply(maps, mode)


# -- groups


def test_keys_of_groups_are_tuples_in_the_order_of_the_rows() -> None:
    assert list(FRAME.groupby("config.seed")) == [(2,), (1,)]
    assert list(FRAME.groupBy(["config.lr", "config.seed"])) == [(0.1, 2), (0.1, 1), (1.0, 1)]


def test_none_and_nothing_are_one_group() -> None:
    assert list(FRAME.groupby("config.rare")) == [(None,), ("x",)]


def test_lists_and_nan_can_be_keys() -> None:
    nan = float("nan")
    frame = Frame({"layers": [[1, 2], [1, 2], nan, float("nan")]})

    assert [len(group) for _, group in frame.groupby("layers").items()] == [2, 2]


def test_grouping_by_a_metric_is_refused(sweep: Frame) -> None:
    with pytest.raises(InvalidKeyError, match=r"cannot group by the metric 'train\.loss'"):
        sweep.groupby("train.loss")


def test_groups_are_aggregated_each(sweep: Frame) -> None:
    grouped = sweep.groupBy("config.optimizer.lr").aggregate((statistics.fmean, "config.seed"))

    assert grouped[0.01,]["ffmean.config.seed"] == [2.0]


def test_ungrouped_results_have_the_keys_as_columns(sweep: Frame) -> None:
    made = sweep.groupby("config.optimizer.lr").aggregate((max, "config.seed"), ungroup=True)

    assert [dict(row) for row in made] == [
        {"config.optimizer.lr": 0.1, "fmax.config.seed": 3},
        {"config.optimizer.lr": 0.01, "fmax.config.seed": 3},
    ]


def test_group_is_got_by_its_key(sweep: Frame) -> None:
    assert sweep.groupby("config.seed")[3,]["info.logger.log_id"] == [3, 6]


def test_group_that_is_not_there_is_an_error(sweep: Frame) -> None:
    with pytest.raises(
        InvalidKeyError, match=r"no group \(9,\) of \('config.seed',\); there are \(1,\), \(2,\), \(3,\)"
    ):
        sweep.groupby("config.seed")[9,]


def test_groups_are_selected_by_keys(sweep: Frame) -> None:
    assert list(sweep.groupby("config.seed").select([(1,), (3,)])) == [(1,), (3,)]


def test_groups_can_be_grouped_again(sweep: Frame) -> None:
    nested = sweep.groupby("config.optimizer.lr").groupby("config.seed")

    assert nested[0.1,][2,]["info.logger.log_id"] == [2]
    assert nested.ungroup()[0.1,]["config.seed"] == [1, 2, 3]


def test_groups_are_sorted_filtered_mapped_each(sweep: Frame) -> None:
    grouped = sweep.groupby("config.optimizer.lr")

    assert grouped.sort("config.seed", ascending=False)[0.1,]["config.seed"] == [3, 2, 1]
    assert grouped.map((str, "config.seed"), ungroup=True)["fstr.config.seed"] == ["1", "2", "3"] * 2
    assert grouped.transform((sorted, "config.seed"))[0.1,]["fsorted.config.seed"] == [1, 2, 3]
    assert grouped.apply((max, "config.seed"), ungroup=True)["fmax.config.seed"] == [3, 3]
    kept = grouped.filter((lambda seeds: [seed > 1 for seed in seeds], "config.seed"), ungroup=True)
    assert kept["config.seed"] == [2, 3, 2, 3]


def test_groups_are_filtered_by_other_groups(sweep: Frame) -> None:
    grouped = sweep.groupby("config.optimizer.lr")

    kept = grouped.filter((lambda rates: [rate == 0.1 for rate in rates], "config.optimizer.lr"), "config.seed")

    assert list(kept) == [(0.1,)]


# -- pandas


def test_pandas_frame_has_marks(sweep: Frame) -> None:
    made = sweep.toPandas()

    assert list(made["train.loss"]) == ["METRIC"] * 6
    assert list(made["config.seed"]) == [1, 2, 3, 1, 2, 3]


def test_pandas_frame_may_have_everything(sweep: Frame) -> None:
    assert sweep.toPandas(lazy=False)["train.epoch"][5] == [0, 1, 2]


def test_missing_is_nan_in_pandas() -> None:
    assert list(FRAME.toPandas()["config.rare"].isna()) == [True, True, False]


def test_pandas_of_groups_has_the_keys_as_index(sweep: Frame) -> None:
    made = sweep.groupby(["config.seed", "config.optimizer.lr"]).toPandas()

    assert made.loc[2, 0.1]["info.logger.log_id"].tolist() == [2]


def test_groups_are_found_by_what_the_runs_have() -> None:
    grouped = Frame({"layers": [[64, 32], [8], [8]], "lr": [0.1, math.nan, 1], "n": [1, 2, 3]}).groupby(
        ["layers", "lr"]
    )

    assert grouped[[64, 32], 0.1]["n"] == [1]
    assert grouped[[8], float("nan")]["n"] == [2]
    assert [group["n"] for _, group in grouped.select([([8], 1.0)]).items()] == [[3]]


def test_a_group_that_is_not_there_is_told_with_some_that_are() -> None:
    grouped = Frame({"n": list(range(1000))}).groupby("n")

    with pytest.raises(
        InvalidKeyError, match=r"^no group 7 of \('n',\); there are \(0,\), \(1,\), .*\(19,\), \.\.\.$"
    ):
        grouped[7]  # type: ignore[index]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([0.1, None, 0.1], [(0.1, 0), (0.1, 1), (None, 0)]),
        ([math.nan, 0.1, math.nan], [(0.1, 0), (None, 0), (None, 1)]),
        ([ABSENT, "a", None], [("a", 0), (None, 0), (None, 1)]),
        ([[1, 2], [1, 2], [3, 4]], [((1, 2), 0), ((1, 2), 1), ((3, 4), 0)]),
    ],
)
def test_pandas_of_groups_has_every_key(keys: list[Any], expected: list[Any]) -> None:
    made = Frame({"key": keys}).groupby("key").toPandas()

    assert [(None if key != key else key, place) for key, place in made.index] == expected
    assert made.index.names == ["key", None]


def test_pandas_of_groups_without_rows_is_empty() -> None:
    grouped = FRAME.groupby("config.lr").filter((lambda values: [False] * len(values), "config.seed"))

    assert len(grouped.toPandas()) == 0


def test_missing_pandas_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)

    with pytest.raises(MissingExtraError, match=r"mlxp-fn\[pandas\]"):
        FRAME.toPandas()
