"""Composing configs out of files and overrides, beyond what the conformance suite asks."""

from __future__ import annotations

from typing import Any

import pytest

from mlxp_fn.config.composition import compose, compose_job
from mlxp_fn.config.source_files import Layer, Sources
from mlxp_fn.errors import ConfigError, MissingConfigError, OverrideError, UnknownConfigKeyError
from mlxp_fn.tree.interpolation import Surroundings


def sources(**files: str) -> Sources:
    """One layer with these files; `__` in a name is a slash."""
    paths = {name.replace("__", "/"): text for name, text in files.items()}
    folders = {path.rpartition("/")[0] for path in paths if "/" in path}
    return Sources((Layer("file:///configs", paths, frozenset(folders)),))


DB = sources(
    config="defaults: [{db: mysql}, _self_]\nseed: 1\nmodel: {width: 8, half: '${.width}'}",
    db__mysql="port: 3306",
    db__pg="port: 5432\nuser: x",
)


def test_files_and_overrides_make_a_config() -> None:
    config = compose(DB, ["db=pg", "model.width=16", "+new.key=[1, a]"])

    assert config == {
        "db": {"port": 5432, "user": "x"},
        "seed": 1,
        "model": {"width": 16, "half": 16},
        "new": {"key": [1, "a"]},
    }


def test_composing_changes_nothing_that_was_read() -> None:
    before = compose(DB)
    compose(DB, ["db=pg", "~model.width", "seed=[1]", "++db.port=1"])

    assert compose(DB) == before


def test_the_primary_config_may_be_absent_where_that_is_said() -> None:
    assert compose(Sources(), ["+a=1"], may_be_absent=True) == {"a": 1}
    with pytest.raises(UnknownConfigKeyError, match="^a=1: the config is empty and has no key a; to add it write"):
        compose(Sources(), ["a=1"], may_be_absent=True)
    with pytest.raises(MissingConfigError, match="no config 'config'"):
        compose(Sources())


@pytest.mark.parametrize(
    ("override", "error", "message"),
    [
        (
            "model.widht=1",
            UnknownConfigKeyError,
            r"^model\.widht=1: the config has no key model\.widht; did you mean model\.width\? "
            r"To add it write \+model\.widht=1$",
        ),
        ("sed=1", UnknownConfigKeyError, r"did you mean seed\?"),
        ("seed.x=1", UnknownConfigKeyError, "seed is the value 1 and has no key seed.x"),
        ("+seed=2", OverrideError, r"change it with seed=2, or with \+\+seed=2"),
        ("~seed=2", OverrideError, "seed is 1, not 2"),
        ("~sed", OverrideError, r"no key sed to delete; did you mean seed\?"),
        ("db=pgg", MissingConfigError, r"db/pgg\.yaml, asked for in config\.yaml, .* did you mean pg\?"),
        ("other@x=1", OverrideError, "other is no group"),
        ("seed=1,2", OverrideError, r"several values.* seed=\[1,2\].* seed='1,2'.*--multirun"),
        ("++db=pg", OverrideError, "a group is not force-added"),
        ("seed=[choice(1,2)]", OverrideError, "a choice cannot stand inside"),
        ("seed='${x'", OverrideError, "cannot read the interpolation"),
    ],
)
def test_a_wrong_override_says_what_would_be_right(override: str, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        compose(DB, [override])


def test_an_absent_option_names_who_asked_what_there_is_and_where() -> None:
    files = sources(config="defaults: [{db: oracle}]", db__mysql="", db__pg="")

    with pytest.raises(MissingConfigError) as caught:
        compose(files)

    assert str(caught.value) == (
        "db/oracle.yaml, asked for in config.yaml, is not there; the options of db are mysql, pg\n"
        "searched in file:///configs"
    )


def test_a_circle_of_defaults_is_named() -> None:
    files = sources(config="defaults: [a]", a="defaults: [b]", b="defaults: [a]")

    with pytest.raises(ConfigError, match="circle: a -> b -> a"):
        compose(files)


def test_an_error_in_yaml_names_file_and_line() -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml, line 2, column 1: found duplicate key a"):
        compose(sources(config="a: 1\na: 2"))


def test_the_first_layer_that_has_a_file_wins_and_options_are_joined() -> None:
    first = Layer("first", {"config": "defaults: [{db: a}, {db@x: b}]", "db/a": "v: 1"}, frozenset({"db"}))
    second = Layer("second", {"db/a": "v: 2", "db/b": "v: 3"}, frozenset({"db"}))

    both = Sources((first,)).with_layers(second)

    assert compose(both) == {"db": {"v": 1}, "x": {"v": 3}}
    assert both.options("db") == ("a", "b")


def test_lists_are_extended_by_extend_list() -> None:
    files = sources(config="l: [1]")

    assert compose(files, ["l=extend_list(2, [3])"]) == {"l": [1, 2, [3]]}
    with pytest.raises(OverrideError, match="needs a list"):
        compose(sources(config="l: 1"), ["l=extend_list(2)"])


def test_hydras_values_can_be_asked_for() -> None:
    files = sources(
        config="defaults: [{db: a}]\nname: ${hydra:job.config_name}-${hydra:runtime.choices.db}-${hydra:job.name}\n"
        "dir: ${hydra:job.override_dirname}\nseed: 0",
        db__a="",
    )
    surroundings = Surroundings(hydra={"job": {"name": "main"}})

    config = compose(files, ["seed=2", "+b=x"], surroundings=surroundings)

    assert (config.name, config.dir) == ("config-a-main", "+b=x,seed=2")


def settings(overrides: list[str], given: dict[str, Any] | None = None, **files: str) -> dict[str, Any]:
    return compose_job(sources(**files), overrides, settings=given).settings


def test_settings_come_from_defaults_file_config_and_overrides_in_turn() -> None:
    found = settings(
        ["+mlxp.c=3", "mlxp.logger.name=x"],
        {"a": 0, "b": 0, "c": 0, "d": 0, "logger": {"name": "", "dir": "logs"}},
        mlxp="a: 1\nb: 1\nc: 1",
        config="mlxp: {b: 2, c: 2}\nseed: 1",
    )

    assert found == {"a": 1, "b": 2, "c": 3, "d": 0, "logger": {"name": "x", "dir": "logs"}}


def test_settings_are_no_part_of_the_config() -> None:
    composed = compose_job(sources(config="mlxp: {b: 2}\nseed: 1"), ["mlxp.c=1", "mlxp={d: 1}"])

    assert composed.config == {"seed": 1}
    assert composed.settings == {"b": 2, "c": 1, "d": 1}


def test_settings_are_deleted_like_keys() -> None:
    assert settings(["~mlxp.a"], {"a": 1, "b": 2}) == {"b": 2}


def test_the_settings_file_may_have_a_level_of_its_own() -> None:
    assert settings([], {"a": 0}, mlxp="mlxp: {a: 1}") == {"a": 1}


def test_a_job_knows_what_its_groups_are() -> None:
    assert dict(compose_job(DB, ["db=pg"]).choices)["db"] == "pg"


def test_settings_may_ask_for_values_of_the_config() -> None:
    assert settings(["name=x"], config="name: a\nmlxp: {logger: {dir: 'logs/${name}'}}") == {
        "logger": {"dir": "logs/x"}
    }


def test_the_files_of_a_config_are_listed_in_the_order_of_merging() -> None:
    found = compose_job(DB, ["db=pg"])

    assert [(part.path, part.package) for part in found.parts if "hydra" not in part.path] == [
        ("db/pg", ("db",)),
        ("config", ()),
    ]


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("", {"outer": {"db": {"engine": {"e": 1}}}}),
        ("@x", {"outer": {"db": {"x": {"e": 1}}}}),
        ("@_here_", {"outer": {"db": {"e": 1}}}),
        ("@_global_.x", {"outer": {"db": {}}, "x": {"e": 1}}),
        ("@_group_", {"outer": {"db": {}}, "db": {"engine": {"e": 1}}}),
    ],
)
def test_a_package_is_relative_to_that_of_the_file_unless_it_says_otherwise(
    package: str, expected: dict[str, Any]
) -> None:
    files = sources(
        config="defaults: [{db@outer.db: my}]",
        db__my=f"defaults: [{{'engine{package}': inno}}]",
        db__engine__inno="e: 1",
    )

    assert compose(files) == expected


def test_a_list_of_options_may_stand_beside_a_choice() -> None:
    files = sources(config="defaults: [{db: [a]}, {db: b}]", db__a="a: 1", db__b="b: 1")

    assert compose(files) == {"db": {"a": 1, "b": 1}}


def test_a_plugin_of_hydras_is_refused_with_what_is_done_here() -> None:
    with pytest.raises(MissingConfigError, match="mlxpsub"):
        compose(DB, ["hydra/launcher=submitit_slurm"])
