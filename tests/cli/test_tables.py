"""`mlxp ls`, `show`, `diff`, `compare` and `completion` as processes, with right and with wrong input."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import mlxp_fn as mlxp


def ids(done: subprocess.CompletedProcess[str]) -> list[int]:
    """The runs in a table printed as JSON."""
    return [row["id"] for row in json.loads(done.stdout)]


def test_ls_shows_what_varies_and_last_values(call: Any) -> None:
    done = call("ls", "--json")

    assert done.returncode == 0, done.stderr
    first = json.loads(done.stdout)[0]
    assert list(first) == ["id", "status", "started", "took", "config.lr", "config.seed", "train.loss"]
    assert (first["id"], first["status"], first["config.lr"], first["train.loss"]) == (1, "COMPLETE", 0.5, 0.5)


def test_ls_in_a_pipe_is_plain_and_aligned(call: Any) -> None:
    lines = call("ls", "--columns", "id,status,lr").stdout.splitlines()

    assert lines == ["id  status      lr", " 1  COMPLETE   0.5", " 2  COMPLETE   0.5", " 3  COMPLETE  0.25",
                     " 4  FAILED    0.25"]  # fmt: skip


def test_ls_lists_the_runs_that_are_asked_for(call: Any) -> None:
    assert ids(call("ls", "--json", "3:", "logs/1", "-q", "config.seed == 1", "--sort", "train.loss")) == [3, 1]


def test_ls_has_columns_by_pattern_and_by_function(call: Any) -> None:
    table = json.loads(call("ls", "1", "--json", "--columns", "id,config.m*,max(train.loss)").stdout)

    assert table == [{"id": 1, "config.model.width": 8, "max(train.loss)": 1.5}]


def test_only_changed_leaves_out_what_is_the_same(call: Any) -> None:
    table = json.loads(call("ls", "1:2", "--json", "--only-changed", "--columns", "id,status,config.*").stdout)

    assert table == [{"id": 1, "config.seed": 1}, {"id": 2, "config.seed": 2}]


def test_csv_and_markdown(call: Any) -> None:
    columns = ("--columns", "id,status,lr")

    assert list(csv.reader(io.StringIO(call("ls", "1", "4", "--csv", *columns).stdout))) == [
        ["id", "status", "config.lr"], ["1", "COMPLETE", "0.5"], ["4", "FAILED", "0.25"],
    ]  # fmt: skip
    assert call("ls", "4", "--md", *columns).stdout == (
        "| id | status | lr |\n| --- | --- | --- |\n| 4 | FAILED | 0.25 |\n"
    )


def test_a_pattern_may_leave_out_that_it_is_of_the_config(call: Any) -> None:
    assert call("ls", "4", "--csv", "--columns", "model.*,train.*").stdout.splitlines()[0] == (
        "config.model.width,train.loss,train.iter"
    )


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["ls", "9"], 1, "error: there is no run 9 among the 4, 1 to 4, in logs"),
        (["ls", "-q", "config.lr > 5"], 1, "error: no run in logs is what was asked for"),
        (["ls", "-q", "config.lr >"], 2, "error: expected"),
        (["ls", "lst"], 2, "error: 'lst' names no run and no directory"),
        (["ls", "--columns", "config.z*"], 2, "error: no column 'config.z*'"),
        (["ls", "-C", "nowhere"], 2, "Usage: mlxp ls"),
        (["diff", "1"], 2, "error: a difference is between two runs, not 1"),
        (["show", "1:2"], 2, "error: one run is shown, not 2"),
        (["completion", "tcsh"], 2, "Usage: mlxp completion"),
    ],
)
def test_what_is_wrong_is_said_on_stderr(call: Any, words: list[str], status: int, says: str) -> None:
    done = call(*words)

    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(says)


def test_directory_can_be_given_before_and_behind_the_command(call: Any, four_runs: Path) -> None:
    for words in (("-C", str(four_runs), "ls", "--json"), ("ls", "--json", "-C", str(four_runs))):
        assert ids(call(*words, cwd=Path("/"))) == [1, 2, 3, 4]


def test_show_tells_all_of_the_last_run(call: Any) -> None:
    lines = call("show").stdout.splitlines()

    assert lines[:2] == ["run 4", "  status     FAILED"]
    assert "  model.width  8" in lines
    assert "  train.loss  0.25  0.25  0.75      3" in lines
    assert "  json/facts.json    11" in lines
    assert lines[-1] == "  ValueError: too wild"


def test_show_as_json(call: Any) -> None:
    page = json.loads(call("show", "1", "--json").stdout)

    assert (page["id"], page["status"], page["config"]["lr"], page["error"]) == (1, "COMPLETE", 0.5, None)
    assert page["metrics"][0] == {"metric": "train.loss", "last": 0.5, "min": 0.5, "max": 1.5, "count": 3}


def test_diff_shows_two_runs_in_the_order_given(call: Any) -> None:
    assert json.loads(call("diff", "3", "1", "--json").stdout) == [
        {"key": "config.lr", "3": 0.25, "1": 0.5},
        {"key": "train.loss", "3": 0.25, "1": 0.5},
    ]


def test_compare_shows_config_environment_and_metrics(call: Any) -> None:
    rows = {row["key"]: row for row in json.loads(call("compare", "1:3", "--json").stdout)}

    assert rows["config.model.width"] == {"key": "config.model.width", "1": 8, "2": 8, "3": 8}
    assert rows["train.loss"] == {"key": "train.loss", "1": 0.5, "2": 0.5, "3": 0.25}
    assert "info.python" in rows and "info.start" not in rows


def test_compare_only_changed(call: Any) -> None:
    rows = json.loads(call("compare", "2", "4", "--only-changed", "--json").stdout)

    assert [row["key"] for row in rows] == [
        "config.lr", "info.status", "info.error.type", "info.error.message", "train.loss",
    ]  # fmt: skip


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_one_for_mlxp(call: Any, shell: str) -> None:
    done = call("completion", shell)

    assert done.returncode == 0, done.stderr
    assert f"_MLXP_COMPLETE={shell}_complete" in done.stdout


def test_completion_script_completes_commands(call: Any) -> None:
    done = call(_MLXP_COMPLETE="bash_complete", COMP_WORDS="mlxp comple", COMP_CWORD="1")

    assert done.stdout.split() == ["plain,completion"]


def test_terminal_gets_colours_unless_it_wants_none(on_terminal: Any, four_runs: Path) -> None:
    coloured = on_terminal("ls", cwd=four_runs)

    assert "\x1b[31mFAILED" in coloured
    assert "\x1b" not in on_terminal("ls", cwd=four_runs, NO_COLOR="1")


def test_narrow_terminal_is_told_what_has_no_room(on_terminal: Any, four_runs: Path) -> None:
    lines = on_terminal("ls", cwd=four_runs, columns=40, NO_COLOR="1").splitlines()

    assert max(map(len, lines[:-1])) <= 40
    assert lines[0].split() == ["id", "status", "lr", "seed", "train.loss"]
    assert lines[-1].startswith("no room for started, took;")


def test_narrow_terminal_shows_the_name_of_a_run_before_its_metrics(on_terminal: Any, project: Path) -> None:
    mlxp.tag(project / "logs/2", name="a-long-name-of-mine")
    lines = on_terminal("ls", cwd=project, columns=40, NO_COLOR="1").splitlines()

    assert lines[0].split() == ["id", "status", "name", "lr"]
    assert "no room for started, took, seed," in lines[-2]


def test_narrow_terminal_shows_all_runs_beside_each_other(on_terminal: Any, four_runs: Path) -> None:
    lines = on_terminal("compare", "1:3", cwd=four_runs, columns=64, NO_COLOR="1").splitlines()

    assert max(map(len, lines)) <= 64
    assert lines[0].split() == ["key", "1", "2", "3"]
    assert next(line.split() for line in lines if "info.packages" in line)[1].endswith("…")


@pytest.mark.parametrize("words", [("ls",), ("ls", "--csv"), ("show",)])
def test_hostile_names_and_values_cannot_act_on_a_terminal(
    on_terminal: Any, project: Path, words: tuple[str, ...]
) -> None:
    run_dir = project / "logs/5"
    mlxp.run(lambda ctx: None, {"seed": 1, "note": "two\nlines\x9b2J"}, parent_log_dir=project / "logs")
    mlxp.tag(run_dir, name="new\nline\x1b]0;owned\x07", add=["\x1b[2J"])
    (run_dir / "metrics/train.json").write_text('{"lo\\u001b[31mss": 1}\n')

    seen = on_terminal(*words, cwd=project, columns=200, NO_COLOR="1")

    assert "\\x1b" in seen
    assert not {"\x1b", "\x07", "\x9b"} & set(seen)
