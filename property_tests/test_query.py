"""The laws of the query language."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mlxp_fn.errors import QueryError
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.pattern_parser import pattern
from mlxp_fn.results.query import CONTAINMENT, And, Comparison, Has, Key, Literal, Not, Or, Query, Term, render
from mlxp_fn.results.query_columns import compile_query
from mlxp_fn.results.query_meaning import matches
from mlxp_fn.results.query_parser import parse
from mlxp_fn.results.query_tokens import tokens

from .strategies import atoms, frames, keyed, names, patterns, queries, scalars, values


def rows(frame: Frame, query: Query) -> list[int]:
    """The places of the rows for which a query holds."""
    return compile_query(query)(frame)


@given(queries)
def test_parse_reads_what_render_writes(query: Query) -> None:
    again = parse(render(query))

    # 1, 1.0 and true are equal and must not be confused.
    assert (again, repr(again)) == (query, repr(query))


@given(queries, st.lists(st.sampled_from([" ", "\t", "\n", "  "]), min_size=40, max_size=40))
def test_white_space_does_not_matter(query: Query, spaces: list[str]) -> None:
    text = render(query)
    words = [token.text for token in tokens(text)]

    spaced = "".join(word + spaces[place % len(spaces)] for place, word in enumerate(words))

    assert parse(spaced) == query


@given(st.text(max_size=60))
@example("\\")
@example("`" * 3)
@example("config.a == '\\U99999999'")
@example("config.a == 1" + "0" * 5000)
@example("9" * 5000)
def test_any_text_parses_or_says_where_it_does_not(text: str) -> None:
    refused_with_a_place_or_parsed(text)


SIGNS = ("(", ")", "[", "]", "{", "}", ",", ":", "==", "!=", "<", "&", "|", "~", "=", "'", "!", ".")
WORDS = ("config.a", "info.b", "last", "at", "has", "in", "not", "and", "or", "1", "-2.5", "'x'", "`z`", "null")


@given(st.lists(st.sampled_from(SIGNS + WORDS), max_size=25).map(" ".join))
def test_any_words_parse_or_say_where_they_do_not(text: str) -> None:
    refused_with_a_place_or_parsed(text)


def refused_with_a_place_or_parsed(text: str) -> None:
    """Parse; an error shows the text, and below it a caret."""
    try:
        parse(text)
    except QueryError as error:
        _, shown, caret = str(error).split("\n")
        assert re.fullmatch(r" *\^", caret)
        assert len(caret) <= len(shown) + 1


@given(st.sampled_from("([~{'\"`&|"), st.integers(min_value=1, max_value=3000))
def test_depth_never_exhausts_the_stack(char: str, depth: int) -> None:
    refused_with_a_place_or_parsed(char * depth)


@given(frames(), queries)
def test_columns_are_asked_as_rows_are(frame: Frame, query: Query) -> None:
    one_by_one = [place for place, row in enumerate(frame) if matches(query, row.cells)]

    assert rows(frame, query) == one_by_one


@given(frames(), queries, queries)
def test_negation_of_both_is_either_negation(frame: Frame, one: Query, other: Query) -> None:
    assert rows(frame, Not(And((one, other)))) == rows(frame, Or((Not(one), Not(other))))
    assert rows(frame, Not(Or((one, other)))) == rows(frame, And((Not(one), Not(other))))


@given(frames(), queries)
def test_negation_twice_is_none(frame: Frame, query: Query) -> None:
    assert rows(frame, Not(Not(query))) == rows(frame, query)


@given(frames(), queries)
def test_a_query_or_its_negation_holds(frame: Frame, query: Query) -> None:
    assert sorted(rows(frame, query) + rows(frame, Not(query))) == list(range(len(frame)))


@given(frames(), names, st.lists(values, min_size=2, max_size=4))
def test_in_is_a_chain_of_equals(frame: Frame, name: str, choices: list[Any]) -> None:
    key = Key(name)
    chain = Or(tuple(Comparison(key, (("==", Literal(value)),)) for value in choices))

    assert rows(frame, Comparison(key, (("in", Literal(tuple(choices))),))) == rows(frame, chain)


@given(frames(), keyed, scalars, scalars)
def test_a_chain_is_a_conjunction(frame: Frame, key: Term, low: Any, high: Any) -> None:
    chain = Comparison(Literal(low), (("<=", key), ("<", Literal(high))))
    parts = And((Comparison(Literal(low), (("<=", key),)), Comparison(key, (("<", Literal(high)),))))

    assert rows(frame, chain) == rows(frame, parts)


@given(frames(), names, st.lists(values, max_size=3))
def test_in_and_not_in_share_the_runs_that_have_the_key(frame: Frame, name: str, items: list[Any]) -> None:
    inside, outside = (rows(frame, Comparison(Key(name), ((sign, Literal(tuple(items))),))) for sign in CONTAINMENT)

    assert sorted(inside + outside) == rows(frame, Has(Key(name)))


@given(patterns, st.booleans(), st.text("ab1_ -A\n", max_size=8))
def test_pattern_is_found_where_python_finds_it(expression: str, any_case: bool, text: str) -> None:
    found = re.search(expression.replace("$", r"\Z"), text, re.IGNORECASE if any_case else 0)

    assert pattern("(?i)" * any_case + expression)(text) is bool(found)


@given(st.text(max_size=30) | st.lists(st.sampled_from("ab()[]{}|*+?^$-\\,:.12dw"), max_size=20).map("".join))
def test_any_pattern_is_read_or_refused_with_a_place(text: str) -> None:
    refused_with_a_place_or_parsed(render(Comparison(Key("config.a"), (("=~", Literal(text)),))))


moments = st.datetimes(timezones=st.sampled_from([timezone(timedelta(hours=hours)) for hours in (-11, 0, 2)]))


@given(st.lists(moments, max_size=4), moments)
def test_times_are_ordered_as_instants(starts: list[datetime], given_time: datetime) -> None:
    frame = Frame({"info.start": [start.isoformat() for start in starts]})
    query = parse(f"info.start < '{given_time.isoformat()}'")

    assert rows(frame, query) == [place for place, start in enumerate(starts) if start < given_time]


@given(atoms, atoms, atoms)
def test_and_binds_tighter_than_or(one: Query, two: Query, three: Query) -> None:
    assert parse(f"{render(one)} | {render(two)} & {render(three)}") == Or((one, And((two, three))))
    assert parse(f"~{render(one)} & {render(two)}") == And((Not(one), two))
