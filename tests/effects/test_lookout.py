"""Recorded as running, and looked at: real processes, alive, ended, killed."""

import os
import signal
import subprocess
import sys

import pytest

import mlxp_fn as mlxp
from mlxp_fn.effects.environment import process_seen

WAITING = """
import sys
import mlxp_fn as mlxp

def task(ctx):
    print("begun", flush=True)
    sys.stdin.read()

mlxp.run(task, {"seed": 1}, "logs")
"""


@pytest.fixture
def running(tmp_path):
    """A process in the middle of run 1 of `tmp_path / "logs"`."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def statuses(tmp_path):
    (run,) = mlxp.runs(tmp_path / "logs")
    return run["info.status"], run["info.recorded_status"]


def pretend(tmp_path, **facts):
    """Let the record say that the attempt began elsewhere."""
    events = tmp_path / "logs/1/metadata/events/1.jsonl"
    content = events.read_text()
    for name, value in facts.items():
        before, _, rest = content.partition(f'"{name}":"')
        content = f'{before}"{name}":"{value}"{rest.partition(chr(34))[2]}'
    events.write_text(content)


def test_a_live_run_reads_running_from_another_process(tmp_path, running):
    assert statuses(tmp_path) == ("RUNNING", "RUNNING")


def test_a_killed_run_is_lost_though_its_parent_has_not_yet_waited_for_it(tmp_path, running):
    running.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)

    assert statuses(tmp_path) == ("LOST", "RUNNING")


def test_a_run_is_looked_at_each_time(tmp_path, running):
    before = statuses(tmp_path)
    running.kill()
    running.wait()

    assert (before[0], statuses(tmp_path)[0]) == ("RUNNING", "LOST")


def test_a_silent_run_of_another_host_is_stale_and_one_that_gives_signs_is_not(tmp_path, running):
    pretend(tmp_path, boot_id="another", hostname="elsewhere")
    fresh = statuses(tmp_path)
    os.utime(tmp_path / "logs/1/metadata/events/1.jsonl", (0, 0))

    assert (fresh, statuses(tmp_path)) == (("RUNNING", "RUNNING"), ("STALE", "RUNNING"))


def test_a_stale_run_is_not_gone_on_with_and_the_error_says_since_when(tmp_path, running):
    pretend(tmp_path, boot_id="another", hostname="elsewhere")
    os.utime(tmp_path / "logs/1/metadata/events/1.jsonl", (0, 0))

    with pytest.raises(mlxp.MlxpError, match=r"since 20\S+ as process \d+ on elsewhere, .* no sign of life"):
        mlxp.run(lambda ctx: None, {"seed": 1}, tmp_path / "logs", settings={"logger": {"forced_log_id": 1}})


def test_a_lost_run_goes_on(tmp_path, running):
    running.kill()
    running.wait()

    run = mlxp.run(lambda ctx: None, {"seed": 1}, tmp_path / "logs", settings={"logger": {"forced_log_id": 1}})

    assert (run.status, run.info.attempt) == ("COMPLETE", 2)


@pytest.mark.parametrize("number", [0, -1, 2**70])
def test_what_is_no_number_of_a_process_is_none(number):
    assert process_seen(number) == (False, None)
