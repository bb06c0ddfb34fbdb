"""Laws of a log that several attempts wrote: it reads as one curve, and hides nothing that was not logged again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlxp_fn.results.attempts import Row, one_curve, parts, step_of

COLUMNS = ("step", "epoch")

steps = st.sampled_from([0, 1, 2, 2.0, None, float("nan"), "a", [1]])
rows = st.fixed_dictionaries({"loss": st.integers(0, 9)}, optional={"step": steps, "epoch": st.integers(0, 1)})
attempts = st.lists(st.lists(rows, max_size=6), max_size=4)


def flat(lists: Sequence[Sequence[Row]]) -> list[Row]:
    return [row for rows in lists for row in rows]


def same(some: Sequence[Row], others: Sequence[Row]) -> bool:
    """Whether these are the very same rows: a NaN is not equal to itself."""
    return list(map(id, some)) == list(map(id, others))


def of_step(rows: Sequence[Row], step: Any) -> list[Row]:
    return [row for row in rows if step_of(row, COLUMNS) == step]


@given(st.lists(rows))
def test_one_attempt_is_shown_as_it_is(rows: list[Row]) -> None:
    assert same(one_curve([rows], COLUMNS), rows)


@given(attempts)
def test_without_step_columns_everything_is_shown(attempts: list[list[Row]]) -> None:
    assert same(one_curve(attempts, ()), flat(attempts))


@given(attempts)
def test_rows_without_a_step_are_all_shown_in_their_order(attempts: list[list[Row]]) -> None:
    assert same(of_step(one_curve(attempts, COLUMNS), ()), of_step(flat(attempts), ()))


@given(attempts)
def test_of_each_step_the_rows_of_the_last_attempt_that_logged_it_are_shown(attempts: list[list[Row]]) -> None:
    curve = one_curve(attempts, COLUMNS)

    for step in {step_of(row, COLUMNS) for row in flat(attempts)} - {()}:
        latest = [found for rows in attempts if (found := of_step(rows, step))][-1]
        assert same(of_step(curve, step), latest)


@given(attempts)
def test_steps_come_in_the_order_in_which_they_were_first_logged(attempts: list[list[Row]]) -> None:
    def order(rows: list[Row]) -> list[Any]:
        return list(dict.fromkeys(step_of(row, COLUMNS) for row in rows if step_of(row, COLUMNS)))

    assert order(one_curve(attempts, COLUMNS)) == order(flat(attempts))


@given(attempts, st.lists(rows, max_size=6))
def test_another_attempt_changes_a_curve_as_if_it_were_one(attempts: list[list[Row]], more: list[Row]) -> None:
    assert same(one_curve([one_curve(attempts, COLUMNS), more], COLUMNS), one_curve([*attempts, more], COLUMNS))


@given(st.lists(st.binary(max_size=4)), st.lists(st.integers(-2, 40), max_size=4), st.booleans())
def test_no_line_is_torn_or_lost(lines: list[bytes], starts: list[int], whole: bool) -> None:
    content = b"\n".join(lines) + b"\n" * whole

    cut = parts(content, starts)

    assert b"".join(cut) == content
    assert len(cut) == len(starts) + 1
    before = b""
    for part in cut[:-1]:
        before += part
        assert before in (b"", content) or before.endswith(b"\n")
