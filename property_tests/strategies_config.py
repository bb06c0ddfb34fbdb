"""Overrides, trees and sweeps, drawn at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import Struct, structs

from mlxp_fn.config.syntax import ABSENT, Change, Choice, Override, Pairs, Quoted, Range, Zip

words = st.from_regex(r"[A-Za-z_][A-Za-z0-9_\-]{0,6}", fullmatch=True)
keys = st.lists(words, min_size=1, max_size=3).map(".".join)
groups = st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_\-]{0,4}", fullmatch=True), min_size=2, max_size=3).map(
    "/".join
)
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False)
texts = st.text(max_size=12)
scalars = st.none() | st.booleans() | numbers | texts | st.builds(Quoted, texts, st.sampled_from("'\""))
# Unquoted keys are typed when they are read, so a key that looks like a number is one.
pair_keys = words.filter(lambda word: word.lower() not in ("true", "false", "null", "inf", "nan")) | st.integers(
    0, 99
)

values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(pair_keys, inner, max_size=3).map(lambda entries: Pairs(tuple(entries.items())))
    ),
    max_leaves=8,
)

tags = st.frozensets(texts.filter(bool), max_size=2)
choices = st.builds(
    Choice,
    st.lists(values.filter(lambda value: value is not None), min_size=1, max_size=4).map(tuple),
    tags=tags,
)
commas = st.builds(Choice, st.lists(values, min_size=2, max_size=4).map(tuple), simple=st.just(True))
small = st.integers(-20, 20) | st.integers(-40, 40).map(lambda n: n / 8)
ranges = st.builds(Range, start=small, stop=small, step=small.filter(bool), tags=tags, shuffle=st.booleans())
zips = st.builds(Zip, st.lists(values, min_size=1, max_size=3).map(tuple))

signs = st.sampled_from([Change.CHANGE, Change.ADD, Change.FORCE_ADD, Change.DELETE])
overrides = st.builds(
    Override,
    text=st.just(""),
    change=signs,
    key=keys | groups,
    package=st.none() | keys | st.just(""),
    value=values | choices | commas | ranges | zips,
) | st.builds(
    Override,
    text=st.just(""),
    change=st.just(Change.DELETE),
    key=keys,
    package=st.none(),
    value=st.just(ABSENT),
)

plain_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
trees = st.dictionaries(
    words,
    st.recursive(
        plain_scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=10,
    ),
    max_size=5,
)
"""Plain trees without interpolations, but for what looks like one."""

axes = st.dictionaries(words, st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=4)


def typed(value: Any) -> Any:
    """The value with its types in it: 1, 1.0 and True differ, and so do 0.0 and -0.0."""
    match value:
        case dict():
            return ("dict", [(typed(key), typed(item)) for key, item in value.items()])
        case list() | tuple():
            return ("list", [typed(item) for item in value])
        case Pairs(items=items):
            return ("dict", [(typed(key), typed(item)) for key, item in items])
        case str():
            return ("str", str(value))
        case frozenset():  # whose repr says in which order it was filled
            return ("frozenset", sorted(map(typed, value)))
        case Struct():
            return (type(value).__name__, [typed(item) for item in structs.astuple(value)])
        case _:
            return (type(value).__name__, repr(value))


yaml_texts = (
    st.text(max_size=150)
    | st.from_regex(r"[-+.0-9eEinfa_:/ ~?!&*#'\"%@`{}\[\],|><=]{0,8}", fullmatch=True)
    | st.sampled_from(["yes", "On", "~", "<<", "2026-11-25", "06:23:44", "25/11/2026", "./x", "/", "a: b", "a #b"])
)
"""Texts that YAML might take for something else."""
yaml_scalars = st.none() | st.booleans() | st.integers() | st.floats() | yaml_texts
yaml_trees = st.dictionaries(
    yaml_scalars,
    st.recursive(
        yaml_scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.lists(inner, max_size=2).map(tuple)
            | st.dictionaries(yaml_scalars, inner, max_size=3)
        ),
        max_leaves=12,
    ),
    max_size=5,
)
