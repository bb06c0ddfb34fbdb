"""The laws of the query language."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mlxp_fn.errors import QueryError
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.query import And, Comparison, Key, Literal, Not, Or, Query, Term, render
from mlxp_fn.results.query_meaning import compile_query, matches
from mlxp_fn.results.query_parser import parse
from mlxp_fn.results.query_tokens import tokens

from .strategies import atoms, frames, keyed, names, queries, scalars, values


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


@given(atoms, atoms, atoms)
def test_and_binds_tighter_than_or(one: Query, two: Query, three: Query) -> None:
    assert parse(f"{render(one)} | {render(two)} & {render(three)}") == Or((one, And((two, three))))
    assert parse(f"~{render(one)} & {render(two)}") == And((Not(one), two))
