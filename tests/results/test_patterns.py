"""Regular expressions: what they find, what is refused, and that none explodes."""

from __future__ import annotations

import pytest

from mlxp_fn.errors import QueryError
from mlxp_fn.results.pattern_parser import pattern
from mlxp_fn.results.patterns import MAX_REMEMBERED


@pytest.mark.parametrize(
    ("expression", "found", "not_found"),
    [
        ("", "", None),
        ("net", "resnet50", "nest"),
        ("^net", "net", "resnet"),
        ("net$", "resnet", "resnet50"),
        ("^$", "", "a"),
        ("^(a|b)*$", "abba", "abc"),
        ("a.c", "xabcx", "a\nc"),
        ("^a{2}$", "aa", "aaa"),
        ("^a{2,}$", "aaaa", "a"),
        ("^a{,2}b{1,3}?$", "aabbb", "aaab"),
        ("^(?:ab?)+$", "abaab", "b"),
        ("[^0-9_]x", "ax", "1x"),
        ("^[]a-]+$", "-]a", "b"),
        (r"^\d+\s\w+$", "12 ab_3", "12ab"),
        (r"^\D\S\W$", "ab-", "1b-"),
        (r"^[\d.]+$", "1.5", "1,5"),
        (r"\(\{\\\.", "({\\.", "({\\x"),
        (r"a\tb", "a\tb", "a b"),
        ("(?i)^ResNet[a-c]$", "rEsNeTB", "resnetd"),
        ("(?i)[^a]", "b", "A"),
        ("(^|_)lr(_|$)", "base_lr", "lrs"),
        ("é+", "caféé", "cafe"),
    ],
)
def test_finds(expression: str, found: str, not_found: str | None) -> None:
    finds = pattern(expression)

    assert finds(found)
    assert not_found is None or not finds(not_found)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a(b", "this '(' is never closed\n  a(b\n   ^"),
        ("a)b", "this ')' closes nothing; the character itself is '\\)'\n  a)b\n   ^"),
        ("x[ab", "this '[' is never closed\n  x[ab\n   ^"),
        ("*a", "there is nothing before it that can be repeated\n  *a\n  ^"),
        ("a**", "there is nothing before it that can be repeated\n  a**\n    ^"),
        ("^+", "there is nothing before it that can be repeated\n  ^+\n    ^"),
        ("a{}", "a repetition is written {2} or {2,5}; the character itself is '\\{'\n  a{}\n   ^"),
        ("a{3,2}", "a repetition from 3 to 2 times is none\n  a{3,2}\n   ^"),
        ("[z-a]", "a range goes from a character to one that is not before it, as in a-z\n  [z-a]\n   ^"),
        ("(a)\\1", "'\\1' means nothing in a pattern\n  (a)\\1\n     ^"),
        ("a\\", "'\\' means nothing in a pattern\n  a\\\n   ^"),
        ("(?=a)", "of groups with '?' there is only '(?:', and '(?i)' at the beginning\n  (?=a)\n  ^"),
        ("a{99999}", "this is repeated too often\n  a{99999}\n    ^"),
        (
            "((a{99}){99}){99}",
            "this pattern is too large, with its repetitions written out\n  ((a{99}){99}){99}\n              ^",
        ),
    ],
)
def test_error_marks_the_place(expression: str, message: str) -> None:
    with pytest.raises(QueryError) as error:
        pattern(expression)

    assert str(error.value) == message


@pytest.mark.parametrize("expression", ["(" * 9_000, "a" * 1_000_000, "|" * 9_000, "(){9999}"])
def test_size_is_bounded(expression: str) -> None:
    with pytest.raises(QueryError):
        pattern(expression)


@pytest.mark.parametrize("expression", ["(a*)*b", "(a|a)*b", "(a+a+)+b", ".*.*.*.*.*b", "(a?){99}a{99}b"])
def test_nothing_explodes(expression: str) -> None:
    # Python's own matching would take longer than the universe has lasted.
    assert not pattern(expression)("a" * 50_000)


def test_what_is_remembered_is_bounded() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + MAX_REMEMBERED + 100)))

    assert not pattern("ab")(text)
    assert pattern("ab$")(f"{text}ab")
