"""The text of overrides: what is read, what is written, and what is said of what cannot be read."""

from __future__ import annotations

import pytest

from mlxp_fn.config.overrides import parse_override, render
from mlxp_fn.config.syntax import ABSENT, Change, Choice, Extension, Quoted, Range, Zip, plain_value
from mlxp_fn.errors import OverrideError


def value(text: str) -> object:
    return plain_value(parse_override(f"a={text}").value)


def test_an_override_has_a_sign_a_key_a_package_and_a_value() -> None:
    override = parse_override("+db/engine@a.b=1e-3")

    assert override.change is Change.ADD
    assert (override.key, override.package, override.value) == ("db/engine", "a.b", 0.001)
    assert override.name == "+db/engine@a.b"


def test_a_deletion_needs_no_value() -> None:
    assert parse_override("~a").value is ABSENT
    assert parse_override("~a=null").value is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("TRUE", True),
        ("Null", None),
        ("none", "none"),
        ("01", "01"),
        ("x ", "x"),
        ("x: ", "x: "),
        ("[+: ,y]", ["+: ", "y"]),
        (r"x\: ", "x:"),
        (" a b ", "a b"),
        (r"a\,b", "a,b"),
        (r"x\ ", "x "),
        ("'1'", "1"),
        (r"'it\'s'", "it's"),
        ("[1, 'a b', {x: null}]", [1, "a b", {"x": None}]),
        ("{1: a, true: b}", {1: "b"}),
        ("x${b}y", "x${b}y"),
        ("str(1)", "1"),
        ("int([1.9, '3'])", [1, 3]),
        ("bool(null)", False),
        ("sort([3, 1, 2], reverse=true)", [3, 2, 1]),
        ("json_str({x: [1, null]})", '{"x": [1, null]}'),
    ],
)
def test_a_value_is_read_as(text: str, expected: object) -> None:
    found = value(text)

    assert found == expected
    assert type(found) is type(expected)


def test_commas_make_a_sweep() -> None:
    override = parse_override("a=1,'x',[2]")

    assert override.is_sweep
    assert override.value == Choice((1, "x", (2,)), simple=True)


def test_functions_make_sweeps() -> None:
    assert parse_override("a=tag(t, range(1, 4))").value == Range(start=1, stop=4, tags=frozenset({"t"}))
    assert parse_override("a=zip(1, 2)").value == Zip((1, 2))
    assert parse_override("a=shuffle(choice(1, 2), seed=3)").value == Choice((1, 2), shuffle=True, seed=3)


def test_extend_list_is_a_value_of_its_own() -> None:
    assert parse_override("a=extend_list(1, b)").value == Extension((1, "b"))


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("seed=[1,2", 5, "never closed"),
        ("seed=a=b", 6, "'='"),
        ("a=foo(1)", 2, "no function 'foo'; there are bool, choice"),
        ("a=int(x)", 2, r"ValueError in int\(x\)"),
        ("a='b", 2, "never closed"),
        ("a", 1, "a value is missing"),
        ("a =1", 1, "a key is"),
        ("a=1,", 4, "here it ends"),
        ("a=range(1,2,3,4)", 2, r"range\(start, stop, step\)"),
        ("a=it's", 4, "other kind of quotes"),
    ],
)
def test_what_cannot_be_read_is_shown_whole_with_a_caret(text: str, place: int, reason: str) -> None:
    with pytest.raises(OverrideError, match=reason) as caught:
        parse_override(text)

    assert str(caught.value).endswith(f"\n  {text}\n  {' ' * place}^")


def test_brackets_without_end_are_an_error() -> None:
    with pytest.raises(OverrideError, match="too deeply"):
        parse_override("a=" + "[" * 5000)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("a= 1 , 2 ", "a=1,2"),
        ("a=1.", "a=1.0"),
        ("a='x y'", "a='x y'"),
        ("a=x y", r"a=x\ y"),
        ("a=str(1)", "a='1'"),
        ("~a", "~a"),
        ("a=[ 1 , {x : null} ]", "a=[1,{x:null}]"),
        ("a=TRUE", "a=True"),
        ("a=sort(range(1,4), reverse=true)", "a=range(3,0,-1)"),
        ("a=tag(t,shuffle(1,2,seed=5))", "a=tag('t',shuffle(1,2,seed=5))"),
    ],
)
def test_an_override_is_written_as(text: str, rendered: str) -> None:
    assert render(parse_override(text)) == rendered
    assert parse_override(rendered) == parse_override(text)


def test_quotes_are_kept() -> None:
    quoted = parse_override('a="x"').value

    assert isinstance(quoted, Quoted)
    assert (quoted, quoted.quote) == ("x", '"')
