"""Several processes of one run: the first writes, the others do all but writing."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn.launching.ranks import silenced

MAIN = """
import mlxp_fn as mlxp

class Own(mlxp.DefaultLogger):
    def both(self):
        self.log_metrics({"by": "own"}, "own")

@mlxp.launch()
def task(ctx):
    logger = ctx.logger
    logger.log_metrics({"x": 1}, "train")
    logger.log_artifacts([1], "a.json", "json")
    logger.log_checkpoint({"w": 1})
    logger.describe(tags=["t"])
    logger.both()
    print(type(logger).__name__, len(logger.log_input("main.py")))

if __name__ == "__main__":
    task()
"""


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("RANK", "WORLD_SIZE", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    Path("main.py").write_text(MAIN)
    Path("configs").mkdir()
    Path("configs/mlxp.yaml").write_text("logger: {name: __main__.Own}\n")


def main(*arguments, **variables):
    done = subprocess.run(
        [sys.executable, "main.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_names():
    return sorted(name for name in os.listdir("logs") if name.isdigit()) if os.path.isdir("logs") else []


def test_only_the_first_of_several_processes_writes():
    assert main(RANK="0", WORLD_SIZE="2") == "Own 64\n"
    assert main(RANK="1", WORLD_SIZE="2") == "SilentOwn 64\n"

    assert run_names() == ["1"]
    assert json.loads(Path("logs/1/metrics/own.json").read_text()) == {"by": "own"}


@pytest.mark.parametrize("variables", [{"RANK": "1"}, {"SLURM_PROCID": "1"}, {"WORLD_SIZE": "4"}])
def test_nothing_else_is_taken_for_a_rank(variables):
    main(**variables)

    assert run_names() == ["1"]


def test_the_settings_may_name_the_variable():
    main("+mlxp.rank_variable=SLURM_PROCID", SLURM_PROCID="1")

    assert run_names() == []


def test_the_others_read_the_run_whose_id_was_given():
    run = mlxp.run(lambda ctx: ctx.logger.log_checkpoint(3), {})
    logger = silenced(mlxp.DefaultLogger)(os.path.dirname(run.dir), forced_log_id=1)

    logger.log_checkpoint(4)

    assert (logger.load_checkpoint(), pickle.loads(pickle.dumps(logger)).load_checkpoint()) == (3, 3)


def test_a_rank_that_is_no_number_is_refused():
    with pytest.raises(AssertionError, match="a number from 0, not 'one'"):
        main(RANK="one", WORLD_SIZE="2")
