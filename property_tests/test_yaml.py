"""YAML: what we read faster than PyYAML is what PyYAML reads."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mlxp_fn.config.yaml_text import _Loader, parse_yaml
from mlxp_fn.errors import ConfigError

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
keys = st.text(max_size=6) | st.sampled_from(["a", "on", "1", "null", "<<", "~", "1e-3", "2020-01-01"])
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=10
)
signs = st.sampled_from([*"ab-,:?[]{}&*!|>'\"#1~ \n", "\n  ", "\n- ", "b: ", "&a ", "*a ", "<<: "])
words = st.sampled_from(
    [
        "!!str ",
        "!!int ",
        "!!set ",
        "!!bool ",
        "!!timestamp ",
        "1e-3",
        "0x1F",
        ".5",
        "true",
        "null",
        "yes",
        "2020-01-01",
    ]
)


def pyyaml(text: str) -> Any:
    """The same loader, all of its work left to PyYAML."""
    return yaml.load(text, Loader=_Loader)


@given(trees, st.sampled_from([None, True, False]))
def test_what_was_dumped_is_read_as_pyyaml_reads_it(tree: Any, flow: bool | None) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)

    try:
        read = parse_yaml(text)
    except ConfigError as error:  # half an interpolation, or a key that no config can have
        assert "${" in text or "cannot be a key" in str(error)
    else:
        assert repr(read) == repr(pyyaml(text))


@given(st.lists(signs | words, max_size=14).map("".join))
@example("a: &a {b: 1}\nc: {<<: *a, d: 2}")
@example("? !!str [a]\n: 1")
@example("{a: 1, a: 2}")
@example("a: !!set {x, y}")
@example("[!!int '', !!bool maybe]")
@example("!!timestamp soon")
def test_any_text_is_read_as_pyyaml_reads_it_or_refused(text: str) -> None:
    try:
        expected = pyyaml(text)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, LookupError, AttributeError):
        with pytest.raises(ConfigError):
            parse_yaml(text)
        return
    try:
        read = parse_yaml(text)
    except ConfigError as error:
        assert "cannot be a key" in str(error) or "stand for" in str(error)
    else:
        assert repr(read) == repr(expected)
