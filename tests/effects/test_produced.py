"""What a run has produced is told in its history, and every reader sees it, whoever logged it and when."""

import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn.effects import index, product_cells

METRICS = {"test.loss", "train.iter", "train.loss"}


def task(ctx):
    ctx.logger.log_metrics({"loss": 0.5, "iter": 0}, "train")
    ctx.logger.log_metrics({"loss": 0.25}, "test")


def products(run, event="completed"):
    lines = Path(run.dir, "metadata/events/1.jsonl").read_text().splitlines()
    return [json.loads(line)["products"] for line in lines if json.loads(line)["event"] == event]


def columns(parent):
    return {name for name in mlxp.runs(parent).names() if not name.startswith(("config.", "info."))}


@pytest.fixture
def no_look(monkeypatch):
    """Reading a run fails where it looks into the folders for what there is."""

    def refuse(*args):
        raise AssertionError(f"somebody has looked: {args}")

    for look in ("metric_logs", "noted_keys", "files_below"):
        monkeypatch.setattr(product_cells, look, refuse)


def test_the_end_of_a_run_tells_what_it_has_produced(tmp_path):
    run = mlxp.run(task, parent_log_dir=tmp_path)

    assert products(run) == [{"metrics": {"test": ["loss"], "train": ["loss", "iter"]}, "artifacts": False}]


@pytest.mark.parametrize("how", [ValueError, KeyboardInterrupt])
def test_a_run_that_is_ended_tells_it_too(tmp_path, how):
    def failing(ctx):
        task(ctx)
        ctx.logger.log_artifacts(1, "one.json", "json")
        raise how("stop")

    with pytest.raises(how):
        mlxp.run(failing, parent_log_dir=tmp_path)

    lines = (tmp_path / "1/metadata/events/1.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["products"]["artifacts"] is True
    assert columns(tmp_path) == {*METRICS, "artifact.json."}


def test_nobody_looks_into_a_run_that_has_told(tmp_path, no_look):
    mlxp.run(task, parent_log_dir=tmp_path)

    assert columns(tmp_path) == METRICS


def test_readers_look_into_a_run_that_has_not_told(tmp_path):
    run = mlxp.run(task, parent_log_dir=tmp_path)
    events = Path(run.dir, "metadata/events/1.jsonl")
    events.write_text("".join(without_products(events)))

    assert columns(tmp_path) == METRICS


def without_products(events):
    for line in events.read_text().splitlines():
        facts = json.loads(line)
        facts.pop("products", None)
        yield json.dumps(facts) + "\n"


def test_a_later_attempt_tells_what_both_have_produced(tmp_path, no_look):
    def again(ctx):
        ctx.logger.log_metrics({"accuracy": 1}, "train")

    mlxp.run(task, parent_log_dir=tmp_path)
    mlxp.run(again, parent_log_dir=tmp_path, settings={"logger": {"forced_log_id": 1}})

    assert columns(tmp_path) == {*METRICS, "train.accuracy"}


def log_later(logger):
    logger.log_metrics({"late": 1}, "train")
    logger.log_metrics({"loss": 1}, "later")
    logger.log_artifacts([1], "late.json", "json")


LATER = {*METRICS, "train.late", "later.loss", "artifact.json."}


@pytest.mark.parametrize("runs", [1, 40])
def test_what_a_child_logs_after_the_end_is_seen(tmp_path, monkeypatch, runs):
    """Also where the run stands in an index already, as it was at its end."""
    monkeypatch.setattr(index, "_COARSE_NS", 1)
    go, done = os.pipe(), os.pipe()

    def forking(ctx):
        task(ctx)
        if os.fork() == 0:
            os.read(go[0], 1)
            log_later(ctx.logger)
            os.write(done[1], b"x")
            os._exit(0)

    mlxp.run(forking, parent_log_dir=tmp_path)
    for number in range(2, runs + 1):
        shutil.copytree(tmp_path / "1", tmp_path / str(number))
    time.sleep(0.05)
    before = columns(tmp_path)

    os.write(go[1], b"x")
    os.read(done[0], 1)

    assert before == METRICS
    assert columns(tmp_path) == LATER
    assert mlxp.runs(tmp_path)[0]["train.late"] == [1]


def test_what_a_thread_logs_after_the_end_is_seen(tmp_path):
    ended = threading.Event()
    threads = []

    def threading_task(ctx):
        task(ctx)
        threads.append(threading.Thread(target=lambda: ended.wait() and log_later(ctx.logger)))
        threads[0].start()

    mlxp.run(threading_task, parent_log_dir=tmp_path)
    ended.set()
    threads[0].join()

    assert columns(tmp_path) == LATER


def test_the_workers_of_a_run_tell_only_what_is_new(tmp_path):
    def forking(ctx):
        task(ctx)
        if (child := os.fork()) == 0:
            for step in range(3):
                ctx.logger.log_metrics({"loss": step}, "train")
                ctx.logger.log_metrics({"loss": step}, "worker")
            os._exit(0)
        os.waitpid(child, 0)

    mlxp.run(forking, parent_log_dir=tmp_path)

    told = [json.loads(line) for line in (tmp_path / "1/metadata/events/0.jsonl").read_text().splitlines()]
    assert [event["products"]["metrics"] for event in told[1:]] == [{"worker": ["loss"]}]


def test_a_logger_without_a_run_has_nobody_to_tell(tmp_path):
    logger = mlxp.DefaultLogger(str(tmp_path))

    log_later(logger)

    assert sorted(path.name for path in Path(logger.log_dir).iterdir()) == ["artifacts", "metrics"]
