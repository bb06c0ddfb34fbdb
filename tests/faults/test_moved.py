"""A log directory that was moved is a log directory."""

import json
import os
from pathlib import Path

import mlxp_fn as mlxp


def train(ctx):
    ctx.logger.log_metrics({"n": len(ctx.logger.get_info()["log_dir"])}, "train")
    ctx.logger.log_checkpoint({"weights": [0.5]})


def test_a_moved_log_directory_reads_and_its_runs_go_on(tmp_path, read_by_mlxp):
    before, after = tmp_path / "here/logs", tmp_path / "elsewhere"
    for _ in range(2):
        mlxp.run(train, {"lr": 0.1}, before)
    os.rename(before, after)

    again = mlxp.run(train, {"lr": 0.1}, after, settings={"logger": {"forced_log_id": 1}})
    new = mlxp.run(train, {"lr": 0.1}, after)

    assert (again.id, new.id, os.path.exists(before)) == (1, 3, False)
    first, second, third = mlxp.runs(after)
    long, short = len(f"{before}/1"), len(f"{after}/1")
    assert [list(row["train.n"]) for row in (first, second, third)] == [[long, short], [long], [short]]
    assert second["info.logger.log_dir"] == f"{after}/2"
    assert second["artifact.pickle."]["checkpoint.pkl"].load() == {"weights": [0.5]}
    assert read_by_mlxp([after, ["train.n"]]) == [
        {1: {"train.n": [long, short]}, 2: {"train.n": [long]}, 3: {"train.n": [short]}}
    ]


def test_one_run_that_was_moved_reads_in_another_directory(tmp_path):
    mlxp.run(train, {"lr": 0.1}, tmp_path / "logs")
    os.makedirs(tmp_path / "others")
    os.rename(tmp_path / "logs/1", tmp_path / "others/1")

    (row,) = mlxp.runs(tmp_path / "others")

    written = Path(row["info.logger.metrics_dir"], "train.json").read_text()
    assert json.loads(written) == {"n": len(f"{tmp_path}/logs/1")}
