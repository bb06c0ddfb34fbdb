"""MLXP's own language: what its parser reads, we read, and the same runs are found.

Set ORACLE_PYTHON to an interpreter that has MLXP 1.0.5 to run these.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mlxp_fn.errors import InvalidKeyError, QueryError
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.query_columns import compile_query
from mlxp_fn.results.query_parser import parse

ORACLE = os.environ.get("ORACLE_PYTHON", "")
LONG = bool(os.environ.get("MLXP_LONG_TESTS"))

pytestmark = pytest.mark.skipif(not ORACLE, reason="ORACLE_PYTHON names no interpreter with MLXP 1.0.5")
many = settings(
    max_examples=20_000 if LONG else 1_000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)

Ask = Callable[[str, list[dict[str, Any]]], Any]


@pytest.fixture(scope="module")
def mlxp() -> Iterator[Ask]:
    """MLXP, in a process of its own: what it answers to a query about rows."""
    command = [ORACLE, "-W", "ignore", str(Path(__file__).parent / "mlxp_queries.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        asked, answers = process.stdin, process.stdout
        assert asked and answers

        def ask(query: str, rows: list[dict[str, Any]]) -> Any:
            asked.write(json.dumps([query, rows]) + "\n")
            return json.loads(answers.readline())

        yield ask
        asked.close()


cells = st.sampled_from([None, True, False, 0, 1, 2, -1.5, 0.1, float("nan"), "", "a", "1", "b]", [], [1], ["a"]])
columns = ("config.lr", "config.model", "config.model.width", "config.in", "info.status", "info.x_1.2")
runs = st.lists(st.dictionaries(st.sampled_from(columns), cells), min_size=1, max_size=4)

keys = st.sampled_from([*columns, "config.model.width.more", "info.other"])
numbers = st.sampled_from(["0", "1", "+2", "-1.5", "0.1", "2.", ".5", "-.1", "1.0"])
texts = st.sampled_from(["'a'", '"a"', "''", "'1'", "'b]'", "'a & b'", '"it\'s"', r"'\x61'", r"'\d'"])
booleans = st.sampled_from(["True", "False"])
in_lists = st.sampled_from(["0", "1", "-1.5", "1e-1", "'a'", '"b"', "None", "True", "False", "1_0"])
lists = st.lists(in_lists, max_size=4).map(lambda items: f"[{', '.join(items)}]")
comparisons = st.builds(
    "{}{}{}{}{}".format,
    keys,
    st.sampled_from(["", " ", "\t"]),
    st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    st.sampled_from(["", " "]),
    numbers | texts | booleans,
) | st.builds("{} in {}".format, keys, lists)
queries = st.recursive(
    comparisons,
    lambda inner: (
        st.builds("{} & {}".format, inner, inner)
        | st.builds("{}|{}".format, inner, inner)
        | inner.map("~{}".format)
        | inner.map("({})".format)
    ),
    max_leaves=6,
)
"""Texts in MLXP's language, with and without the parentheses that they seem to need."""

signs = ("in", "&", "|", "~", "(", ")", "==", "<", "!=", "[", "]")
words = st.sampled_from([*columns, *signs, "lr", "[1, 'a']", "1", "-2.5", "'a'", "true"])


@many
@given(queries, runs)
@example("~config.lr == 1 & config.lr == 2 | info.status == 'a'", [{"config.lr": 1, "info.status": "a"}])
@example("config.model != 1", [{"config.model.width": 1}])
def test_queries_find_the_runs_that_mlxp_finds(mlxp: Ask, query: str, rows: list[dict[str, Any]]) -> None:
    theirs = mlxp(query, rows)

    assert isinstance(theirs, list), f"MLXP refuses {query!r}: {theirs}"
    compare(query, rows, theirs)


@many
@given(st.lists(words, max_size=12).map(" ".join), runs)
def test_what_mlxp_reads_is_read_and_means_the_same(mlxp: Ask, query: str, rows: list[dict[str, Any]]) -> None:
    theirs = mlxp(query, rows)

    if isinstance(theirs, list):
        compare(query, rows, theirs)


@pytest.mark.parametrize("query", ["lr == 1", "info == 1", "config.lr == 1 & train.loss < 1"])
def test_keys_that_mlxp_refuses_are_refused(mlxp: Ask, query: str) -> None:
    assert mlxp(query, []) == "InvalidKeyError"
    with pytest.raises(QueryError) as error:
        parse(query)
    assert isinstance(error.value, InvalidKeyError)


def compare(query: str, rows: list[dict[str, Any]], theirs: list[bool | None]) -> None:
    """Both find the same rows, but for those that MLXP fails on, comparing what has no order."""
    found = compile_query(parse(query))(Frame.from_rows(rows))

    ours = [None if holds is None else place in found for place, holds in enumerate(theirs)]
    assert ours == theirs, f"{query!r} on {rows}"
