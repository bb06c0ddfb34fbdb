"""The public names: each is where the package says it is, and the type checker sees the same."""

import ast
from pathlib import Path

import pytest

import mlxp_fn


@pytest.mark.parametrize("name", mlxp_fn.__all__)
def test_a_public_name_can_be_loaded_and_says_what_it_is(name):
    assert getattr(mlxp_fn, name).__doc__


def test_the_type_checker_is_told_the_same_names():
    tree = ast.parse(Path(mlxp_fn.__file__).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))

    told = {f"{node.module}.{alias.name}" for node in block.body for alias in node.names}

    assert told == {f"{module}.{name}" for module, names in mlxp_fn._NAMES.items() for name in names}


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="^mlxp_fn has no 'lunch'$"):
        mlxp_fn.lunch  # noqa: B018
