"""The query language: what texts mean, and what is said about those that mean nothing."""

from __future__ import annotations

from typing import Any

import pytest

from mlxp_fn.errors import InvalidKeyError, QueryError, QueryKeyError
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.query import And, Call, Comparison, Has, Key, Literal, Not, Or, Pairs, render
from mlxp_fn.results.query_meaning import compile_query, matches
from mlxp_fn.results.query_parser import parse

ROW = {
    "config.lr": 0.1,
    "config.seed": 3,
    "config.flag": True,
    "config.none": None,
    "config.name": "resnet",
    "config.tags": ["a", "b]"],
    "config.model.width": 8,
    "config.model.depth": 2,
    "config.in": 1,
    "config.my-key": 5,
    "config.nan": float("nan"),
    "info.status": "COMPLETE",
    "info.start": "2026-11-23T10:00:00.000000Z",
    "train.loss": [0.5, 0.25, 0.75],
    "train.diverged": [1.0, float("nan")],
    "train.empty": [],
}

A, B, C = (Has(Key(f"config.{name}")) for name in "abc")


def holds(text: str) -> bool:
    """Whether a query holds for the row, asked in both ways."""
    query = parse(text)
    frame = Frame({name: [value] for name, value in ROW.items()})
    one, all_at_once = matches(query, ROW), compile_query(query)(frame) == [0]
    assert one is all_at_once
    return one


@pytest.mark.parametrize(
    "text",
    [
        "config.lr == 0.1",
        "config.lr <= 1.",
        "config.lr > -1e-3 & config.lr < .5",
        "config.seed in [1, 2, 3]",
        "config.seed in [1, 2, 3,]",
        "config.seed not in [1, 2]",
        "not config.seed in []",
        "~(info.status == 'FAILED')",
        'info.status == "COMPLETE" and config.seed == 3',
        "0.01 <= config.lr < 1",
        "1 < config.seed < 2 | config.seed == 3",
        "config.model.width > config.model.depth",
        "config.flag == true & config.flag == TRUE",
        "config.none == None & config.none == null",
        "config.tags == ['a', 'b]']",
        "'b]' in config.tags",
        "'net' in config.name",
        "config.model == {'width': 8, 'depth': 2}",
        "`config.my-key` == 5",
        "config.in == 1",
        "has(config.model) & has(train.loss) & ~has(config.nothing)",
        "info.start > '2026-11-01' & info.start < '2026-12'",
        "last(train.loss) == 0.75",
        "first(train.loss) == 0.5 & at(train.loss, 1) == 0.25",
        "min(train.loss) == 0.25 & max(train.loss) == 0.75 & mean(train.loss) == 0.5 & count(train.loss) == 3",
        "last(train.loss) > first(train.loss)",
        "config.seed == 3.0 & config.flag == 1",
        "config.seed != 'three'",
        "config.nan != config.nan",
        "\tconfig.lr\n==0.1",
    ],
)
def test_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        # what a run lacks
        "config.gone == 1",
        "config.gone != 1",
        "config.gone in [1]",
        "config.gone not in [1]",
        "config.gone == none",
        "last(train.gone) < 1",
        "last(train.empty) < 1",
        "mean(train.empty) != 1",
        "at(train.loss, 3) != 0",
        # what cannot be compared
        "config.name < 1",
        "config.none < 1",
        "config.none >= 1",
        "config.tags > 1",
        "config.seed in config.lr",
        "config.seed not in config.lr",
        "3 in config.name",
        "max(config.tags) > 1",
        # NaN
        "config.nan == config.nan",
        "config.nan < 1 | config.nan >= 1",
        "max(train.diverged) >= 1 | max(train.diverged) < 1",
        # values
        "config.lr == '0.1'",
        "config.none == false",
        "5 < config.seed < 7",
    ],
)
def test_does_not_hold(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("has(config.a) | has(config.b) & has(config.c)", Or((A, And((B, C))))),
        ("~has(config.a) & has(config.b)", And((Not(A), B))),
        ("(has(config.a) | has(config.b)) & has(config.c)", And((Or((A, B)), C))),
        ("has(config.a) & has(config.b) & has(config.c)", And((A, B, C))),
        ("not has(config.a) or has(config.b)", Or((Not(A), B))),
        ("~~has(config.a)", Not(Not(A))),
        ("config.a in ['x]', [1, None]]", Comparison(Key("config.a"), (("in", Literal(("x]", (1, None)))),))),
        ("1 < config.a <= 2", Comparison(Literal(1), (("<", Key("config.a")), ("<=", Literal(2))))),
        ("at(`x y.z`, 2) == 1", Comparison(Call("at", Key("x y.z"), 2), (("==", Literal(1)),))),
        (r"config.a == 'it\'s\n\u00e9'", Comparison(Key("config.a"), (("==", Literal("it's\né")),))),
        (r"config.a == '\d+'", Comparison(Key("config.a"), (("==", Literal(r"\d+")),))),
        ("config.a == {'b': [1]}", Comparison(Key("config.a"), (("==", Literal(Pairs((("b", (1,)),)))),))),
        ("config.notes == 1", Comparison(Key("config.notes"), (("==", Literal(1)),))),
    ],
)
def test_parses_to(text: str, query: Any) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a key such as config.seed, a function, '~' or '(', but the query ends\n  \n  ^"),
        (
            "config.lr == ",
            "expected a value or a key after '==', but the query ends\n  config.lr == \n               ^",
        ),
        ("config.lr = 1", "a comparison is written '=='\n  config.lr = 1\n            ^"),
        (
            "config.lr",
            "expected one of == != < <= > >= in not in, but the query ends\n  config.lr\n           ^",
        ),
        ("(config.a == 1", "expected '&', '|' or ')', but the query ends\n  (config.a == 1\n                ^"),
        (
            "config.a == 1 config.b == 2",
            "expected '&', '|' or the end, but there is 'config.b'\n"
            "  config.a == 1 config.b == 2\n                ^",
        ),
        ("config.a == 'x", "this ' is never closed\n  config.a == 'x\n              ^"),
        (
            "'config.a' == 1",
            "one side of a comparison must be a key, without quotes\n  'config.a' == 1\n             ^",
        ),
        ("config.a in [1 2]", "expected ',' or ']', but there is '2'\n  config.a in [1 2]\n                 ^"),
        (
            "at(train.loss, -1) == 1",
            "expected the number of a row, from 0, but there is '-1'\n"
            "  at(train.loss, -1) == 1\n                 ^",
        ),
    ],
)
def test_error_marks_the_place(text: str, message: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text)

    assert str(error.value) == message


def test_error_is_a_syntax_error() -> None:
    with pytest.raises(SyntaxError):
        parse("config.lr ==")


def test_key_that_cannot_be_queried_is_named() -> None:
    with pytest.raises(
        QueryKeyError, match=r"the key 'lr' cannot be queried: keys begin with config\. or info\."
    ) as error:
        parse("lr == 1")

    assert isinstance(error.value, InvalidKeyError)


def test_metric_outside_a_function_is_told_how() -> None:
    with pytest.raises(QueryKeyError, match=r"last\(train\.loss\)"):
        parse("train.loss < 1")


@pytest.mark.parametrize("text", ["(" * 10_000, "~" * 10_000, "config.a in " + "[" * 10_000, "{'a':" * 10_000])
def test_depth_is_bounded(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


def test_length_is_not_bounded() -> None:
    text = " | ".join(f"config.a == {number}" for number in range(10_000))

    assert holds(f"config.seed == 3 | {text}")


def test_number_of_many_digits_is_no_query() -> None:
    with pytest.raises(QueryError, match="too long"):
        parse("config.a == " + "9" * 5000)


def test_place_in_a_long_text_is_shown_in_a_short_line() -> None:
    with pytest.raises(QueryError) as error:
        parse("config.a == 1 & " * 100 + "config.b ==")

    assert max(map(len, str(error.value).splitlines())) < 100


def test_render_writes_what_is_read_by_people() -> None:
    text = "config.lr in [0.1, 1e-05] & ~(info.status == 'FAILED' | `config.my key` != none)"

    assert render(parse(text)) == text


def test_mapping_below_a_key_that_is_there_too_is_found_by_the_key() -> None:
    assert matches(parse("config.a == 1 & has(config.a.b)"), {"config.a": 1, "config.a.b": 2})


def test_keys_that_cannot_be_nested_stand_side_by_side() -> None:
    row = {"config.a.b": 1, "config.a.b.c": 2}

    assert matches(parse("config.a == {'b': 1, 'b.c': 2}"), row)


def test_right_side_is_not_asked_where_the_left_has_decided() -> None:
    asked: list[str] = []

    class Store:
        def lines(self, path: str) -> list[dict[str, Any]]:
            asked.append(path)
            return [{"loss": 1}]

        def last(self, path: str, key: str) -> Any:
            return self.lines(path)[-1][key]

    from mlxp_fn.results.cells import MetricRef

    cells = [MetricRef(path, "loss", Store()) for path in "ab"]
    frame = Frame({"config.seed": [1, 2], "train.loss": cells})

    assert compile_query(parse("config.seed == 2 & last(train.loss) == 1"))(frame) == [1]
    assert asked == ["b"]
