"""`mlxp rm`, `restore`, `gc`, `export` and `tail` as processes, with right and with wrong input."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

import mlxp_fn as mlxp
from mlxp_fn.browsing.choice import choice
from mlxp_fn.effects.trash import remove_for_good, throw_away
from mlxp_fn.errors import NoRunError, RunBusyError

MLXP = Path(sys.executable).parent / "mlxp"


def runs_in(project: Path) -> list[int]:
    """The ids of the runs that are there."""
    return list(mlxp.runs(project / "logs")["info.logger.log_id"])


def test_runs_go_to_the_trash_and_come_back_as_they_were(call: Any, project: Path) -> None:
    gone = call("rm", "-y", "2", "4", cwd=project)

    assert (gone.returncode, gone.stdout) == (0, "moved runs 2, 4 of logs to the trash\n")
    assert runs_in(project) == [1, 3]
    assert [row["id"] for row in json.loads(call("ls", "--trash", "--json", cwd=project).stdout)] == [2, 4]
    missing = call("show", "2", cwd=project)
    assert missing.stderr == "error: run 2 of logs is in the trash; see mlxp restore\n"

    back = call("restore", "4", cwd=project)

    assert (back.returncode, back.stdout) == (0, "restored logs/4\n")
    assert runs_in(project) == [1, 3, 4]
    assert mlxp.runs(project / "logs")[2]["train.loss"] == [0.75, 0.5, 0.25]


def test_emptied_trash_keeps_ids(call: Any, project: Path) -> None:
    call("rm", "-y", "3:4", cwd=project)

    done = call("gc", "--trash", "-y", cwd=project)

    assert (done.returncode, done.stdout) == (0, "removed runs 3, 4 for good\n")
    trash = project / "logs/.mlxp_fn/trash"
    assert [sorted(path.iterdir()) for path in (trash / "3", trash / "4")] == [[], []]
    (project / "logs/.mlxp_fn/last_id").unlink()
    assert mlxp.run(lambda ctx: None, {"seed": 1}, parent_log_dir=project / "logs").id == 5
    assert call("restore", "3", cwd=project).returncode == 1
    assert call("gc", "--trash", "-y", cwd=project).stdout == "the trash of logs is empty\n"


def test_dry_runs_remove_nothing(call: Any, project: Path) -> None:
    said = call("rm", "1", "--dry-run", cwd=project).stdout

    assert said.startswith("would move to the trash: run 1 (") and said.endswith("B)\n")
    assert runs_in(project) == [1, 2, 3, 4]
    call("rm", "1", "-y", cwd=project)
    assert call("gc", "--trash", "--dry-run", cwd=project).stdout.startswith("would remove for good: run 1 (")
    assert call("restore", "1", "--dry-run", cwd=project).stdout == "would restore logs/1\n"
    assert choice([str(project / "logs")], trash=True).ids() == [1]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["rm"], 2, "which runs?"),
        (["rm", "1"], 2, "nobody can be asked whether to move to the trash: run 1"),
        (["rm", "-y", "9"], 1, "there is no run 9"),
        (["restore"], 2, "Missing argument"),
        (["restore", "1"], 1, "there is no run 1"),
        (["gc"], 2, "what is to be removed?"),
        (["export", "-o", "runs.xlsx"], 2, "ends in none of .csv, .json, .parquet"),
        (["export", "-o", "nowhere/runs.csv"], 1, "cannot write nowhere/runs.csv"),
        (["tail", "1:2"], 2, "the tail of one run"),
        (["tail", "1", "--log", "trian"], 1, "has no log 'trian'; did you mean 'train'?"),
        (["tail", "1", "--stderr"], 1, "log.stderr of run 1 is not kept"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(
    call: Any, project: Path, words: list[str], status: int, says: str
) -> None:
    done = call(*words, cwd=project)

    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr
    assert runs_in(project) == [1, 2, 3, 4]


def test_run_that_may_be_running_stays(project: Path) -> None:
    logs = project / "logs"

    def task(ctx: mlxp.Context) -> None:
        with pytest.raises(RunBusyError, match="run 5 of .* is RUNNING"):
            throw_away(logs, 5)

    assert mlxp.run(task, {"seed": 1}, parent_log_dir=logs).status.value == "COMPLETE"


def test_what_a_link_in_the_trash_leads_to_is_not_removed(call: Any, project: Path) -> None:
    (project / "precious").mkdir()
    (project / "precious/thesis").write_text("years")
    trash = project / "logs/.mlxp_fn/trash"
    trash.mkdir(parents=True)
    (trash / "7").symlink_to(project / "precious")
    throw_away(project / "logs", 2)
    (trash / "2/linked").symlink_to(project / "precious")

    call("gc", "--trash", "-y", cwd=project)

    assert (project / "precious/thesis").read_text() == "years"
    assert list((trash / "2").iterdir()) == []


def test_run_that_is_half_removed_is_no_run_and_is_removed_later(call: Any, project: Path) -> None:
    throw_away(project / "logs", 2)
    trash = project / "logs/.mlxp_fn/trash"
    os.rename(trash / "2/metadata", trash / "2/.metadata.removed")

    with pytest.raises(NoRunError):
        choice(["2", str(project / "logs")], trash=True).ids()
    assert call("gc", "--trash", "-y", cwd=project).stdout == "removed run 2 for good\n"
    assert list((trash / "2").iterdir()) == []
    remove_for_good(project / "logs", 2)


def test_export_as_csv_json_and_parquet(call: Any, project: Path) -> None:
    for name in ("runs.csv", "runs.json", "runs.parquet"):
        assert call("export", "1", "4", "-o", name, cwd=project).returncode == 0

    rows = list(csv.DictReader((project / "runs.csv").open()))
    assert [(row["config.lr"], row["info.status"], row["train.loss"]) for row in rows] == [
        ("0.5", "COMPLETE", "0.5"), ("0.25", "FAILED", "0.25"),
    ]  # fmt: skip
    assert [row["config.model.width"] for row in json.loads((project / "runs.json").read_text())] == [8, 8]
    table = parquet.read_table(project / "runs.parquet").to_pydict()
    assert (table["config.lr"], table["train.loss"]) == ([0.5, 0.25], [0.5, 0.25])


def test_export_of_curves(call: Any, project: Path) -> None:
    call("export", "1", "--curves", "--columns", "train.loss", "-o", "curves", "--format", "csv", cwd=project)

    assert (project / "curves").read_text().splitlines() == [
        "run,row,step,metric,value", "1,0,0,train.loss,1.5", "1,1,1,train.loss,1.0", "1,2,2,train.loss,0.5",
    ]  # fmt: skip


def test_parquet_writes_mixed_values_as_json_and_says_so(call: Any, project: Path) -> None:
    mlxp.run(lambda ctx: None, {"lr": "auto", "seed": 1}, parent_log_dir=project / "logs")

    done = call("export", "1", "5", "--columns", "id,lr", "-o", "runs.parquet", cwd=project)

    assert "warning: values of several types in config.lr: written as texts of JSON" in done.stderr
    table = parquet.read_table(project / "runs.parquet").to_pydict()
    assert table == {"id": [1, 5], "config.lr": ["0.5", '"auto"']}


def test_tail_shows_the_last_lines_of_a_metric_log(call: Any) -> None:
    assert call("tail", "1", "-n", "2").stdout == '{"loss":1.0,"iter":1}\n{"loss":0.5,"iter":2}\n'


def test_tail_shows_what_was_printed_as_it_was_seen_last(on_terminal: Any, project: Path) -> None:
    (project / "logs/4/log.stdout").write_bytes(b"one\ntwo\n\x1b[32m10%\r100%\x1b[0m\nend\x1b]0;owned\x07")

    assert on_terminal("tail", "-n", "2", cwd=project) == "two\n100%\nend\\x1b]0;owned\\x07\n"


def test_tail_follows_a_run_until_it_ends(project: Path) -> None:
    followers = []

    def task(ctx: mlxp.Context) -> None:
        ctx.logger.log_metrics({"loss": 3}, "train")
        with subprocess.Popen([MLXP, "tail", "-f"], cwd=project, stdout=subprocess.PIPE, text=True) as follower:
            assert follower.stdout is not None
            followers.append((follower.stdout.readline(), follower))
            ctx.logger.log_metrics({"loss": 2}, "train")
            followers.append((follower.stdout.readline(), follower))
            follower.terminate()

    mlxp.run(task, {"seed": 1}, parent_log_dir=project / "logs")

    assert [line for line, _ in followers] == ['{"loss":3}\n', '{"loss":2}\n']


def test_follower_of_a_run_that_has_ended_returns(call: Any) -> None:
    began = time.monotonic()

    assert call("tail", "1", "-f", "-n", "1").stdout == '{"loss":0.5,"iter":2}\n'
    assert time.monotonic() - began < 60
