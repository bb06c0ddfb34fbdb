"""Laws of overrides as text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlxp_fn.config.overrides import parse_override, render
from mlxp_fn.config.render import render_value
from mlxp_fn.config.syntax import Choice, Override, Zip
from mlxp_fn.errors import OverrideError

from .strategies_config import overrides, texts, typed, values

ALPHABET = "abe01+-.,:=[]{}()'\"\\$ ~@/*\t#é"


@given(overrides)
def test_parsing_what_was_rendered_gives_the_same(override: Override) -> None:
    again = parse_override(render(override))

    assert again == override
    if isinstance(override.value, (Choice, Zip)):
        assert typed(again.value.elements) == typed(override.value.elements)
    else:
        assert typed(again.value) == typed(override.value)


@given(overrides)
def test_rendering_is_stable(override: Override) -> None:
    once = render(parse_override(render(override)))

    assert render(parse_override(once)) == once


@given(st.text(ALPHABET, max_size=20) | texts | texts.map("a=".__add__))
def test_any_text_parses_or_is_shown_with_a_caret(text: str) -> None:
    try:
        override = parse_override(text)
    except OverrideError as error:
        assert str(error).splitlines()[-1].strip() == "^"
    else:
        assert override.text == text


@given(st.lists(values, min_size=2, max_size=4))
def test_commas_list_the_values(elements: list[object]) -> None:
    override = parse_override("a=" + ",".join(map(render_value, elements)))

    assert typed(override.value.elements) == typed(elements)
