"""A run goes on with the config it was made with, whatever became of the files since."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

MAIN = """
import json, os
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    ctx.logger.log_metrics({"seen": json.dumps(ctx.config.to_dict())}, "train")

task()
"""
CONFIG = """
seed: 0
text: '1e-3'
lr: 1e-3
nan: .nan
items: [1, '1', 1.0, null, true]
twice: ${seed}${seed}
home: ${oc.env:PLACE}
"""


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLACE", "here")
    Path("main.py").write_text(MAIN)
    Path("configs").mkdir()
    Path("configs/config.yaml").write_text(CONFIG)


def main(*arguments):
    return subprocess.run([sys.executable, "main.py", *arguments], capture_output=True, text=True, check=False)


def seen(run=1):
    return [json.loads(json.loads(line)["seen"]) for line in Path(f"logs/{run}/metrics/train.json").open()]


def test_neither_edited_files_nor_another_environment_reach_a_recorded_run(monkeypatch):
    main("seed=3")
    Path("configs/config.yaml").write_text("seed: 7\n")
    Path("configs/mlxp.yaml").write_text("logger: {parent_log_dir: ./elsewhere}\n")
    monkeypatch.setenv("PLACE", "there")

    done = main("seed=3", "--recorded", "logs/1")

    assert done.returncode == 0, done.stderr
    first, second = seen()
    assert str(first) == str(second)
    assert (first["home"], first["text"], first["lr"], first["items"]) == (
        "here", "1e-3", 0.001, [1, "1", 1.0, None, True],
    )  # fmt: skip
    info = yaml.safe_load(Path("logs/1/metadata/info.yaml").read_text())
    assert (info["attempt"], info["status"]) == (2, "COMPLETE")


def test_other_overrides_than_the_recorded_ones_are_refused():
    main("seed=3")

    done = main("seed=4", "--recorded", "logs/1")

    assert (done.returncode, len(seen())) == (1, 1)
    assert "run 1 was made with seed=3, not with seed=4" in done.stderr


def test_an_edited_record_is_refused():
    main("seed=3")
    Path("logs/1/metadata/config.yaml").write_text("seed: 4\n")

    done = main("--recorded", "logs/1")

    assert done.returncode == 1
    assert "config.yaml was edited after the run was made" in done.stderr


def test_other_flags_have_no_meaning_beside_it():
    assert main("--recorded", "logs/1", "--dry-run").returncode == 2


def test_a_directory_that_is_no_run_is_named():
    done = main("--recorded", "nowhere")

    assert done.returncode == 1
    assert done.stderr.endswith("/nowhere is no run that can be made again: there is no metadata/run.json\n")
