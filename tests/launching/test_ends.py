"""However a task ends, its run says so, and the sweep goes on where it can."""

import asyncio
import enum
import gc
import os
import signal
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
import yaml

import mlxp_fn as mlxp


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def status(run):
    return yaml.safe_load(Path(f"logs/{run}/metadata/info.yaml").read_text())["status"]


def script(text):
    Path("main.py").write_text(f"import mlxp_fn as mlxp, os, signal, sys\n@mlxp.launch()\n{text}\ntask()\n")


def main(*arguments):
    return subprocess.run([sys.executable, "main.py", *arguments], capture_output=True, text=True, check=False)


def test_a_second_attempt_that_fails_is_a_failure_though_the_run_is_complete():
    script("def task(ctx):\n    if os.path.exists('fail'): raise ValueError('second')")
    main()
    Path("fail").touch()

    done = main("+mlxp.logger.forced_log_id=1")

    assert done.returncode == 1
    assert "ValueError: second" in done.stderr
    assert status(1) == "COMPLETE"


def test_a_failed_run_does_not_hold_its_memory_during_the_sweep():
    alive = []

    class Tensor:
        pass

    references = []

    def task(ctx):
        gc.collect()
        alive.append(sum(reference() is not None for reference in references))
        tensor = Tensor()
        references.append(weakref.ref(tensor))
        raise ValueError("out of memory")

    with pytest.warns(UserWarning, match="3 of 3 runs failed"):
        mlxp.run(task, mlxp.sweep({}, {"n": [1, 2, 3]}))

    assert alive == [0, 0, 0]


def test_what_is_neither_a_failure_nor_an_exit_is_recorded_and_raised_again():
    def task(ctx):
        if ctx.config.n == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        mlxp.run(task, mlxp.sweep({}, {"n": [1, 2, 3]}))

    assert status(2) == "FAILED"
    assert not os.path.exists("logs/3")


class UnprintableError(Exception):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "error", [ValueError(os.fsdecode(b"\xff")), UnprintableError(), ValueError("${lr}\x00\x1b[0m")]
)
def test_an_error_with_an_odd_text_is_recorded(error):
    def task(ctx):
        raise error

    with pytest.raises(type(error)):
        mlxp.run(task, {})

    assert status(1) == "FAILED"


def test_a_result_that_holds_itself_is_returned_and_not_recorded():
    def task(ctx):
        result = []
        result.append(result)
        return result

    run = mlxp.run(task, {})

    assert (run.result[0] is run.result, status(1)) == (True, "COMPLETE")


def test_a_task_may_remove_the_directory_it_stands_in(tmp_path):
    def task(ctx):
        os.mkdir("gone")
        os.chdir("gone")
        os.rmdir(tmp_path / "gone")

    mlxp.run(task, mlxp.sweep({}, {"n": [1, 2]}))

    assert (status(1), status(2), os.getcwd()) == ("COMPLETE", "COMPLETE", str(tmp_path))


@pytest.mark.parametrize(
    ("code", "expected"), [("None", "COMPLETE"), ("0", "COMPLETE"), ("3", "FAILED"), ("'no'", "FAILED")]
)
def test_sys_exit_ends_a_run_and_not_its_sweep(code, expected):
    script(f"def task(ctx):\n    if ctx.config.n == 1: sys.exit({code})")

    main("+n=1,2")

    assert (status(1), status(2)) == (expected, "COMPLETE")


def test_a_child_that_leaves_the_task_does_not_go_on_with_the_sweep():
    script("def task(ctx):\n    if os.fork() == 0: sys.exit(4)\n    print('child', os.wait()[1] >> 8)")

    done = main("+n=1,2")

    assert (done.returncode, done.stdout) == (0, "child 4\nchild 4\n")
    assert sorted(name for name in os.listdir("logs") if name.isdigit()) == ["1", "2"]
    assert len(Path("logs/1/metadata/events/1.jsonl").read_text().splitlines()) == 2


def test_a_killed_run_is_among_those_that_failed():
    kill = "if ctx.config.n == 2 and not os.path.exists('again'): os.kill(os.getpid(), signal.SIGKILL)"
    script(f"def task(ctx):\n    {kill}")
    assert main("+n=1,2").returncode == -signal.SIGKILL
    Path("again").touch()

    done = main("+n=1,2", "--only", "failed")

    assert done.returncode == 0, done.stderr
    assert (status(2), status(3)) == ("RUNNING", "COMPLETE")


class Kind(enum.Enum):
    SMALL = "small"


def test_values_of_python_and_numpy_become_what_a_config_file_could_hold():
    axes = {"lr": np.array([0.5, 1.0]), "kind": [Kind.SMALL], "data": [Path("data")], "n": [np.int64(3)]}

    runs = mlxp.run(lambda ctx: ctx.config.to_dict(), mlxp.sweep({}, axes))

    assert [run.result for run in runs] == [
        {"lr": lr, "kind": "small", "data": "data", "n": 3} for lr in (0.5, 1.0)
    ]
    assert {type(value) for value in runs[0].result.values()} == {float, str, int}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", len])
def test_a_value_that_no_config_file_could_hold_is_refused_before_anything_is_made(value):
    with pytest.raises(mlxp.MlxpError, match="a config holds numbers, texts"):
        mlxp.run(lambda ctx: None, {"value": value})

    assert not os.path.exists("logs")


@pytest.mark.parametrize("text", ["!!set {x, y}", "!!binary aGVsbG8=", "!!timestamp 2026-01-01"])
def test_a_value_of_yaml_that_json_has_not_is_refused_before_anything_is_made(text):
    Path("config.yaml").write_text(f"model: {{width: 3, value: {text}}}\n")

    with pytest.raises(mlxp.errors.ConfigError, match="the value of 'model.value' cannot be recorded"):
        mlxp.run(lambda ctx: None, "config.yaml")

    assert not os.path.exists("logs")


def test_a_missing_value_stops_only_who_reads_it():
    config = {"lr": 0.5, "data": {"path": "???"}}

    run = mlxp.run(lambda ctx: ctx.config.lr, config)
    with pytest.raises(mlxp.errors.MissingFieldError, match="data.path"):
        mlxp.run(lambda ctx: ctx.config.data.path, config, settings={"logger": {"forced_log_id": 1}})

    assert run.result == 0.5
    assert mlxp.runs("logs")[0]["config.data.path"] == "???"


async def coroutine(ctx):
    pass


def generator(ctx):
    yield


@pytest.mark.parametrize("task", [coroutine, generator])
def test_a_task_that_would_run_nothing_is_refused(task):
    with pytest.raises(mlxp.MlxpError, match="a task is a plain function"):
        mlxp.run(task, {})


def test_several_jobs_cannot_have_one_forced_id():
    with pytest.raises(mlxp.MlxpError, match="several jobs want run 7"):
        mlxp.run(lambda ctx: None, mlxp.sweep({}, {"n": [1, 2]}), settings={"logger": {"forced_log_id": 7}})

    assert not os.path.exists("logs")


def test_settings_in_a_config_are_refused_with_where_they_belong():
    with pytest.raises(mlxp.MlxpError, match=r"settings=\{\.\.\.\}"):
        mlxp.run(lambda ctx: None, {"mlxp": {"use_logger": False}})


def test_a_config_file_is_read_by_its_own_name_or_not_at_all():
    Path("y.yaml").write_text("a: 1\n")

    with pytest.raises(mlxp.MlxpError, match=r"ends in \.yaml, unlike 'y\.txt'"):
        mlxp.run(lambda ctx: None, "y.txt")


def test_a_run_whose_record_is_damaged_does_not_go_on():
    mlxp.run(lambda ctx: None, {})
    Path("logs/1/metadata/run.json").write_text("{")

    with pytest.raises(mlxp.MlxpError, match=r"run\.json cannot be read, so that run 1 cannot go on"):
        mlxp.run(lambda ctx: None, {}, settings={"logger": {"forced_log_id": 1}})
