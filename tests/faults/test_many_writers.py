"""Many at once: processes that launch into one directory, threads and forks that log into one run."""

import json
import os
import signal
import time
from pathlib import Path

import mlxp_fn as mlxp

LAUNCH = """
import os, sys
import mlxp_fn as mlxp

processes, runs = int(sys.argv[1]), int(sys.argv[2])
mlxp.run(lambda ctx: ctx.logger.log_metrics({}, "train"), {}, "warm")  # the children need not import
ready, go = os.pipe()
for process in range(processes):
    if os.fork() == 0:
        os.close(go)
        os.read(ready, 1)  # ends when the parent lets go
        for _ in range(runs):
            run = mlxp.run(lambda ctx: ctx.logger.log_metrics({"process": process}, "train"), {}, "logs")
            assert run.status == "COMPLETE"
        os._exit(0)
os.close(go)
sys.exit(any(os.wait()[1] for _ in range(processes)))
"""


def test_processes_that_launch_at_once_share_no_id_and_leave_no_gap(python, rounds):
    processes, runs = rounds((16, 10), (64, 20))

    done = python(LAUNCH, processes, runs, shell='{python} script.py "$@"')

    assert (done.returncode, done.stderr) == (0, "")
    ids = sorted(int(name) for name in os.listdir("logs") if name.isdigit())
    assert ids == list(range(1, processes * runs + 1))
    written = sorted(row["train.process"][-1] for row in mlxp.runs("logs"))
    assert written == sorted(process for process in range(processes) for _ in range(runs))


LOG = """
import os, signal, sys, threading, time, warnings
import mlxp_fn as mlxp

threads, forks, lines = map(int, sys.argv[1:])
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forks beside threads
signal.alarm(240)  # a deadlock ends here

def task(ctx):
    def write(writer):
        for n in range(lines):
            ctx.logger.log_metrics({"writer": writer, "n": n, f"key{writer}": "x" * (n % 7 * 700)}, f"log{n % 5}")

    at_once = [threading.Thread(target=write, args=(f"thread{n}",)) for n in range(threads)]
    for thread in at_once:
        thread.start()
    children = []
    for n in range(forks):
        time.sleep(0.005)  # the threads are at work, whatever they hold
        child = os.fork()
        if child == 0:
            write(f"fork{n}")
            os._exit(0)
        children.append(child)
    for thread in at_once:
        thread.join()
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * forks

assert mlxp.run(task, {}, "logs").status == "COMPLETE"
"""


def test_threads_and_forks_of_one_run_lose_no_line_and_no_key(python, read_by_mlxp):
    done = python(LOG, 40, 8, 50, shell='{python} script.py "$@"')

    assert (done.returncode, done.stderr) == (0, "")
    writers = [f"thread{n}" for n in range(40)] + [f"fork{n}" for n in range(8)]
    for log in range(5):
        content = Path(f"logs/1/metrics/log{log}.json").read_bytes()
        rows = [json.loads(line) for line in content.splitlines()]
        expected = sorted((writer, n) for writer in writers for n in range(log, 50, 5))
        assert sorted((row["writer"], row["n"]) for row in rows) == expected
    (row,) = mlxp.runs("logs")
    columns = [f"log0.key{writer}" for writer in writers]
    assert set(columns) <= set(row)
    theirs = read_by_mlxp(["logs", columns])[0][1]
    assert {name: len(values) for name, values in theirs.items()} == dict.fromkeys(columns, 10)


def test_the_kill_of_a_worker_takes_no_line_that_another_has_logged(tmp_path):
    def worker(logger):
        while True:
            logger.log_metrics({"ballast": "x" * 100_000}, "shared")

    def task(ctx):
        for n in range(20):
            child = os.fork()
            if not child:
                worker(ctx.logger)
            time.sleep(0.005 + n / 5000)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            ctx.logger.log_metrics({"n": n}, "shared")

    mlxp.run(task, {}, tmp_path / "logs")

    assert mlxp.runs(tmp_path / "logs")[0]["shared.n"] == list(range(20))
