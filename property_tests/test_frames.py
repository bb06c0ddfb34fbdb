"""The laws of frames."""

from __future__ import annotations

import math
import pickle
from statistics import fmean, pstdev

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlxp_fn.results.aggregates import AvgStd, Max, Median, Min
from mlxp_fn.results.cells import ABSENT, identity
from mlxp_fn.results.frame import Frame

from .strategies import COLUMNS, frames

numbers = st.floats(min_value=-1e6, max_value=1e6)
curves = st.lists(numbers, min_size=3, max_size=3)
keys = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=2, unique=True)


@given(frames(), keys)
def test_groups_partition_the_rows(frame: Frame, by: list[str]) -> None:
    assume(all(frame.has(name) for name in by))
    places = Frame(frame._columns | {"place": list(range(len(frame)))}, range(len(frame)))

    found = [place for _, group in places.groupby(by).items() for place in group["place"]]

    assert sorted(found) == list(range(len(frame)))


@given(frames(), keys)
def test_rows_of_a_group_have_its_key(frame: Frame, by: list[str]) -> None:
    assume(all(frame.has(name) for name in by))

    for key, group in frame.groupby(by).items():
        for row in group:
            assert [identity(row.get(name)) for name in by] == list(key)


@given(frames(), st.sampled_from(COLUMNS), st.booleans())
def test_sorting_keeps_the_rows(frame: Frame, name: str, ascending: bool) -> None:
    assume(frame.has(name))

    again = frame.sort(name, ascending)

    assert sorted(map(repr, again)) == sorted(map(repr, frame))


@given(frames(), st.sampled_from(COLUMNS))
def test_sorting_twice_is_sorting_once(frame: Frame, name: str) -> None:
    assume(frame.has(name))

    assert repr(list(frame.sort(name).sort(name))) == repr(list(frame.sort(name)))


@given(frames())
def test_rows_make_the_frame_again(frame: Frame) -> None:
    again = Frame.from_rows(row.cells for row in frame)

    assert again == frame or again.select(*frame.keys()) == frame.select(*frame.keys())


@given(frames())
def test_iterating_twice_gives_the_same(frame: Frame) -> None:
    assert repr(list(frame)) == repr(list(frame))


@given(frames())
def test_a_frame_survives_pickling(frame: Frame) -> None:
    assert repr(list(pickle.loads(pickle.dumps(frame)))) == repr(list(frame))


@given(frames(), frames())
def test_stacking_adds_the_rows(one: Frame, other: Frame) -> None:
    assert len(Frame.stacked([one, other])) == len(one) + len(other)


@given(frames())
def test_showing_never_fails(frame: Frame) -> None:
    assert len(repr(frame).splitlines()) <= len(frame) + 2
    assert frame._repr_html_().count("<tr>") == (len(frame) + 1 if frame.keys() else 1)


@given(st.lists(st.just(ABSENT) | st.none() | numbers, min_size=1, max_size=8))
def test_average_is_that_of_the_present_values(column: list[object]) -> None:
    present = [value for value in column if isinstance(value, float)]
    assume(present)

    row = Frame({"x": column}).aggregate([AvgStd("x")])[0]

    assert row["x_avg"] == pytest.approx(fmean(present), abs=1e-6)
    assert row["x_std"] == pytest.approx(pstdev(present), abs=1e-3)


@given(st.lists(curves, min_size=1, max_size=5))
def test_curves_are_taken_element_by_element(column: list[list[float]]) -> None:
    row = Frame({"x": column}).aggregate([AvgStd("x"), Min("x")])[0]

    assert row["x_avg"] == pytest.approx([fmean(place) for place in zip(*column, strict=True)], abs=1e-6)
    assert row["x_min"] == [min(place) for place in zip(*column, strict=True)]


@given(st.lists(numbers, min_size=1, max_size=8), st.randoms())
def test_order_of_runs_does_not_matter(column: list[float], random: object) -> None:
    shuffled = sorted(column, key=lambda _: random.random())  # type: ignore[attr-defined]

    one, other = (
        Frame({"x": values}).aggregate([Min("x"), Max("x"), Median("x")])[0] for values in (column, shuffled)
    )

    assert dict(one) == dict(other)


spoilt = st.lists(numbers | st.none() | st.just(math.nan), min_size=1, max_size=4)


@given(st.lists(spoilt, min_size=1, max_size=6))
def test_streamed_statistics_are_those_of_each_place(runs: list[list[float | None]]) -> None:
    made = Frame({"x": runs}).aggregate([AvgStd("x"), Min("x"), Max("x")])[0]

    for place in range(min(map(len, runs))):
        values = [value for run in runs if (value := run[place]) is not None]
        found = [made[name][place] for name in ("x_avg", "x_std", "x_min", "x_max")]
        if not values:
            assert found == [None] * 4
        elif any(map(math.isnan, values)):
            assert all(map(math.isnan, found))
        else:
            expected = [fmean(values), pstdev(values), min(values), max(values)]
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)
