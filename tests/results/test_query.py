"""The query language: what texts mean, and what is said about those that mean nothing."""

from __future__ import annotations

from typing import Any

import pytest

from mlxp_fn.errors import InvalidKeyError, QueryError, QueryKeyError
from mlxp_fn.results.cells import ABSENT, MetricRef
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.query import And, Call, Comparison, Has, Key, Literal, Not, Or, Pairs, render
from mlxp_fn.results.query_columns import compile_query
from mlxp_fn.results.query_meaning import matches
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
    "config.index": 1,
    "config.big": 1_000_000,
    "config.nested": [[], [1, {"a": "b"}]],
    "config.quoted": "it's \"",
    "info.index": "a",
    "info.tags": ["baseline", "b"],
    "config.my-key": 5,
    "config.nan": float("nan"),
    "info.status": "COMPLETE",
    "info.start": "2026-11-23T10:00:00.000000Z",
    "train.loss": [0.5, 0.25, 0.75],
    "train.diverged": [1.0, float("nan")],
    "train.empty": [],
    "train.mixed": [1, "a", None],
    "train.note": ["good", "diverged"],
}

READ_AT = "2026-11-25T10:00:00.000000Z"

A, B, C = (Has(Key(f"config.{name}")) for name in "abc")


def holds(text: str) -> bool:
    """Whether a query holds for the row, asked in both ways."""
    query = parse(text)
    frame = Frame({name: [value] for name, value in ROW.items()}, read_at=READ_AT)
    one, all_at_once = matches(query, ROW, READ_AT), compile_query(query)(frame) == [0]
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
        "config.my-key==5",
        "config.my-key>-1",
        "config.my-key in[5]and-1<config.my-key",
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
        "LAST(train.loss) == 0.75 AND NOT Has(config.gone)",
        "config.big == 1_000_000 & config.big == 1_0e5",
        "config.index in [1] & config.in in [1] & info.index == 'a'",
        "config.model == {width: 8, depth: 2,} & config.model in [none, {'width': 8, depth: 2}]",
        "config.model != {} & config.model != none",
        "config.nested == [[], [1, {a: 'b'}]]",
        "'baseline' in info.tags & 'base' not in info.tags",
        "config.quoted == 'it\\'s \"' & config.quoted == \"it's \\\"\"",
        "config.tags == [\"a\", 'b]'] & 'b]' in config.tags",
        "0 < config.lr < config.seed >= 3 != config.in in [1]",
        "config.name =~ '^res' & config.name =~ '(?i)NET$'",
        "last(train.note) =~ 'div' & config.seed !~ 'x' | config.name !~ 'x'",
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
        # patterns
        "config.seed =~ '3' | config.seed !~ '3' | config.gone !~ '3' | config.tags =~ 'a'",
        # mappings, which MLXP has no columns for
        "config.model == 1 | config.model != 1 | config.model != 'x' | config.model < {}",
        # metrics
        "min(train.mixed) < 2 | max(train.mixed) > 0 | mean(train.mixed) != 9 | mean(train.note) != 9",
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
        (r"config.a == '\N{BULLET}\101\0\b'", Comparison(Key("config.a"), (("==", Literal("•A\0\b")),))),
        ("config.a =~ 'x' < config.b", Comparison(Key("config.a"), (("=~", Literal("x")), ("<", Key("config.b"))))),
        (r"config.a == '\d+'", Comparison(Key("config.a"), (("==", Literal(r"\d+")),))),
        ("config.a == {'b': [1]}", Comparison(Key("config.a"), (("==", Literal(Pairs((("b", (1,)),)))),))),
        (
            "config.a-1 == 1 or-1 < last(in-domain.loss)",
            Or(
                (
                    Comparison(Key("config.a-1"), (("==", Literal(1)),)),
                    Comparison(Literal(-1), (("<", Call("last", Key("in-domain.loss"))),)),
                )
            ),
        ),
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
            "expected one of == != < <= > >= in not in =~ !~, but the query ends\n  config.lr\n           ^",
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
        ("config.a =~ 1", "expected a pattern in quotes, but there is '1'\n  config.a =~ 1\n              ^"),
        ("config.a =~ 'res('", "this '(' is never closed\n  config.a =~ 'res('\n                  ^"),
        (r"config.a =~ '\'('", "this '(' is never closed\n  config.a =~ '\\'('\n              ^"),
        (
            "info.start > 'soon'",
            "expected a time such as '2026-11-01' or '2026-11-01T10:30+02:00'\n"
            "  info.start > 'soon'\n               ^",
        ),
        (
            "info.age in ['1d', '2 d']",
            "expected an age such as '90s', '2d' or '1h30m'\n  info.age in ['1d', '2 d']\n              ^",
        ),
        (
            "config.a == {b.c: 1}",
            "expected a name, or a text in quotes, but there is 'b.c'\n  config.a == {b.c: 1}\n               ^",
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


@pytest.mark.parametrize(("start", "more"), [("", "("), ("", "~"), ("", "not "), ("1 in ", "["), ("1 in ", "{a:")])
def test_depth_is_bounded(start: str, more: str) -> None:
    with pytest.raises(QueryError, match="nested deeper than 50 times"):
        parse(start + more * 500_000)


def test_length_is_not_bounded() -> None:
    text = " & ".join(f"config.seed != {-number}" for number in range(20_000))

    assert holds(text)


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

    cells = [MetricRef(path, "loss", Store()) for path in "ab"]
    frame = Frame({"config.seed": [1, 2], "train.loss": cells})

    assert compile_query(parse("config.seed == 2 & last(train.loss) == 1"))(frame) == [1]
    assert asked == ["b"]


@pytest.mark.parametrize(
    ("query", "rows", "read"),
    [
        ("min(train.loss) > 0 & max(train.loss) < 9 & count(train.acc) == 1", [0], ["a", "b"]),
        ("max(train.loss) < 2 | mean(train.loss) < 3 | min(train.acc) == 7", [0], ["a", "b"]),
        ("at(train.loss, 0) == 1 & first(train.loss) == 1 & last(train.loss) == 1", [0], ["a", "b"]),
        ("0 < last(train.loss) < 9", [0], ["the end of a", "the end of b"]),
        ("last(train.loss) < 9 & min(train.loss) > 0", [0], ["the end of a", "the end of b", "a"]),
    ],
)
def test_a_file_is_read_once_for_all_functions_of_its_keys(query: str, rows: list[int], read: list[str]) -> None:
    asked: list[str] = []
    files = {"a": [{"loss": 1}, {"acc": 7}], "b": [{"loss": 10}]}

    class Store:
        def lines(self, path: str) -> list[dict[str, Any]]:
            asked.append(path)
            return files[path]

        def last(self, path: str, key: str) -> Any:
            asked.append(f"the end of {path}")
            return files[path][0][key]

    keys = ("loss", "acc")
    frame = Frame({f"train.{key}": [MetricRef(path, key, Store()) for path in "ab"] for key in keys})

    assert compile_query(parse(query))(frame) == rows
    assert asked == read


def test_mapping_stands_where_the_key_itself_is_not() -> None:
    frame = Frame({"config.opt": [None, ABSENT, ABSENT], "config.opt.lr": [ABSENT, 0.1, ABSENT]})

    assert places("config.opt == none", frame) == [0]
    assert places("config.opt == {lr: 0.1}", frame) == [1]
    assert places("has(config.opt)", frame) == [0, 1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("info.start > '2026'", [1, 2, 3]),
        ("info.start >= '2026-01-01T00:00'", [0, 1, 2, 3]),
        ("info.start == '2026-01-01'", [0]),
        ("info.start == '2026-01-01T02:00:00+02:00'", [0]),
        ("'2026-02' <= info.start < '2026-02-10 13:00+01:00'", [1]),
        ("info.start in ['2026-02-10T12:00:00Z', '2025']", [2]),
        ("info.start < info.end", [0]),
        ("info.start != '2026-01-01' & ~has(info.age)", [4]),
        ("info.start < '2027' | info.start > '2025'", [0, 1, 2, 3]),
        ("info.age < '4w'", [1, 2, 3]),
        ("info.age <= 0 | info.age == '59d12h'", [0, 3]),
        ("'1d' < info.age < '60d'", [0, 1, 2]),
        ("'2026-02' in info.start", [1, 2]),
    ],
)
def test_times_are_compared_as_instants(text: str, found: list[int]) -> None:
    starts = ["2026-01-01T00:00:00.000000Z", "2026-02-10T11:59:59.9Z", "2026-02-10T13:00+01:00", "2026-03-01T12Z"]
    frame = Frame(
        {"info.start": [*starts, "once", ABSENT], "info.end": ["2026-01-01T03:00+02:00"] * 6},
        read_at="2026-03-01T12:00:00Z",
    )

    assert places(text, frame) == found


def test_ages_need_the_time_of_reading() -> None:
    assert places("info.age >= 0 | has(info.age)", Frame({"info.start": ["2026-01-01T00:00:00Z"]})) == []


def places(text: str, frame: Frame) -> list[int]:
    """The rows of a frame for which a query holds."""
    return compile_query(parse(text))(frame)
