"""The data that laws are tried on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.coded import Coded
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.query import (
    FUNCTIONS,
    MATCHES,
    OPERATORS,
    And,
    Call,
    Comparison,
    Has,
    Key,
    Literal,
    Not,
    Or,
    Pairs,
    Term,
)

COLUMNS = ("config.lr", "config.seed", "config.model", "config.model.width", "config.my key", "info.status")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.integers(min_value=0, max_value=2)
)

values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.lists(st.tuples(st.text(max_size=3), inner), max_size=2, unique_by=lambda pair: pair[0]).map(
            lambda pairs: Pairs(tuple(pairs))
        )
    ),
    max_leaves=4,
)

cells = st.sampled_from([ABSENT, None, True, 0, 1, 2, 0.5, float("nan"), "", "a", [], [1], [1, "a"], {"b": 1}])

names = st.sampled_from(COLUMNS) | st.text(max_size=6).map(lambda text: f"config.{text}")
"""Keys that can be queried, most of which are columns of `frames`."""

calls = st.builds(
    lambda function, key, row: Call(function, Key(key), row if function == "at" else None),
    st.sampled_from(FUNCTIONS),
    names | st.text(max_size=6) | st.text("andori-.1", max_size=6),
    st.integers(min_value=0, max_value=3),
)

keyed = st.builds(Key, names) | calls
operators = st.sampled_from(OPERATORS)


pieces = st.sampled_from(
    ["", "a", "b", "1", " ", ".", "[ab]", "[^a1]", "[a-c_]", r"\d", r"\W", r"\s", r"\.", "^", "$"]
)

patterns = st.recursive(
    pieces,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
        | st.builds(
            "(?:{}){}".format,
            inner,
            st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{,2}", "{2,}", "{0}", "*?", "??"]),
        )
    ),
    max_leaves=8,
)
"""Regular expressions that Python reads as we do, but for `$`."""

terms = keyed | st.builds(Literal, values)
matching = st.tuples(st.sampled_from(MATCHES), st.builds(Literal, st.lists(pieces, max_size=3).map("".join)))
after_a_literal = st.tuples(operators, keyed)
links = st.tuples(operators, terms) | matching


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    """Chains of one to three comparisons, with a key on one side of each at least."""
    first = left = draw(terms)
    chain: list[tuple[str, Term]] = []
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        chain.append(draw(after_a_literal if isinstance(left, Literal) else links))
        left = chain[-1][1]
    return Comparison(first, tuple(chain))


atoms = comparisons() | st.builds(Has, st.builds(Key, names))

queries = st.recursive(
    atoms,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts)))
    ),
    max_leaves=6,
)


@st.composite
def columns(draw: st.DrawFn, length: int) -> Sequence[Any]:
    """A column as a list of cells, or as an index keeps it."""
    if draw(st.booleans()):
        return draw(st.lists(cells, min_size=length, max_size=length))
    distinct = draw(st.lists(cells, min_size=1, max_size=4))
    codes = draw(st.lists(st.integers(0, len(distinct) - 1), min_size=length, max_size=length))
    return Coded(distinct, codes, [""] * length)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Frames of up to six rows, or some of them, in which cells are missing here and there."""
    length = draw(st.integers(min_value=0, max_value=6))
    chosen = draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=len(COLUMNS)))
    frame = Frame({name: draw(columns(length)) for name in chosen}, range(length))
    return draw(st.just(frame) | st.sets(st.sampled_from(range(length))).map(frame.take)) if length else frame
