"""Config: an immutable tree that keeps its interpolations."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime

import pytest

from mlxp_fn.errors import (
    FrozenConfigError,
    InterpolationError,
    MissingFieldError,
    UnknownConfigKeyError,
)
from mlxp_fn.tree import Config, config_of, flatten, literal, plain
from mlxp_fn.tree.interpolation import Surroundings

TREE = {"lr": 0.1, "model": {"width": 8, "layers": [1, {"size": 2}]}}


def test_values_are_reached_by_attribute_item_and_dotted_key() -> None:
    config = Config(TREE)

    assert config.model.width == config["model"]["width"] == config.select("model.width") == 8
    assert config.select("model.layers.1.size") == config.select("model.layers[1].size") == 2


def test_select_returns_the_default_where_nothing_is() -> None:
    assert Config(TREE).select("model.depth", 3) == 3


def test_a_key_that_is_a_method_is_reached_by_brackets() -> None:
    assert Config({"items": 1})["items"] == 1


def test_a_node_can_be_spread_into_a_call() -> None:
    assert dict(**Config(TREE).model) == {"width": 8, "layers": [1, {"size": 2}]}


def test_a_config_equals_dicts_and_its_lists_equal_lists() -> None:
    config = Config(TREE)

    assert config == TREE
    assert TREE == config  # noqa: SIM300  the dict is asked here
    assert config.model.layers == [1, {"size": 2}]
    assert [1, {"size": 2}] == config.model.layers  # noqa: SIM300  the list is asked here


def test_hashes_agree_where_configs_are_equal() -> None:
    assert Config({"a": 1, "b": [2]}) == Config({"b": [2.0], "a": True})
    assert hash(Config({"a": 1, "b": [2]})) == hash(Config({"b": [2.0], "a": True}))


def test_digests_tell_types_apart() -> None:
    digests = {Config({"a": value}).digest for value in (1, 1.0, True, "1")}

    assert len(digests) == 4


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert Config({"a": 1, "b": 2}).digest == Config({"b": 2, "a": 1}).digest


def test_the_digest_of_a_known_tree_never_changes() -> None:
    digest = Config({"a": [1, "x"], "b": None}).digest

    assert digest == "a666a213b54aa5a3237f122f67a99a78386286843c7cfcfe12263db01e1385df"


def test_the_digest_does_not_depend_on_clock_environment_or_process() -> None:
    tree = {"a": "${now:%H}", "b": "${oc.env:X}", "c": "run-${a}", "d": "${hydra:job.num}"}
    early = Surroundings(environ={"X": "1"}, now=datetime(2026, 1, 1, 1), hydra={"job": {"num": 1}})
    late = Surroundings(environ={"X": "2"}, now=datetime(2026, 1, 1, 2), hydra={"job": {"num": 2}})

    assert config_of(tree, early) != config_of(tree, late)
    assert config_of(tree, early).digest == config_of(tree, late).digest


def test_the_digest_follows_an_interpolated_value() -> None:
    assert Config({"a": 1, "b": "${a}"}).digest == Config({"a": 1, "b": 1}).digest


def test_evolving_lets_interpolations_follow() -> None:
    config = Config({"a": 1, "b": {"c": "${a}"}})

    assert config.evolve({"a": 2}).b.c == 2
    assert config.b.c == 1


def test_a_node_evolves_with_what_the_rest_of_the_tree_says() -> None:
    node = Config({"a": 1, "b": {"c": "${a}", "d": "${.c}"}}).b

    assert node.evolve({"c": 5}) == {"c": 5, "d": 5}


def test_evolving_makes_new_keys_and_changes_items_of_lists() -> None:
    config = Config(TREE).evolve({"model.layers.0": 9, "new.key": [1]})

    assert config.model.layers[0] == 9
    assert config.new.key == [1]


def test_a_write_is_refused_and_shows_evolve() -> None:
    config = Config(TREE)

    with pytest.raises(FrozenConfigError, match=r"config\.evolve\(\{'model\.width': 9\}\)"):
        config.model.width = 9
    with pytest.raises(FrozenConfigError, match="evolve"):
        config["lr"] = 1
    with pytest.raises(FrozenConfigError, match="immutable"):
        del config.lr


def test_an_unknown_key_is_an_attribute_error_that_guesses() -> None:
    config = Config(TREE)

    with pytest.raises(UnknownConfigKeyError, match=r"'model\.widht'; did you mean 'model\.width'\?"):
        _ = config.model.widht
    assert not hasattr(config, "nothing")


def test_a_missing_value_is_an_error_when_it_is_read() -> None:
    config = Config({"a": {"b": "???"}, "c": [1, "???"]})

    assert "b" not in config.a
    with pytest.raises(MissingFieldError, match=r"'a\.b' is missing"):
        _ = config.a.b
    with pytest.raises(MissingFieldError, match=r"'c\.1' is missing"):
        list(config.c)
    with pytest.raises(MissingFieldError, match=r"'a\.b' is missing"):
        config.flat()


def test_a_broken_interpolation_is_an_error_when_it_is_read_only() -> None:
    config = Config({"a": "${nowhere}", "b": 1})

    assert config.b == 1
    with pytest.raises(InterpolationError, match=r"\$\{nowhere\} in a: there is no key 'nowhere'"):
        _ = config.a


def test_what_is_missing_or_broken_can_be_read_as_its_text() -> None:
    tree = {"a": "???", "b": "${nowhere}", "c": [1, "???"]}

    assert Config(tree).to_dict(strict=False) == tree


def test_to_dict_is_plain_and_mutable() -> None:
    values = Config(TREE).to_dict()
    values["model"]["layers"].append(3)

    assert type(values["model"]) is dict
    assert Config(TREE).model.layers == [1, {"size": 2}]


def test_the_mapping_it_was_made_of_can_change() -> None:
    mapping = {"a": {"b": [1]}}
    config = Config(mapping)
    mapping["a"]["b"].append(2)

    assert config == {"a": {"b": [1]}}


def test_unresolved_keeps_interpolations_as_text() -> None:
    assert Config({"a": 1, "b": "${a}"}).unresolved() == {"a": 1, "b": "${a}"}


def test_flat_keeps_lists_whole_and_empty_mappings() -> None:
    assert Config({"a": {"b": [{"c": 1}]}, "d": {}}).flat() == {"a.b": [{"c": 1}], "d": {}}


def test_pickling_keeps_the_values_the_digest_and_what_depends_on_what() -> None:
    surroundings = Surroundings(environ={"USED": "u", "SECRET": "s"})
    config = config_of({"a": 1, "b": "${a}", "c": "${oc.env:USED}"}, surroundings)

    data = pickle.dumps(config)
    again = pickle.loads(data)

    assert (again, again.digest) == (config, config.digest)
    assert again.evolve({"a": 2}).b == 2
    assert b"SECRET" not in data


def test_copies_are_itself() -> None:
    config = Config(TREE)

    assert copy.deepcopy(config) is config
    assert copy.copy(config) is config


def test_a_config_inside_a_config_stands_for_its_values() -> None:
    inner = Config({"a": 1, "b": "${a}", "c": r"\${a}"})

    assert Config({"inner": inner}) == {"inner": {"a": 1, "b": 1, "c": "${a}"}}


def test_a_node_behind_an_interpolation_evolves_by_itself() -> None:
    config = Config({"a": {"b": 1}, "c": "${a}"})

    assert config.c.evolve({"b": 2}) == {"b": 2}


def test_notebooks_get_an_escaped_table() -> None:
    assert "&lt;b&gt;" in Config({"a": "<b>"})._repr_html_()


def test_keys_are_completed() -> None:
    assert {"lr", "model", "evolve"} <= set(dir(Config(TREE)))


def test_lists_can_be_added_to_lists() -> None:
    layers = Config({"a": [1]}).a

    assert layers + [2] == [1, 2]  # noqa: RUF005  the operator is what is tested
    assert [0] + layers == [0, 1]  # noqa: RUF005


def test_plain_thaws_whatever_is_nested() -> None:
    assert plain({"a": Config({"b": [1]}), "c": (1, 2)}) == {"a": {"b": [1]}, "c": [1, 2]}


def test_flatten_takes_a_prefix() -> None:
    assert flatten({"a": {"b": 1}}, prefix="config.") == {"config.a.b": 1}


def test_a_part_of_a_list_is_a_list() -> None:
    assert Config({"a": [1, 2, 3]}).a[1:] == [2, 3]


@pytest.mark.parametrize("text", ["${", "${a}", r"\${a}", r"\\${a}", r"a\b${", "$${"])
def test_a_literal_text_means_itself(text: str) -> None:
    assert Config(literal({"a": text})).a == text
