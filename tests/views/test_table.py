"""Tables of text and HTML."""

from __future__ import annotations

from typing import Any

import pytest

from mlxp_fn.errors import UnknownColumnError
from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.frame import Frame
from mlxp_fn.views.table import as_text, html_table, table


def test_columns_are_aligned_numbers_to_the_right() -> None:
    frame = Frame({"name": ["a", "longer"], "config.lr": [0.1, 100.0]})

    assert table(frame) == (
        "name    config.lr\n"
        "a             0.1\n"
        "longer        100\n"
        "[2 rows, 2 columns]"
    )  # fmt: skip


def test_words_that_begin_as_nan_and_inf_stand_to_the_left() -> None:
    frame = Frame({"config.net": ["net", "inception"], "x": [float("nan"), 100.0]})

    assert table(frame).splitlines()[1:3] == ["net         nan", "inception   100"]


def test_missing_cells_are_empty() -> None:
    assert table(Frame({"a": [1, ABSENT], "b": [ABSENT, "x"]})).splitlines()[1:3] == ["1", "   x"]


def test_long_frames_show_their_ends() -> None:
    lines = table(Frame({"place": list(range(100))}), max_rows=4).splitlines()

    assert lines == ["place", "    0", "    1", "…", "   98", "   99", "[100 rows, 1 columns]"]


def test_names_act_upon_no_terminal() -> None:
    frame = Frame({"config.a\nb": [1], "train.\x1b[31mred": [2]})

    assert table(frame).splitlines()[0] == "config.a\\nb  train.\\x1b[31mred"
    with pytest.raises(UnknownColumnError, match=r"did you mean config\.a\\nb"):
        frame["config.a b"]


def test_html_tells_where_rows_are_left_out() -> None:
    html = html_table(Frame({"a": list(range(9)), "b": list(range(9))}), max_rows=2)

    assert "<tr><td>0</td><td>0</td></tr><tr><td>…</td><td>…</td></tr><tr><td>8</td><td>8</td></tr></tbody>" in html


def test_shown_frame_has_at_most_20_rows() -> None:
    assert len(repr(Frame({"place": list(range(1000))})).splitlines()) == 23


def test_wide_frames_drop_info_first_then_what_is_the_same() -> None:
    frame = Frame(
        {
            "config.same": ["x" * 20] * 2,
            "config.seed": [1, 2],
            "info.hostname": ["node" * 5, "nodes" * 4],
            "info.status": ["COMPLETE", "FAILED"],
            "train.loss": ["METRIC", "METRIC"],
        }
    )

    assert table(frame, max_width=50).splitlines()[0].split() == ["config.seed", "info.status", "train.loss"]


def test_info_that_is_chosen_and_has_room_is_shown() -> None:
    frame = Frame({"config.seed": [1, 2], "info.hostname": ["a", "b"]})

    assert table(frame, max_width=50).splitlines()[0].split() == ["config.seed", "info.hostname"]


def test_html_leaves_out_the_same_as_text() -> None:
    frame = Frame({"config.seed": [1], "info.hostname": ["node" * 10], "train.loss": ["METRIC"]})

    html = html_table(frame, max_width=50)

    assert html.startswith(
        "<table><thead><tr><th>config.seed</th><th>train.loss</th></tr></thead><tbody><tr><td>1<"
    )
    assert html.endswith("<p>1 rows, 2 of 3 columns</p>")
    assert html_table(Frame({})).endswith("<p>0 rows, no columns</p>")


def test_what_was_left_out_is_told() -> None:
    frame = Frame({name: ["x" * 30] for name in "abcdef"})

    assert table(frame, max_width=70).splitlines()[-1] == "[1 rows, 2 of 6 columns]"


def test_columns_can_be_chosen() -> None:
    assert table(Frame({"a": [1], "b": [2]}), columns=["b"]) == "b\n2\n[1 rows, 1 columns]"


def test_frame_without_columns_is_shown() -> None:
    assert table(Frame({})) == "[0 rows, no columns]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (1e-5, "1e-05"),
        (float("nan"), "nan"),
        (12345678, "12345678"),
        (True, "True"),
        (None, "None"),
        ("a\x1b[31m\n", "a\\x1b[31m\\n"),
        ("x" * 50, "x" * 39 + "…"),
        ([1, 2], "[1, 2]"),
        ([0.123456789] * 10, "[0.123457, …, 0.123457] (10)"),
        ({"a": [1]}, "{a: [1]}"),
    ],
)
def test_values_are_short(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_html_is_escaped() -> None:
    html = html_table(Frame({"<b>": ["<script>alert(1)</script>"]}))

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<th>&lt;b&gt;</th>" in html
