"""Streams that are closed, gone, or an object of the user's own: work goes on, and files hold what is theirs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

import mlxp_fn as mlxp

PRINTS = """
import ctypes, os
import mlxp_fn as mlxp
@mlxp.launch()
def task(ctx):
    for name in "abc":
        ctx.logger.log_metrics({"n": ctx.config.n}, name)
    print("from Python")
    ctypes.CDLL(None).puts(b"from C")
    os.write(2, b"a warning of C's")
task()
"""


def statuses(logs="logs"):
    return [row["info.status"] for row in mlxp.runs(logs)]


@pytest.mark.parametrize("flags", [[], ["--jobs", 2], ["--jobs", 2, "+mlxp.logger.log_streams_to_file=true"]])
@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
def test_where_streams_are_closed_sweeps_run_and_no_file_takes_their_place(python, closed, flags):
    done = python(PRINTS, "+n=1,2", *flags, shell=f'{{python}} script.py "$@" {closed}')

    assert (done.returncode, statuses()) == (0, ["COMPLETE", "COMPLETE"])
    assert {path.read_text() for path in Path("logs").glob("*/metrics/*.json")} == {'{"n":1}\n', '{"n":2}\n'}


@pytest.mark.parametrize("settings", [{}, {"logger": {"log_streams_to_file": True}}])
def test_a_stream_of_the_users_own_need_know_nothing_but_to_write(python, settings):
    done = python(f"""
import sys
import mlxp_fn as mlxp
class Written:
    def write(self, text):
        return sys.__stdout__.write(text)
sys.stdout = sys.stderr = Written()
mlxp.run(lambda ctx: print("alone"), {{}}, settings={settings})
mlxp.run(lambda ctx: print("two"), mlxp.sweep({{"n": 0}}, {{"n": [1, 2]}}), settings={settings})
mlxp.run(lambda ctx: None, mlxp.sweep({{"n": 0}}, {{"n": [1, 2]}}), settings={settings}, jobs=2)
sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # Python itself flushes them at its end
""")

    assert (done.returncode, done.stdout) == (0, "alone\ntwo\ntwo\n")
    assert statuses() == ["COMPLETE"] * 5


def on_a_terminal(script, *arguments):
    """A process at a terminal of its own, and our end of that."""
    Path("script.py").write_text(script)
    ours, its = pty.openpty()
    command, environ = [sys.executable, "script.py", *arguments], {**os.environ, "TERM": "xterm"}
    process = subprocess.Popen(command, stdin=its, stdout=subprocess.DEVNULL, stderr=its, env=environ)
    os.close(its)
    return process, ours


WAITS = """
import os, time
import mlxp_fn as mlxp
@mlxp.launch()
def task(ctx):
    open("begun", "w").close()
    while not os.path.exists("gone"):
        time.sleep(0.02)
task()
"""


@pytest.mark.parametrize("flags", [[], ["--jobs", "2"]])
def test_a_sweep_goes_on_when_its_terminal_is_gone(tmp_path, monkeypatch, flags):
    monkeypatch.chdir(tmp_path)
    process, terminal = on_a_terminal(WAITS, "+n=1,2,3", *flags)
    while process.poll() is None and not Path("begun").exists():
        time.sleep(0.02)

    os.close(terminal)
    Path("gone").touch()

    assert process.wait() == 0
    assert statuses() == ["COMPLETE"] * 3


def test_sweeps_of_two_threads_leave_the_streams_as_they_were(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    process, terminal = on_a_terminal("""
import sys, threading, time
import mlxp_fn as mlxp
before = sys.stdout, sys.stderr
both = threading.Barrier(2)
def sweep(seconds):
    both.wait()
    mlxp.run(lambda ctx: time.sleep(seconds), mlxp.sweep({"n": 0}, {"n": [1, 2]}))
threads = [threading.Thread(target=sweep, args=[seconds]) for seconds in (0.3, 0.5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(2 if (sys.stdout, sys.stderr) != before else 0)
""")

    assert process.wait() == 0
    os.close(terminal)
