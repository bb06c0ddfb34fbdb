"""Sweeps: which jobs there are, in which order, and what is found out before the first one starts."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import Any

import pytest

from mlxp_fn.config.expansion import expansion
from mlxp_fn.config.grids import grid, union, zipped
from mlxp_fn.config.source_files import Layer, Sources
from mlxp_fn.config.sweeps import Job, Sweep, check, sweep, sweep_of
from mlxp_fn.errors import MissingConfigError, OverrideError
from mlxp_fn.tree import Config

FILES = {
    "config": "defaults: [{optimizer: sgd}]\nseed: 0\nname: run-${seed}",
    "optimizer/sgd": "lr: 0.1",
    "optimizer/adam": "lr: 0.001",
}
SOURCES = Sources((Layer("configs", FILES, frozenset({"optimizer"})),))


def texts(*overrides: str) -> list[tuple[str, ...]]:
    return [tuple(o.text for o in job) for job in expansion(SOURCES, overrides)]


def test_the_last_argument_varies_fastest() -> None:
    assert texts("a=1,2", "b=x", "c=3,4") == [
        ("a=1", "b=x", "c=3"),
        ("a=1", "b=x", "c=4"),
        ("a=2", "b=x", "c=3"),
        ("a=2", "b=x", "c=4"),
    ]


def test_zips_go_together_and_cross_with_the_rest() -> None:
    assert texts("optimizer=zip(sgd,adam)", "seed=1,2", "lr=zip(0.1,0.001)") == [
        ("optimizer=sgd", "seed=1", "lr=0.1"),
        ("optimizer=sgd", "seed=2", "lr=0.1"),
        ("optimizer=adam", "seed=1", "lr=0.001"),
        ("optimizer=adam", "seed=2", "lr=0.001"),
    ]


def test_zips_of_different_lengths_are_refused() -> None:
    with pytest.raises(OverrideError, match="a has 2, b has 3"):
        texts("a=zip(1,2)", "b=zip(1,2,3)")


def test_an_interval_says_why_it_cannot_be_swept_over() -> None:
    with pytest.raises(OverrideError, match=r"endlessly many values.*a=range\(0\.0,1\.0,step\)"):
        texts("a=interval(0,1)")


def test_a_text_stays_a_text_on_its_way_into_a_job() -> None:
    assert texts("a=str(1),2") == [("a='1'",), ("a=2",)]


def test_decimal_ranges_are_not_summed_up() -> None:
    assert texts("a=range(0,1,0.1)")[7] == ("a=0.7",)


def test_shuffling_is_the_same_every_time_and_another_with_another_seed() -> None:
    first, again = texts("a=shuffle(range(20))"), texts("a=shuffle(range(20))")

    assert first == again
    assert sorted(first) == sorted(texts("a=range(20)"))
    assert texts("a=shuffle(range(20), seed=1)") != first


def test_a_sweep_is_composed_lazily_and_can_be_read_twice() -> None:
    jobs = sweep_of(SOURCES, ["seed=1,2", "optimizer=glob(*)"])

    assert len(jobs) == 4
    assert [job.config.name for job in jobs] == [job.config.name for job in jobs]
    assert jobs[-1] == Job(
        index=3,
        overrides=("seed=2", "optimizer=sgd"),
        config=Config({"optimizer": {"lr": 0.1}, "seed": 2, "name": "run-2"}),
        settings={},
    )


def test_the_number_of_a_million_jobs_takes_no_memory() -> None:
    tracemalloc.start()
    jobs = sweep_of(SOURCES, ["seed=range(1000000)", "+a=range(1000)"])
    size, job = len(jobs), jobs[999_999_999]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size == 1_000_000_000
    assert job.overrides == ("seed=999999", "+a=999")
    assert peak < 2_000_000


def test_a_typo_in_the_last_value_is_found_before_the_first_job() -> None:
    jobs = sweep_of(SOURCES, ["seed=range(100000)", "optimizer=sgd,adma"])

    with pytest.raises(MissingConfigError, match=r"optimizer/adma.*did you mean adam\?"):
        check(jobs)


def test_settings_are_swept_over_apart_from_the_config() -> None:
    jobs = sweep_of(SOURCES, ["+mlxp.use_logger=true,false"], settings={"resolve": True})

    assert [job.settings for job in jobs] == [
        {"resolve": True, "use_logger": True},
        {"resolve": True, "use_logger": False},
    ]
    assert jobs[0].config == jobs[1].config


def test_hydras_own_configuration_is_shared_and_cannot_be_swept_over() -> None:
    assert texts("hydra.run.dir=x", "seed=1,2") == [("seed=1",), ("seed=2",)]
    with pytest.raises(OverrideError, match="the same for all jobs"):
        texts("hydra.run.dir=x,y")


def test_values_in_python_keep_their_types() -> None:
    jobs = sweep({"a": {"b": 1}}, {"a.b": [1, 1.0, True, "1", None, [1], {"x": 1}]})

    values = [job.config.to_dict()["a"]["b"] for job in jobs]

    assert [type(value) for value in values] == [int, float, bool, str, type(None), list, dict]


def test_jobs_in_python_have_overrides_that_mean_the_same() -> None:
    jobs = sweep({"a": 1}, {"a": ["1"], "new.key": [0.001, "x y", [None]]})

    assert [job.overrides for job in jobs] == [
        ("a='1'", "+new.key=0.001"),
        ("a='1'", r"+new.key=x\ y"),
        ("a='1'", "+new.key=[null]"),
    ]


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"a": "12"}, r"are a list; write \{'a': \['12'\]\}"),
        ({"a": 1}, "are a list"),
        ({"a": {1, 2}}, "which has an order"),
        ({1: [1]}, "a dotted key"),
        ({"a=b": [1]}, "a dotted key"),
        ([1], "are a mapping"),
    ],
)
def test_odd_axes_are_refused(axes: Any, message: str) -> None:
    with pytest.raises(OverrideError, match=message):
        sweep({"a": 0}, axes)


def found(jobs: Sweep) -> list[dict[Any, Any]]:
    return [job.config.to_dict() for job in jobs]


def test_axes_are_crossed_zipped_and_joined() -> None:
    axes = union(zipped({"a": [1, 2], "b": [3, 4]}) * grid({"c": [5, 6]}), grid({"a": [7]}))

    assert found(sweep({}, axes)) == [
        {"a": 1, "b": 3, "c": 5},
        {"a": 1, "b": 3, "c": 6},
        {"a": 2, "b": 4, "c": 5},
        {"a": 2, "b": 4, "c": 6},
        {"a": 7},
    ]


def test_sweeps_are_joined_filtered_and_subtracted() -> None:
    jobs = sweep({"a": 0}, {"a": [1, 2, 3]}) | sweep({"a": 0}, {"a": [9]})

    rest = jobs.where(lambda config: config.a != 2).minus([Config({"a": 3})])

    assert found(rest) == [{"a": 1}, {"a": 9}]
    assert len(rest) == 2
    assert [job.index for job in rest] == [0, 1]
    assert rest[1].config.a == 9


def test_what_is_done_can_be_a_sweep_or_digests() -> None:
    jobs = sweep({"a": 0}, {"a": [1, 2, 3]})

    assert found(jobs.minus(sweep({"a": 0}, {"a": [1, 3]}))) == [{"a": 2}]
    assert found(jobs.minus([Config({"a": 1}).digest])) == [{"a": 2}, {"a": 3}]


def test_settings_given_later_stand_below_those_of_the_sweep() -> None:
    jobs = sweep({}, {"a": [1]}, settings={"logger": {"dir": "x"}})

    with_more = jobs.with_settings({"logger": {"dir": "y", "name": "n"}, "resolve": True})

    assert with_more[0].settings == {"logger": {"dir": "x", "name": "n"}, "resolve": True}


def test_nothing_is_composed_before_it_is_asked_for() -> None:
    jobs = sweep_of(SOURCES, ["seed=range(1000000)"])

    assert [job.config.seed for job in itertools.islice(jobs, 3)] == [0, 1, 2]


def test_a_place_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError, match="there are 1 jobs"):
        _ = sweep({}, {"a": [1]})[1]
