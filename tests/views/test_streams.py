"""Progress bars in their last state, as a terminal would show them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlxp_fn.views.streams import collapsed


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("", ""),
        ("plain\ntext\n", "plain\ntext\n"),
        ("  10%\r  50%\r 100%\n", " 100%\n"),
        ("\r  0%|  |\r100%|##|\nnext", "100%|##|\nnext"),
        ("of windows\r\nends\r\n", "of windows\nends\n"),
        ("still going: 10%\r", "still going: 10%"),
        ("longer\rshort", "shortr"),
        ("longer\rshort \r\n", "short\n"),
        ("spin |\x08/\x08-", "spin -"),
        ("long line\r\x1b[Kshort", "short"),
        ("long line\x1b[2K\rshort", "short"),
        ("abcdef\rab\x1b[1Kx", "  xdef"),
        ("\x1b[32mok\x1b[0m\r\x1b[31mno\x1b[0m", "\x1b[0m\x1b[31mno\x1b[0m"),
        ("\x1b[32mcoloured\x1b[0m", "\x1b[32mcoloured\x1b[0m"),
        ("\x08\x08a\rb", "b"),
    ],
)
def test_a_line_is_shown_as_it_was_last(printed, shown):
    assert collapsed(printed) == shown


@given(st.text(st.sampled_from("ab \r\n\x08\x1b[K2m")))
def test_what_is_shown_overwrites_nothing_more(text):
    shown = collapsed(text)

    assert collapsed(shown) == shown
    assert shown.count("\n") == text.count("\n")
    assert "\r" not in shown


@given(st.text(st.characters(exclude_characters="\r\x08")))
def test_a_text_that_overwrites_nothing_is_left_as_it_is(text):
    assert collapsed(text) == text


def test_a_long_progress_bar_takes_linear_time():
    updates = "".join(f"\r{number:>7}/200000 {'#' * 60}" for number in range(200_001))

    assert collapsed(updates) == f" 200000/200000 {'#' * 60}"
