"""The sign of life: a touched file, for as long as the task runs, and no hindrance to it."""

import os
import subprocess
import sys
import threading

import pytest

from mlxp_fn.effects import heartbeat
from mlxp_fn.effects.heartbeat import beating


@pytest.fixture
def file(tmp_path):
    """A file last changed in 1970."""
    path = tmp_path / "1.jsonl"
    path.touch()
    os.utime(path, (0, 0))
    return path


def beats(path):
    """Wait until the file is touched."""
    waiting = threading.Event()
    for _ in range(1000):
        if os.stat(path).st_mtime:
            return True
        waiting.wait(0.01)
    return False


def test_the_file_is_touched_while_the_context_lasts_and_not_after(file, monkeypatch):
    monkeypatch.setattr(heartbeat, "SECONDS", 0.01)
    others = threading.enumerate()
    with beating(file):
        assert beats(file)
    os.utime(file, (0, 0))
    threading.Event().wait(0.05)

    assert os.stat(file).st_mtime == 0
    for thread in threading.enumerate():
        if thread not in others:
            thread.join(timeout=60)
            assert not thread.is_alive()


def test_a_file_that_is_gone_is_not_made_again(file, monkeypatch):
    monkeypatch.setattr(heartbeat, "SECONDS", 0.01)
    with beating(file):
        file.unlink()
        threading.Event().wait(0.05)

    assert not file.exists()


def test_a_task_may_fork_and_only_the_parent_beats_on(file, monkeypatch):
    monkeypatch.setattr(heartbeat, "SECONDS", 0.01)
    with beating(file):
        child = os.fork()
        if child == 0:
            os._exit(threading.active_count())
        threads_of_child = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.utime(file, (0, 0))

        assert (threads_of_child, beats(file)) == (1, True)


FORKING = """
import os
import mlxp_fn as mlxp

threads = []
os.register_at_fork(before=lambda: threads.append(len(os.listdir("/proc/self/task"))))

def task(ctx):
    threads.append(len(os.listdir("/proc/self/task")))
    if os.fork() == 0:
        os._exit(0)
    os.wait()

mlxp.run(task, {}, "logs")
print(threads)
"""


def test_a_process_has_no_thread_of_ours_at_the_moment_it_forks(tmp_path):
    # Hooks of a fork run in the reverse order of their registration: this one after ours.
    done = subprocess.run([sys.executable, "-c", FORKING], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("[2, 1]\n", "")


def test_another_thread_may_fork_while_it_begins(file, monkeypatch):
    begin, joined = threading.Thread.start, []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (heartbeat._pause(), begin(thread)))
    monkeypatch.setattr(threading.Thread, "join", lambda thread, timeout: joined.append(thread.ident))

    with beating(file):
        pass

    assert None not in joined
