"""Reading config directories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlxp_fn.config.composition import compose
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.effects.sources import read_sources, with_search_path
from mlxp_fn.errors import ConfigError
from mlxp_fn.tree.interpolation import Surroundings


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_every_yaml_file_and_every_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path, config="a: 1", db__mysql="b: 2", db__sub__x="")
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no yaml")

    sources = read_sources(tmp_path)

    assert sources.options("db") == ("mysql",)
    assert sources.groups() == ("db", "db/sub", "empty")
    assert compose(sources, ["+db=mysql"]) == {"a": 1, "db": {"b": 2}}


def test_a_directory_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert read_sources(tmp_path / "nowhere").layers == ()
    assert read_sources(None).layers == ()


def test_a_further_directory_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not there"):
        read_sources(tmp_path, [tmp_path / "nowhere"])


def test_a_further_directory_stands_behind_the_first(tmp_path: Path) -> None:
    first = write(tmp_path / "first", config="defaults: [{db: a}]", db__a="v: 1")
    second = write(tmp_path / "second", db__a="v: 2", db__b="v: 3")

    sources = read_sources(first, [second])

    assert compose(sources, ["+db@x=b"]) == {"db": {"v": 1}, "x": {"v": 3}}


def test_runs_and_hidden_directories_are_no_configs(tmp_path: Path) -> None:
    write(tmp_path, config="a: 1", logs__1__metadata__config="a: 2", x__2__y="")
    write(tmp_path / ".hidden", config="")

    assert read_sources(tmp_path).groups() == ("logs", "x", "x/2")


def test_what_runs_leave_and_environments_are_no_configs(tmp_path: Path) -> None:
    for name, sign in ("logs", ".mlxp_fn/last_id"), ("outputs", ".hydra/config"), ("venv", "pyvenv.cfg"):
        write(tmp_path / name, group__option="a: 1")
        (tmp_path / name / sign).parent.mkdir(exist_ok=True)
        (tmp_path / name / sign).touch()
    write(tmp_path, config="a: 1", db__mysql="")

    sources = read_sources(tmp_path)

    assert (sources.options(""), sources.groups()) == (("config",), ("db",))


def test_hidden_files_are_no_configs(tmp_path: Path) -> None:
    write(tmp_path, config="a: 1", db__mysql="b: 2")
    (tmp_path / ".#config.yaml").symlink_to("user@host.1234")
    (tmp_path / "db" / "._mysql.yaml").write_bytes(b"\xff")

    assert read_sources(tmp_path).options("db") == ("mysql",)


def test_a_folder_may_be_named_like_a_file(tmp_path: Path) -> None:
    write(tmp_path, config="a: 1")
    (tmp_path / "x.yaml").mkdir()

    assert read_sources(tmp_path).groups() == ("x.yaml",)


@pytest.mark.parametrize("target", ["nowhere", "config.yaml"])
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, target: str) -> None:
    (tmp_path / "config.yaml").symlink_to(target)

    with pytest.raises(ConfigError, match=r"/config\.yaml cannot be read: "):
        read_sources(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
@pytest.mark.parametrize("name", ["config.yaml", "db"])
def test_what_may_not_be_read_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path, config="a: 1", db__mysql="b: 2")
    (tmp_path / name).chmod(0)

    try:
        with pytest.raises(ConfigError, match=f"/{name} cannot be read: Permission denied"):
            read_sources(tmp_path)
    finally:
        (tmp_path / name).chmod(0o700)


def test_a_link_to_a_directory_above_ends(tmp_path: Path) -> None:
    write(tmp_path, a__b="c: 1")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")

    assert read_sources(tmp_path).groups() == ("a",)


def test_the_search_path_of_the_config_is_read_too(tmp_path: Path) -> None:
    extra = write(tmp_path / "extra", db__pg="v: 1")
    config = write(tmp_path / "configs", config="hydra: {searchpath: ['file://${oc.env:EXTRA}']}")
    surroundings = Surroundings(environ={"EXTRA": str(extra)})

    sources = with_search_path(read_sources(config), [], "config", surroundings)

    assert compose(sources, ["+db=pg"], surroundings=surroundings) == {"db": {"v": 1}}


def test_a_search_path_that_leads_nowhere_is_warned_of(tmp_path: Path) -> None:
    overrides = ["hydra.searchpath=[file:///nowhere,pkg://some.package]"]

    with pytest.warns(UserWarning) as caught:
        with_search_path(read_sources(tmp_path), overrides, "config", Surroundings())

    assert [str(warning.message).split(":")[0] for warning in caught] == ["hydra.searchpath"] * 2


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes(b"a: \xff")

    with pytest.raises(ConfigError, match=r"config\.yaml is not UTF-8"):
        read_sources(tmp_path)


def test_scalars_are_read_as_omegaconf_reads_them() -> None:
    text = "[1e-3, 1e3, 1_000, 017, 0o17, 1:30, yes, .inf, inf, 2026-11-23, ~, '1', 1.2.3]"

    expected = [0.001, 1000.0, 1000, 15, "0o17", 90, True, float("inf"), "inf", "2026-11-23", None, "1", "1.2.3"]
    assert parse_yaml(text) == expected


def test_aliases_that_explode_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]

    with pytest.raises(ConfigError, match="million"):
        parse_yaml("\n".join(lines))
