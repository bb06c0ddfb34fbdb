"""Launching from Python: nothing global is touched, and what comes back is frozen."""

import json
import os
import subprocess
import sys

import attrs
import numpy as np
import pytest
import yaml
from toolz import pipe

import mlxp_fn as mlxp


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def task(ctx):
    ctx.logger.log_metrics({"loss": ctx.config.lr, "iter": 0}, "train")
    if ctx.config.get("fail"):
        raise ValueError("as told")
    return {"score": ctx.config.lr * 2}


def test_a_run_is_returned_with_its_result():
    run = mlxp.run(task, {"lr": 0.5})

    assert (run.id, run.status, run.result) == (1, "COMPLETE", {"score": 1.0})
    assert run.config.lr == 0.5
    assert run.dir == os.path.abspath("logs/1")


def test_a_run_is_frozen():
    run = mlxp.run(task, {"lr": 0.5})

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        run.result = 3


def test_a_run_is_shown_in_one_line():
    run = mlxp.run(task, {"lr": 0.5})

    assert repr(run) == f"LaunchedRun(id=1, dir={run.dir!r}, config=Config({{'lr': 0.5}}), info=<COMPLETE>)"


def test_the_result_is_recorded():
    run = mlxp.run(task, {"lr": 0.5})

    last = open(f"{run.dir}/metadata/events/1.jsonl").readlines()[-1]
    assert json.loads(last)["result"] == {"score": 1.0}


def test_a_result_that_json_cannot_hold_is_returned_and_not_recorded():
    run = mlxp.run(lambda ctx: object, {"lr": 0.5})

    last = open(f"{run.dir}/metadata/events/1.jsonl").readlines()[-1]
    assert run.result is object
    assert json.loads(last)["result"] is None


def test_a_numpy_scalar_is_a_result():
    run = mlxp.run(lambda ctx: np.float32(0.5), {})

    assert json.loads(open(f"{run.dir}/metadata/events/1.jsonl").readlines()[-1])["result"] == 0.5


def test_an_exception_is_recorded_and_raised_again():
    with pytest.raises(ValueError, match="as told") as raised:
        mlxp.run(task, {"lr": 0.5, "fail": True})

    assert yaml.safe_load(open("logs/1/metadata/info.yaml"))["status"] == "FAILED"
    assert raised.traceback[-1].name == "task"


def test_a_sweep_returns_runs_that_can_be_read_again():
    runs = mlxp.run(task, mlxp.sweep({"lr": 0, "seed": 0}, {"seed": [1, 2], "lr": [1e-2, 1e-3]}))

    expected = [(1, 0.01), (1, 0.001), (2, 0.01), (2, 0.001)]
    assert [(run.config.seed, run.config.lr) for run in runs] == expected
    assert [(run.config.seed, run.config.lr) for run in runs] == expected
    assert len(runs) == 4


def test_the_runs_of_a_sweep_go_into_a_pipeline():
    runs = mlxp.run(task, mlxp.sweep({"lr": 0, "seed": 0}, {"seed": [1, 2], "lr": [1.0, 3.0]}))

    table = pipe(runs, mlxp.group_by("config.seed"), mlxp.aggregate(mlxp.AvgStd("train.loss")))

    assert table[:]["train.loss_avg"] == [[2.0], [2.0]]


def test_a_failure_in_a_sweep_is_recorded_and_one_warning_names_it():
    sweep = mlxp.sweep({"lr": 1, "fail": False}, {"fail": [False, True, False]})

    with pytest.warns(UserWarning, match="1 of 3 runs failed: 2"):
        runs = mlxp.run(task, sweep)

    assert [str(run.status) for run in runs] == ["COMPLETE", "FAILED", "COMPLETE"]
    assert [run.id for run in runs.failed] == [2]
    assert runs[1].info.error.message == "as told"


def test_fail_fast_raises_from_the_first_failure():
    sweep = mlxp.sweep({"lr": 1, "fail": False}, {"fail": [True, False]})

    with pytest.raises(mlxp.MlxpError, match="1 of 2 runs failed: 1") as raised:
        mlxp.run(task, sweep, settings={"fail_fast": True})

    assert isinstance(raised.value.__cause__, ValueError)
    assert not os.path.exists("logs/2")


def test_values_of_a_sweep_keep_their_types():
    values = [1, 1.0, True, "1", None, [1, "a"], {"x": 1}]

    runs = mlxp.run(lambda ctx: None, mlxp.sweep({"v": 0}, {"v": values}))

    stored = [yaml.safe_load(open(f"{run.dir}/metadata/config.yaml"))["v"] for run in runs]
    assert [(type(value), value) for value in stored] == [(type(value), value) for value in values]


def test_ctrl_c_stops_the_sweep_and_is_recorded():
    def interrupted(ctx):
        if ctx.config.n == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mlxp.run(interrupted, mlxp.sweep({"n": 0}, {"n": [1, 2, 3]}))

    assert yaml.safe_load(open("logs/2/metadata/info.yaml"))["status"] == "INTERRUPTED"
    assert not os.path.exists("logs/3")


def test_a_config_may_be_a_file():
    os.mkdir("configs")
    open("configs/small.yaml", "w").write("lr: 1e-3\nfail: false\n")

    assert mlxp.run(task, "configs/small.yaml").config == {"lr": 0.001, "fail": False}


def test_a_missing_config_file_is_a_clear_error():
    os.mkdir("configs")

    with pytest.raises(FileNotFoundError, match="nowhere"):
        mlxp.run(task, "configs/nowhere.yaml")


@attrs.frozen
class Model:
    width: int = 8


@attrs.frozen
class Experiment:
    lr: float
    model: Model = Model()


def test_a_config_of_an_attrs_class_is_given_back_as_that_class():
    seen = []

    run = mlxp.run(lambda ctx: seen.append(ctx.config), Experiment(lr=0.1, model=Model(width=3)))

    assert seen == [Experiment(lr=0.1, model=Model(width=3))]
    assert run.config == {"lr": 0.1, "model": {"width": 3}}


def test_something_that_is_no_config_is_refused():
    with pytest.raises(mlxp.MlxpError, match="a config is a mapping"):
        mlxp.run(task, 7)


def test_without_the_logger_there_is_no_directory():
    run = mlxp.run(lambda ctx: ctx.logger, {}, settings={"use_logger": False})

    assert (run.id, run.dir, run.result, run.status) == (None, None, None, "COMPLETE")
    assert os.listdir() == []


def test_an_unknown_setting_is_refused():
    with pytest.raises(mlxp.MlxpError, match="unknown setting mlxp.use_loger"):
        mlxp.run(task, {}, settings={"use_loger": False})


@mlxp.launch(config_path="nowhere")
def launched(ctx):
    return ctx.config.seed


def test_a_launched_function_takes_overrides_and_leaves_argv_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["pytest", "seed=99"])

    runs = launched(overrides=["+seed=1,2", f"+mlxp.logger.parent_log_dir={tmp_path}/logs"])

    assert [run.result for run in runs] == [1, 2]
    assert sys.argv == ["pytest", "seed=99"]


class Loud(mlxp.DefaultLogger):
    """A logger of a user's own, with an argument of its own."""

    def __init__(self, parent_log_dir, forced_log_id, log_streams_to_file=False, volume=1):
        super().__init__(parent_log_dir, forced_log_id, log_streams_to_file)
        self.volume = volume


def test_a_logger_of_the_users_own_is_made_with_its_arguments(monkeypatch):
    monkeypatch.setitem(sys.modules, "my_loggers", sys.modules[__name__])
    settings = {"logger": {"name": "my_loggers.Loud", "volume": 11}}

    assert mlxp.run(lambda ctx: ctx.logger.volume, {}, settings=settings).result == 11


class Elsewhere(mlxp.VersionManager):
    """A version manager of a user's own."""

    def __init__(self, parent_work_dir, compute_requirements):
        self.place = f"{parent_work_dir}/copy"

    def make_working_directory(self):
        os.makedirs(self.place)
        return self.place

    def get_info(self):
        return {"commit_hash": "abc"}


def test_a_version_manager_of_the_users_own_chooses_where_the_task_runs(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "my_versions", sys.modules[__name__])
    settings = {"use_version_manager": True, "version_manager": {"name": "my_versions.Elsewhere"}}

    run = mlxp.run(lambda ctx: os.getcwd(), {}, settings=settings)

    assert run.result == str(tmp_path / ".work_dir/copy")
    assert run.info.version_manager == {"commit_hash": "abc"}
    assert os.getcwd() == str(tmp_path)


EMBEDDED = """
import os, signal, sys

def globals_of_the_process():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    return list(sys.argv), os.getcwd(), handlers, dict(os.environ), sys.stdout, sys.excepthook

before = globals_of_the_process()
import mlxp_fn as mlxp
mlxp.run(lambda ctx: ctx.logger.log_metrics({"a": 1}, "train"), {})
assert globals_of_the_process() == before
heavy = {"pandas", "matplotlib", "git", "omegaconf", "cattrs", "click", "numpy"} & set(sys.modules)
assert not heavy, heavy
"""


def test_embedding_touches_no_global_and_imports_little():
    subprocess.run([sys.executable, "-c", EMBEDDED, "argument"], check=True)


def test_a_setting_that_a_logger_does_not_take_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "my_loggers", sys.modules[__name__])
    settings = {"logger": {"name": "my_loggers.Loud", "volum": 11}}

    with pytest.raises(mlxp.MlxpError, match="mlxp.logger: Loud: got an unexpected keyword argument 'volum'"):
        mlxp.run(lambda ctx: None, {}, settings=settings)
