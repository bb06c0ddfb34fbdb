"""Several runs at a time: each in a process of its own, or wherever an executor puts it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from tests.terminals import received

MAIN = """
import os, signal, sys, time
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    seed = ctx.config.seed
    ctx.logger.log_metrics({"process": os.getpid(), "seed": seed}, "train")
    print("printed by", seed, flush=True)
    match ctx.config.how:
        case "crash": os.kill(os.getpid(), signal.SIGKILL) if seed == 2 else None
        case "raise":
            if seed == 2: raise ValueError("on purpose")
        case "exit": os._exit(3) if seed == 2 else None
        case "elsewhere":
            os.chdir("/")
            os.environ["SEEN"] = os.environ.get("SEEN", "") + "x"
            print(os.environ["SEEN"])
        case "wait": time.sleep(300)
        case "linger": time.sleep(0.5)
        case "meet":
            while len([n for n in os.listdir("logs") if os.path.exists(f"logs/{n}/metrics/train.json")]) < 3:
                time.sleep(0.02)

task()
"""


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("main.py").write_text(MAIN)
    Path("configs").mkdir()
    Path("configs/config.yaml").write_text("seed: 0\nhow: quick\n")


def main(*arguments):
    return subprocess.run([sys.executable, "main.py", *arguments], capture_output=True, text=True, check=False)


def statuses():
    return list(mlxp.runs("logs")["info.status"])


def rows(run):
    return [json.loads(line) for line in Path(f"logs/{run}/metrics/train.json").open()]


def test_runs_at_a_time_have_processes_of_their_own_and_ids_in_sweep_order():
    done = main("seed=1,2,3", "how=meet", "--jobs", "3")

    assert done.returncode == 0, done.stderr
    assert [rows(run)[0]["seed"] for run in (1, 2, 3)] == [1, 2, 3]
    assert len({rows(run)[0]["process"] for run in (1, 2, 3)}) == 3
    assert Path("logs/2/log.stdout").read_text() == "printed by 2\n"


@pytest.mark.parametrize(("how", "status"), [("crash", "LOST"), ("exit", "LOST"), ("raise", "FAILED")])
def test_what_ends_one_run_touches_no_other_and_is_said(how, status):
    done = main("seed=1,2,3", f"how={how}", "--jobs", "2")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "1 of 3 runs failed: 2"
    assert statuses() == ["COMPLETE", status, "COMPLETE"]


def test_a_changed_directory_or_environment_is_gone_with_its_process():
    assert main("seed=1,2,3", "how=elsewhere", "--jobs", "1").returncode == 0

    assert [Path(f"logs/{run}/log.stdout").read_text().splitlines()[-1] for run in (1, 2, 3)] == ["x", "x", "x"]


def test_fail_fast_begins_no_further_run():
    done = main("seed=2,3,4,5,6", "how=raise", "--jobs", "1", "+mlxp.fail_fast=true")

    assert done.returncode == 1
    assert "ValueError: on purpose" in done.stderr
    assert statuses() == ["FAILED"]


def test_where_a_run_cannot_be_made_those_at_work_are_waited_for():
    where = "+mlxp.logger.parent_log_dir=zip(logs,logs,main.py/logs,logs)"

    done = main("seed=zip(1,2,3,4)", where, "how=linger", "--jobs", "3")

    assert (done.returncode, statuses()) == (1, ["COMPLETE", "COMPLETE"])
    assert done.stderr.startswith("error: runs cannot be made in")


def test_where_no_process_can_be_started_the_error_says_so(monkeypatch):
    def no_room():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_room)

    with pytest.raises(mlxp.errors.LaunchError, match="no process can be started for .*logs/1: Resource"):
        mlxp.run(square, mlxp.sweep({}, {"n": [1, 2]}), jobs=2)


def test_ctrl_c_ends_all_and_each_says_so():
    launched = subprocess.Popen(
        [sys.executable, "main.py", "seed=1,2,3,4", "how=wait", "--jobs", "2"],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    end = time.monotonic() + 120
    while not all(Path(f"logs/{run}/metrics/train.json").exists() for run in (1, 2)):
        assert time.monotonic() < end
        time.sleep(0.05)

    launched.send_signal(signal.SIGINT)
    _, said = launched.communicate(timeout=120)

    assert launched.returncode in (-signal.SIGINT, 130)
    assert said.splitlines()[-1] == "interrupted: runs 1, 2; 2 of 4 were not begun"
    assert "failed" not in said and "KeyboardInterrupt" not in said
    assert statuses() == ["INTERRUPTED", "INTERRUPTED"]


def test_a_terminal_shows_what_is_at_work():
    shown = received([sys.executable, "main.py", "seed=1,2,3", "how=meet", "--jobs", "3"])

    assert "2  seed=2 how=meet" in shown
    assert "3/3" in shown
    assert "printed by" not in shown


def square(ctx):
    if ctx.config.n == 13:
        raise ValueError("unlucky")
    return ctx.config.n**2, os.getpid()


def test_from_python_results_come_back_in_order():
    runs = mlxp.run(square, mlxp.sweep({}, {"n": [1, 2, 3]}), jobs=2)

    assert [run.result[0] for run in runs] == [1, 4, 9]
    assert [run.id for run in runs] == [1, 2, 3]
    assert len({run.result[1] for run in runs} | {os.getpid()}) == 4


def test_a_task_that_only_this_process_knows_runs_in_forks_and_what_cannot_be_sent_stays_there():
    runs = mlxp.run(lambda ctx: lambda: ctx, mlxp.sweep({}, {"n": [1, 2]}), jobs=2)

    assert [(run.status.value, run.result) for run in runs] == [("COMPLETE", None)] * 2


def test_failures_are_named_and_with_fail_fast_raised():
    sweep = mlxp.sweep({}, {"n": [1, 13]})

    with pytest.warns(UserWarning, match="1 of 2 runs failed: 2"):
        runs = mlxp.run(square, sweep, jobs=2)
    with pytest.raises(mlxp.MlxpError, match="fail_fast") as raised:
        mlxp.run(square, sweep, jobs=1, settings={"fail_fast": True})

    assert [run.failed for run in runs] == [False, True]
    assert isinstance(raised.value.__cause__, ValueError)


class Counting(ProcessPoolExecutor):
    """A pool that knows how many were in flight at most."""

    flying = most = 0

    def submit(self, *arguments, **named) -> Future:
        self.flying += 1
        self.most = max(self.most, self.flying)
        future = super().submit(*arguments, **named)
        future.add_done_callback(lambda _: setattr(self, "flying", self.flying - 1))
        return future


def test_an_executor_runs_them_with_a_bounded_number_in_flight():
    with Counting(2) as executor:
        runs = mlxp.run(square, mlxp.sweep({}, {"n": range(6)}), executor=executor, jobs=3)

    assert [run.result[0] for run in runs] == [0, 1, 4, 9, 16, 25]
    assert [run.id for run in runs] == [1, 2, 3, 4, 5, 6]
    assert statuses() == ["COMPLETE"] * 6
    assert executor.most == 3


def test_a_worker_that_dies_is_told_of():
    with ProcessPoolExecutor(1) as executor, pytest.warns(UserWarning, match="run 1 failed"):
        runs = mlxp.run(die, mlxp.sweep({}, {"n": [1]}), executor=executor)

    assert [run.status.value for run in runs] == ["LOST"]


def die(ctx):
    os._exit(1)


def test_dask_on_this_machine_runs_them():
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed here")
    here = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with distributed.LocalCluster(**here) as cluster, distributed.Client(cluster) as client:
        runs = mlxp.run(square, mlxp.sweep({}, {"n": [1, 2, 3]}), executor=client.get_executor())

    assert [run.result[0] for run in runs] == [1, 4, 9]


def test_jobs_are_for_sweeps_and_at_least_one():
    with pytest.raises(mlxp.MlxpError, match="for a sweep"):
        mlxp.run(square, {"n": 1}, jobs=2)
    with pytest.raises(mlxp.MlxpError, match="at least one"):
        mlxp.run(square, mlxp.sweep({}, {"n": [1]}), jobs=0)


def interrupt_oneself(ctx):
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_to_one_run_does_not_reach_the_event_loop_that_it_was_launched_in():
    heard = []

    async def launch():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, heard.append, "SIGTERM")
        with pytest.raises(mlxp.Preempted):
            mlxp.run(interrupt_oneself, mlxp.sweep({}, {"n": [1]}), jobs=1)
        await asyncio.sleep(0.05)

    asyncio.run(launch())

    assert (statuses(), heard) == (["INTERRUPTED"], [])
