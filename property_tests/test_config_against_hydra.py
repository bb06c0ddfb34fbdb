"""Generated overrides and trees mean to us what they mean to hydra-core.

Set ORACLE_PYTHON to an interpreter that has hydra-core 1.3.8 to run these.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlxp_fn.config.overrides import render
from mlxp_fn.config.syntax import Change, Zip
from mlxp_fn.config.yaml_writer import to_yaml
from mlxp_fn.tree.plain_data import escaped

from .strategies_config import overrides, plain_scalars, trees, words

ROOT = Path(__file__).parents[1]
SUITE = ROOT.parent / "shared" / "conformance" / "run_conformance.py"
ORACLE = os.environ.get("ORACLE_PYTHON", "")

pytestmark = [
    pytest.mark.skipif(not SUITE.is_file(), reason=f"the conformance suite is not at {SUITE}"),
    pytest.mark.skipif(not ORACLE, reason="ORACLE_PYTHON names no interpreter with hydra-core 1.3.8"),
]
few = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))

raw = st.text("ab01.-+_,:=[]{}()'\"\\$ @/", max_size=12).map("a=".__add__)
# Where 1.4 mends 1.3.8, we do as 1.4: brackets in keys never reach a value here, `~key=null` is left out.
rendered = overrides.filter(lambda o: not isinstance(o.value, Zip)).map(render)


@few
@given(st.lists(rendered | raw, min_size=100, max_size=100))
def test_overrides_are_parsed_as_hydra_parses_them(texts: list[str]) -> None:
    cases = [{"id": str(n), "function": "parse_override", "input": text} for n, text in enumerate(texts)]

    compare(cases, {})


simple = st.integers(-99, 99) | st.booleans() | words
changes = st.tuples(st.sampled_from(["", "+", "++", "~"]), words, st.none() | words, simple)


def text_of(change: tuple[str, str, str | None, Any]) -> str:
    sign, key, below, value = change
    key = f"{key}.{below}" if below else key
    return f"~{key}" if sign == Change.DELETE else f"{sign}{key}={value}"


@few
@given(st.lists(st.tuples(trees, st.lists(changes, max_size=3)), min_size=10, max_size=10))
def test_trees_are_composed_as_hydra_composes_them(drawn: list[tuple[dict[str, Any], list[Any]]]) -> None:
    files, cases = {}, []
    for number, (tree, given_changes) in enumerate(drawn):
        tree = {key: value for key, value in tree.items() if key not in ("defaults", "hydra")}
        files[f"tree{number}"] = {"config.yaml": to_yaml(escaped(tree)).decode("utf-8", "surrogatepass")}
        texts = [text_of(change) for change in given_changes]
        cases.append(
            {"id": str(number), "function": "compose", "tree": f"tree{number}", "config": "config", "input": texts}
        )

    compare(cases, files)


@few
@given(st.lists(st.lists(plain_scalars, min_size=2, max_size=3), min_size=40, max_size=40))
def test_scalars_in_lists_are_parsed_as_hydra_parses_them(lists: list[list[Any]]) -> None:
    texts = [f"a=[{','.join(str(item) for item in items)}]" for items in lists]

    compare([{"id": str(n), "function": "parse_override", "input": text} for n, text in enumerate(texts)], {})


def compare(cases: list[dict[str, Any]], trees_of_files: dict[str, dict[str, str]]) -> None:
    """Both answer the same; where Hydra refuses, we refuse."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        for tree, files in trees_of_files.items():
            for path, text in files.items():
                (place / tree).mkdir()
                (place / tree / path).write_bytes(text.encode("utf-8", "surrogatepass"))
        theirs = evaluated(ORACLE, "hydra_oracle:adapter", cases, place)
        ours = evaluated(sys.executable, "conformance_adapter:adapter", cases, place)
    for case in cases:
        want, got = theirs[case["id"]], ours[case["id"]]
        same = "error" in got if "error" in want else unordered(want["value"]) == unordered(got.get("value"))
        assert same, f"{case['input']!r}: Hydra {want}, we {got}"


def evaluated(python: str, adapter: str, cases: list[dict[str, Any]], place: Path) -> dict[str, Any]:
    """The answers of one side, by the suite's own runner."""
    ask, answer = place / "ask.json", place / "answer.json"
    ask.write_text(json.dumps({"cases": cases, "trees_dir": str(place)}))
    command = [
        python,
        "-W",
        "ignore",
        str(SUITE),
        adapter,
        "--evaluate",
        str(ask),
        "--out",
        str(answer),
        "--jobs",
        "1",
    ]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"} if python != ORACLE else None
    subprocess.run(command, check=True, capture_output=True, env=environment)
    answers: dict[str, Any] = json.loads(answer.read_text())
    return answers


def unordered(encoded: Any) -> Any:
    """An encoded value without the order of its mappings."""
    if encoded and encoded[0] == "d":
        return ["d", sorted((json.dumps(key), unordered(value)) for key, value in encoded[1])]
    return [encoded[0], [unordered(item) for item in encoded[1]]] if encoded and encoded[0] == "l" else encoded
