"""A logger that comes out of a pickle writes to the run that is active there, or only reads."""

import json
import os
import pickle
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from threading import Thread

import pytest

import mlxp_fn as mlxp
from mlxp_fn.errors import LogDirError

ORACLE = os.environ.get("ORACLE_PYTHON", "")


def steps(parent, log_id):
    """What each run has in its log `train`."""
    path = Path(parent, str(log_id), "metrics/train.json")
    return sorted(json.loads(line)["step"] for line in path.read_text().splitlines())


def a_finished_run(parent):
    """Run 1, whose checkpoint holds its logger and its config."""

    def task(ctx):
        ctx.logger.log_checkpoint({"logger": ctx.logger, "config": ctx.config, "epoch": 3})

    return mlxp.run(task, {"seed": 1, "model": {"width": 8}}, parent_log_dir=parent)


# -- checkpoints


def test_a_checkpoint_holds_the_logger_and_the_config_of_its_run(tmp_path):
    def task(ctx):
        ctx.logger.log_metrics({"step": 0}, "train")
        ctx.logger.log_checkpoint({"logger": ctx.logger, "config": ctx.config})
        again = ctx.logger.load_checkpoint()
        again["logger"].log_metrics({"step": 1}, "train")
        assert again["config"] == ctx.config
        assert again["logger"].get_info() == ctx.logger.get_info()

    mlxp.run(task, {"seed": 1, "model": {"width": 8}}, parent_log_dir=tmp_path)

    assert steps(tmp_path, 1) == [0, 1]


def test_a_logger_from_another_run_s_checkpoint_writes_to_the_run_that_is_active(tmp_path):
    first = a_finished_run(tmp_path)

    def task(ctx):
        checkpoint = ctx.logger.load_checkpoint(root=first.dir)
        checkpoint["logger"].log_metrics({"step": checkpoint["epoch"]}, "train")
        return checkpoint["logger"].log_dir

    second = mlxp.run(task, parent_log_dir=tmp_path / "other")

    assert second.result == second.dir
    assert steps(tmp_path / "other", 1) == [3]
    assert os.listdir(tmp_path / "1/metrics") == []


def test_where_no_run_is_active_a_logger_only_reads(tmp_path):
    run = a_finished_run(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    checkpoint = mlxp.runs(tmp_path)[0]["artifact.pickle."]["checkpoint.pkl"].load()
    logger = checkpoint["logger"]

    assert (logger.log_id, logger.log_dir, checkpoint["config"].model.width) == (1, run.dir, 8)
    assert logger.load_checkpoint()["epoch"] == 3
    for write in (
        lambda: logger.log_metrics({"step": 1}, "train"),
        lambda: logger.log_artifacts("a", "x", "text"),
        lambda: logger.log_checkpoint({}),
    ):
        with pytest.raises(LogDirError, match=r"of run .*/1, which is not active in this process: it only reads"):
            write()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_thread_of_the_task_is_where_its_run_is_active(tmp_path):
    first = a_finished_run(tmp_path)

    def task(ctx):
        def log():
            ctx.logger.load_checkpoint(root=first.dir)["logger"].log_metrics({"step": 7}, "train")
            deepcopy(ctx.logger).log_metrics({"step": 8}, "train")

        thread = Thread(target=log)
        thread.start()
        thread.join()

    mlxp.run(task, parent_log_dir=tmp_path)

    assert steps(tmp_path, 2) == [7, 8]


def test_of_nested_runs_each_keeps_its_logger_and_the_inner_one_takes_strangers(tmp_path):
    first = a_finished_run(tmp_path)

    def outer(ctx):
        def inner(ctx_inner):
            pickle.loads(pickle.dumps(ctx.logger)).log_metrics({"step": 1}, "train")
            ctx_inner.logger.load_checkpoint(root=first.dir)["logger"].log_metrics({"step": 2}, "train")

        mlxp.run(inner, parent_log_dir=tmp_path)
        ctx.logger.load_checkpoint(root=first.dir)["logger"].log_metrics({"step": 3}, "train")

    mlxp.run(outer, parent_log_dir=tmp_path)

    assert (steps(tmp_path, 2), steps(tmp_path, 3)) == ([1, 3], [2])


def test_a_checkpoint_is_in_the_history_of_the_run(tmp_path):
    def task(ctx):
        ctx.logger.log_checkpoint(0, "first")
        ctx.logger.log_metrics({"step": 0}, "train")
        ctx.logger.log_metrics({"step": 0}, "fold/test")
        with open(f"{ctx.logger.metrics_dir}/train.json", "a") as file:
            file.write("{")  # a line that another process is writing
        ctx.logger.log_checkpoint(1)

    run = mlxp.run(task, parent_log_dir=tmp_path)

    events = [json.loads(line) for line in Path(run.dir, "metadata/events/1.jsonl").read_text().splitlines()]
    record = json.loads(Path(run.dir, "artifacts/.keys/mlxp_fn.json").read_text())
    assert [event["event"] for event in events] == ["started", "checkpoint", "checkpoint", "completed"]
    assert [(event["name"], event["positions"]) for event in events[1:3]] == [
        ("first.pkl", {}),
        ("checkpoint.pkl", {"fold/test": 11, "train": 11}),
    ]
    assert events[2]["sha256"] == record["pickle/checkpoint.pkl"]["sha256"]
    assert mlxp.runs(tmp_path)["info.status"] == ["COMPLETE"]


# -- workers


POOLS = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import mlxp_fn as mlxp

def log(arguments):
    logger, step, other = arguments
    logger.log_metrics({"step": step}, "train")
    logger.load_checkpoint(root=other)["logger"].log_metrics({"step": step + 10}, "train")
    if step == 0:
        logger.log_checkpoint(step, "worker")
    return logger.log_id

class Joblib:
    def map(self, function, items):
        from joblib import Parallel, delayed
        return Parallel(n_jobs=2)(map(delayed(function), items))

def task(ctx):
    if ctx.config.seed == 0:
        ctx.logger.log_checkpoint({"logger": ctx.logger})
    other = f"{ctx.logger.parent_log_dir}/1"
    ids = list(pool.map(log, [(ctx.logger, step, other) for step in range(4)]))
    assert ids == [ctx.logger.log_id] * 4, ids

if __name__ == "__main__":
    how = sys.argv[1]
    pool = Joblib() if how == "loky" else ProcessPoolExecutor(2, get_context(how))
    mlxp.run(task, mlxp.sweep({"seed": 0}, {"seed": [0, 1]}), settings={"fail_fast": True})
"""


@pytest.mark.parametrize("how", ["fork", "spawn", "forkserver", "loky"])
def test_workers_that_outlive_a_run_log_to_the_one_they_work_for(tmp_path, how):
    (tmp_path / "main.py").write_text(POOLS)

    subprocess.run([sys.executable, "main.py", how], cwd=tmp_path, check=True, timeout=120)

    assert steps(tmp_path / "logs", 1) == steps(tmp_path / "logs", 2) == [0, 1, 2, 3, 10, 11, 12, 13]
    events = Path(tmp_path, "logs/2/metadata/events/1.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in events] == ["started", "checkpoint", "completed"]


LOG = """
import sys
import mlxp_fn as mlxp
mlxp.runs(sys.argv[1])[0]["artifact.pickle."]["checkpoint.pkl"].load()["logger"].log_metrics({"step": 1}, "train")
"""

RUN = """
import sys
import mlxp_fn as mlxp

def task(ctx):
    ctx.logger.log_checkpoint({"logger": ctx.logger})
    print(flush=True)
    sys.stdin.read()

mlxp.run(task)
"""


def test_a_stranger_s_process_does_not_write_to_a_run_that_another_one_runs(tmp_path):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", RUN], cwd=tmp_path, **pipes) as running:
        running.stdout.readline()
        stranger = subprocess.run([sys.executable, "-c", LOG, tmp_path / "logs"], capture_output=True, text=True)
        running.stdin.close()

    assert "is not active in this process: it only reads" in stranger.stderr
    assert mlxp.runs(tmp_path / "logs")["info.status"] == ["COMPLETE"]


# -- runs that MLXP wrote


CHECKPOINT_OF_MLXP = """
import sys
from mlxp.logger import DefaultLogger
DefaultLogger(sys.argv[1], -1).log_checkpoint({"epoch": 3}, "last")
"""


@pytest.mark.skipif(not ORACLE, reason="ORACLE_PYTHON names no interpreter with mlxp 1.0.5")
def test_a_checkpoint_that_mlxp_wrote_is_loaded(tmp_path):
    subprocess.run([ORACLE, "-c", CHECKPOINT_OF_MLXP, tmp_path / "theirs"], cwd=tmp_path, check=True)

    roots = (f"{tmp_path}/theirs/1", tmp_path / "theirs/1/artifacts/pickle")
    run = mlxp.run(
        lambda ctx: [ctx.logger.load_checkpoint("last", root=root) for root in roots],
        parent_log_dir=tmp_path / "ours",
    )

    assert run.result == [{"epoch": 3}, {"epoch": 3}]
