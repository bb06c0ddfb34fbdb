"""Interpolations: what they stand for, and what is said when they stand for nothing."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest

from mlxp_fn.errors import InterpolationError
from mlxp_fn.tree import Config, config_of
from mlxp_fn.tree.interpolation import Surroundings
from mlxp_fn.tree.interpolation_grammar import parse_interpolated

SURROUNDINGS = Surroundings(
    environ={"NAME": "value", "LIST": "[1,x]"},
    now=datetime(2026, 11, 23, 10, 30),
    hydra={"runtime": {"cwd": "/here"}, "job": {"num": "???"}},
)


def value(text: Any, **others: Any) -> Any:
    config = config_of({"it": text, **others}, SURROUNDINGS)["it"]
    return config.to_dict() if isinstance(config, Config) else config


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${a}", 1),
        ("v${a}", "v1"),
        ("${n.x}", 2.5),
        ("${n[x]}", 2.5),
        ("${l[0]}", "first"),
        ("${l.1}", None),
        ("${n}", {"x": 2.5, "y": 2.5}),
        ("${.a}", 1),
        ("${n.${key}}", 2.5),
        ("${${name}}", 1),
        (r"\${a}", "${a}"),
        (r"\\${a}", r"\1"),
        ("$a", "$a"),
        ("${oc.env:NAME}", "value"),
        ("${oc.env:NOTHING,1}", "1"),
        ("${oc.env:NOTHING,null}", None),
        ("${oc.decode:${oc.env:LIST}}", [1, "x"]),
        ("${oc.decode:'${a}'}", 1),
        ("${oc.create:{x: 1, y: [a, 'b c']}}", {"x": 1, "y": ["a", "b c"]}),
        ("${oc.select:no.such,5}", 5),
        ("${oc.select:n.x}", 2.5),
        ("${oc.dict.keys:n}", ["x", "y"]),
        ("${oc.dict.values:n}", [2.5, 2.5]),
        ("${now:%Y-%m-%d}", "2026-11-23"),
        ("${hydra:runtime.cwd}", "/here"),
        ("${hydra:no.such}", None),
        ("${python_version:major}", "3"),
    ],
)
def test_an_interpolation_stands_for(text: str, expected: object) -> None:
    found = value(text, a=1, n={"x": 2.5, "y": "${.x}"}, l=["first", None], key="x", name="a")

    assert found == expected
    assert type(found) is type(expected) or isinstance(expected, list)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${nowhere}", "no key 'nowhere'"),
        ("${it}", "circle: it -> it"),
        ("${missing}", "missing has no value"),
        ("${oc.env:NOTHING}", "'NOTHING' is not set"),
        ("${no_resolver:1}", "no resolver 'no_resolver'"),
        ("${hydra:job.num}", "not known when composing"),
        ("${....a}", "nothing above the root"),
        ("${oc.decode:[}", "cannot read"),
        ("${oc.create:text}", "oc.decode reads one from a text"),
    ],
)
def test_an_interpolation_that_leads_nowhere_says_why(text: str, message: str) -> None:
    with pytest.raises(InterpolationError, match=message):
        value(text, a=1, missing="???")


def test_a_circle_is_named() -> None:
    with pytest.raises(InterpolationError, match="a -> b -> c -> a"):
        _ = Config({"a": "${b}", "b": "${c}", "c": "${a}"}).a


@pytest.mark.parametrize("text", ["${", "${}", "${a", "${a.}", "${a b}", "${f:[1}", "${f:{a}}"])
def test_half_an_interpolation_is_shown_with_a_caret(text: str) -> None:
    with pytest.raises(InterpolationError, match=r"\^"):
        parse_interpolated(text)


def test_without_a_clock_there_is_no_time() -> None:
    with pytest.raises(InterpolationError, match="no time was given"):
        _ = Config({"a": "${now:%Y}"}).a


def test_a_reference_may_lead_through_a_node_that_is_itself_a_reference() -> None:
    assert Config({"a": "${b.c}", "b": "${d}", "d": {"c": 1}}).a == 1


def test_a_node_may_refer_to_its_sibling_through_a_reference_to_itself() -> None:
    assert Config({"m": {"x": "${whole.y}", "y": 1}, "whole": "${m}"}).m.x == 1


RESOLVERS_OF_USERS = """
import sys
from mlxp_fn.tree import Config
assert "omegaconf" not in sys.modules
from omegaconf import OmegaConf
OmegaConf.register_new_resolver("add", lambda x, y: x + y)
OmegaConf.register_new_resolver("up", lambda key, *, _parent_: _parent_[key])
config = Config({"a": 1, "b": "${add:${a},2}", "n": {"c": 5, "d": "${up:c}"}})
assert (config.b, config.n.d) == (3, 5), config
"""


def test_resolvers_that_users_registered_are_called() -> None:
    command = [sys.executable, "-W", "ignore", "-c", RESOLVERS_OF_USERS]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
