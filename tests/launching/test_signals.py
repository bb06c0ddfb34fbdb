"""Signals that ask a run to leave, for real: in processes of their own, before, during and after the task."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest

import mlxp_fn as mlxp
from mlxp_fn.effects import artifacts
from mlxp_fn.effects.history import History
from mlxp_fn.effects.run_dirs import read_events
from mlxp_fn.effects.signals import Preemption, held, watching
from mlxp_fn.records import Checkpointed, Moment, RunInfo, Warned, fold

HEAD = """
import mlxp_fn as mlxp, os, signal, sys, time

def me(name):
    os.kill(os.getpid(), getattr(signal, name))

"""

WAIT = """
@mlxp.launch()
def task(ctx):
    print("begun", flush=True)
    time.sleep(300)

task()
"""


def usual_signals():
    """As a shell in the foreground starts a program, whatever this test was started from."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)


def main(tmp_path, body, *arguments, before=usual_signals):
    (tmp_path / "main.py").write_text(HEAD + body)
    return subprocess.run(
        [sys.executable, "main.py", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=before,
    )


def events(tmp_path, run=1):
    lines = (tmp_path / f"logs/{run}/metadata/events/1.jsonl").read_text().splitlines()
    return [(event["event"], event.get("signal")) for event in map(json.loads, lines)]


def row(tmp_path, run=1):
    return next(row for row in mlxp.runs(tmp_path / "logs") if row["info.logger.log_id"] == run)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SIGINT", "interrupted: run 1; 1 of 2 were not begun\n"),
        ("SIGTERM", "interrupted by SIGTERM: run 1; 1 of 2 were not begun\n"),
        ("SIGHUP", "interrupted by SIGHUP: run 1; 1 of 2 were not begun\n"),
        ("SIGUSR1", "interrupted by SIGUSR1: run 1; 1 of 2 were not begun\n"),
    ],
)
def test_a_signal_ends_the_task_at_once_the_sweep_and_then_the_process(tmp_path, name, said):
    (tmp_path / "main.py").write_text(HEAD + WAIT)
    launched = subprocess.Popen(
        [sys.executable, "main.py", "+seed=1,2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=usual_signals,
    )
    launched.stdout.readline()

    launched.send_signal(getattr(signal, name))
    heard = launched.communicate(timeout=120)[1]

    assert (launched.returncode, heard) == (-getattr(signal, name), said)
    assert (row(tmp_path)["info.status"], row(tmp_path)["info.signal"]) == ("INTERRUPTED", name)
    assert events(tmp_path) == [("started", None), ("warned", name), ("interrupted", name)]
    assert not (tmp_path / "logs/2").exists()


def test_a_task_that_asks_leaves_by_itself(tmp_path):
    body = """
@mlxp.launch()
def task(ctx):
    for step in range(5):
        if ctx.preempted:
            print("left at", step)
            return
        me("SIGTERM")
task()
"""
    done = main(tmp_path, body)

    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "left at 1\n")
    assert row(tmp_path)["info.status"] == "INTERRUPTED"


def test_a_task_that_may_leave_by_itself_and_never_looks_is_complete_and_no_other_begins(tmp_path):
    body = """
@mlxp.launch()
def task(ctx):
    me("SIGTERM")
    return "done"
task()
"""
    done = main(tmp_path, body, "+mlxp.cooperative=true", "+seed=1,2")

    assert done.returncode == -signal.SIGTERM
    assert (row(tmp_path)["info.status"], row(tmp_path)["info.result"]) == ("COMPLETE", "done")
    assert not (tmp_path / "logs/2").exists()


def test_a_second_signal_of_the_same_kind_does_not_wait_for_the_task(tmp_path):
    body = """
@mlxp.launch()
def task(ctx):
    ctx.preempted
    me("SIGUSR1")
    me("SIGTERM")
    print("still here", flush=True)
    time.sleep(1.1)
    me("SIGTERM")
    print("not reached")
task()
"""
    done = main(tmp_path, body)

    assert done.stdout == "still here\n"
    assert [signal for _, signal in events(tmp_path)] == [None, "SIGUSR1", "SIGTERM", "SIGTERM", "SIGTERM"]


@pytest.mark.parametrize("looks", ["True", "False"])
def test_a_signal_that_a_shell_passes_on_though_all_were_sent_it_is_one_signal(tmp_path, looks):
    body = f"""
@mlxp.launch()
def task(ctx):
    {looks} and ctx.preempted
    try:
        me("SIGTERM")
        while not ctx.preempted:
            pass
    finally:
        me("SIGTERM")
        print("saved", flush=True)
task()
"""
    done = main(tmp_path, body)

    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "saved\n")
    assert [signal for _, signal in events(tmp_path)] == [None, *["SIGTERM"] * 3]


def test_a_task_can_put_away_what_must_not_be_lost(tmp_path):
    body = """
@mlxp.launch()
def task(ctx):
    try:
        me("SIGTERM")
    except mlxp.Preempted as preempted:
        ctx.logger.log_checkpoint(preempted.signal)
        raise
task()
"""
    main(tmp_path, body)

    assert row(tmp_path)["info.status"] == "INTERRUPTED"
    assert mlxp.DefaultLogger(str(tmp_path / "logs"), 1).load_checkpoint() == "SIGTERM"


def test_a_signal_while_dill_is_imported_is_not_swallowed_by_it(tmp_path):
    body = """
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "dill.__info__":
            me("SIGINT")

sys.meta_path.insert(0, Interrupting())

@mlxp.launch()
def task(ctx):
    ctx.logger.log_checkpoint(1)
task()
"""
    done = main(tmp_path, body)

    assert (done.returncode, row(tmp_path)["info.status"]) == (-signal.SIGINT, "INTERRUPTED")


def test_a_task_that_fails_while_it_leaves_has_failed(tmp_path):
    body = """
@mlxp.launch()
def task(ctx):
    try:
        me("SIGTERM")
    except mlxp.Preempted:
        raise OSError("no space left")
task()
"""
    done = main(tmp_path, body)

    assert (done.returncode, row(tmp_path)["info.status"]) == (-signal.SIGTERM, "FAILED")


def test_a_signal_during_birth_lets_the_run_be_born_whole_and_then_ends_it(tmp_path):
    body = """
class Logger(mlxp.DefaultLogger):
    def __init__(self, *args, **named):
        me("SIGTERM")
        super().__init__(*args, **named)

@mlxp.launch()
def task(ctx):
    print("not reached")
task()
"""
    done = main(tmp_path, body, "+mlxp.logger.name=__main__.Logger")

    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "")
    assert row(tmp_path)["info.status"] == "INTERRUPTED"
    assert sorted(os.listdir(tmp_path / "logs/1")) == ["artifacts", "metadata", "metrics"]


def test_a_signal_while_the_end_is_recorded_takes_nothing_back(tmp_path):
    body = """
class Logger(mlxp.DefaultLogger):
    def close(self):
        me("SIGTERM")
        super().close()

@mlxp.launch()
def task(ctx):
    return 1
task()
"""
    done = main(tmp_path, body, "+mlxp.logger.name=__main__.Logger", "+seed=1,2")

    assert done.stderr == "interrupted by SIGTERM when it had its result: run 1; 1 of 2 were not begun\n"
    assert (done.returncode, row(tmp_path)["info.status"]) == (-signal.SIGTERM, "COMPLETE")


def test_who_insists_while_we_are_at_work_need_not_wait(tmp_path):
    body = """
class Logger(mlxp.DefaultLogger):
    def __init__(self, *args, **named):
        me("SIGTERM")
        time.sleep(1.1)
        me("SIGTERM")

@mlxp.launch()
def task(ctx):
    print("not reached")
task()
"""
    done = main(tmp_path, body, "+mlxp.logger.name=__main__.Logger")

    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGTERM, "", "")
    assert not (tmp_path / "logs").exists()


def test_a_signal_that_is_ignored_stays_ignored_as_under_nohup(tmp_path):
    body = """
@mlxp.launch()
def task(ctx):
    me("SIGHUP")
task()
"""
    done = main(tmp_path, body, before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))

    assert (done.returncode, events(tmp_path)) == (0, [("started", None), ("completed", None)])


def test_a_warning_that_a_job_ignores_until_its_task_runs_is_heard_by_the_task_alone(tmp_path):
    body = """
me("SIGUSR1")

@mlxp.launch()
def task(ctx):
    me("SIGUSR1")
try:
    task()
finally:
    me("SIGUSR1")
"""
    done = main(tmp_path, body, before=lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN))

    assert done.returncode == 128 + signal.SIGUSR1
    assert events(tmp_path) == [("started", None), ("warned", "SIGUSR1"), ("interrupted", "SIGUSR1")]


def test_a_handler_of_c_keeps_its_signal(tmp_path):
    body = """
import faulthandler
faulthandler.register(signal.SIGUSR1)

@mlxp.launch()
def task(ctx):
    me("SIGUSR1")
task()
"""
    done = main(tmp_path, body)

    assert (done.returncode, row(tmp_path)["info.status"]) == (0, "COMPLETE")
    assert "Current thread" in done.stderr


def test_no_warning_signal_is_watched_where_the_settings_name_none(tmp_path):
    body = """
@mlxp.launch()
def task(ctx):
    return signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
task()
"""
    main(tmp_path, body, "+mlxp.warning_signal=null")

    assert row(tmp_path)["info.result"] is True


@pytest.mark.parametrize("name", ["SIGKILL", "USR1", "signal"])
def test_what_is_no_signal_to_warn_with_is_refused_before_anything_is_made(tmp_path, name):
    with pytest.raises(mlxp.MlxpError, match=f"a signal such as SIGUSR1, or null, not '{name}'"):
        mlxp.run(lambda ctx: None, {}, tmp_path, settings={"warning_signal": name}, handle_signals=True)

    assert os.listdir(tmp_path) == []


def test_a_child_of_the_task_ends_as_it_always_did(tmp_path):
    body = """
import multiprocessing

forking = multiprocessing.get_context("fork")
begun = forking.Event()

def forever():
    begun.set()
    time.sleep(300)

@mlxp.launch()
def task(ctx):
    child = forking.Process(target=forever)
    child.start()
    begun.wait()
    child.terminate()
    child.join()
    return child.exitcode
task()
"""
    done = main(tmp_path, body)

    assert (done.returncode, row(tmp_path)["info.result"]) == (0, -signal.SIGTERM)
    assert events(tmp_path) == [("started", None), ("completed", None)]


HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)


def handlers(_=None):
    return [signal.getsignal(number) for number in HANDLED]


def test_run_handles_signals_only_when_asked_and_gives_them_back(tmp_path):
    before = handlers()

    unasked = mlxp.run(handlers, {}, tmp_path).result
    asked = mlxp.run(handlers, {}, tmp_path, handle_signals=True).result

    assert unasked == before == handlers()
    assert not set(asked) & (set(before) - {signal.SIG_IGN})  # what nohup ignores stays ignored


def test_a_thread_changes_no_handlers(tmp_path):
    seen = []
    thread = threading.Thread(
        target=lambda: seen.extend(mlxp.run(handlers, {}, tmp_path, handle_signals=True).result)
    )
    thread.start()
    thread.join()

    assert seen == handlers()


def test_a_handler_that_the_task_leaves_behind_stays(tmp_path):
    before = signal.getsignal(signal.SIGUSR1)

    def mine(number, frame):
        pass

    mlxp.run(lambda ctx: signal.signal(signal.SIGUSR1, mine) and None, {}, tmp_path, handle_signals=True)
    left = signal.signal(signal.SIGUSR1, before)

    assert left is mine


def test_a_handler_of_the_users_own_gets_the_signal_when_the_run_is_recorded(tmp_path):
    statuses = []
    before = signal.signal(signal.SIGTERM, lambda *_: statuses.append(row(tmp_path)["info.status"]))
    try:
        with pytest.raises(mlxp.Preempted, match="SIGTERM"):
            mlxp.run(lambda ctx: os.kill(os.getpid(), signal.SIGTERM), {}, tmp_path / "logs", handle_signals=True)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert statuses == ["INTERRUPTED"]


def test_a_signal_between_an_artifact_and_its_record_waits(tmp_path, monkeypatch):
    def interrupted(*args, **named):
        os.kill(os.getpid(), signal.SIGTERM)
        return record(*args, **named)

    def task(ctx):
        ctx.logger.log_artifacts("old", "note", "text")
        monkeypatch.setattr(artifacts, "record", interrupted)
        ctx.logger.log_artifacts("new", "note", "text")

    record = artifacts.record
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with pytest.raises(mlxp.Preempted):
            mlxp.run(task, {}, tmp_path / "logs", handle_signals=True)
    finally:
        signal.signal(signal.SIGTERM, before)

    artifact = row(tmp_path)["artifact.text."]["note"]
    artifact.verify()
    assert artifact.load() == "new"


AT = Moment(time="2026-11-23T10:00:00.000000Z", local="23/11/2026 11:00:00")
STORM = """
import os, signal, sys
for number in range(int(sys.argv[2])):
    os.kill(int(sys.argv[1]), signal.SIGUSR1)
"""


def test_a_signal_that_comes_while_another_is_noted_is_noted_too():
    noted = []

    def note(name):
        if not noted:
            os.kill(os.getpid(), signal.SIGTERM)
        noted.append(name)

    with watching(Preemption(), [signal.SIGUSR1, signal.SIGTERM]) as watch, pytest.raises(mlxp.Preempted), held():
        watch.note = note
        os.kill(os.getpid(), signal.SIGUSR1)
    watch.note = None

    assert noted == ["SIGUSR1", "SIGTERM"]


def test_all_signals_that_waited_are_noted_before_one_raises():
    noted = []

    with watching(Preemption(), [signal.SIGUSR1, signal.SIGTERM]) as watch, pytest.raises(mlxp.Preempted), held():
        watch.note = noted.append
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGTERM)

    assert noted == ["SIGUSR1", "SIGTERM"]


def test_no_event_is_torn_or_lost_in_a_storm_of_signals(tmp_path):
    run_dir = tmp_path / "1"
    (run_dir / "metadata/events").mkdir(parents=True)
    history = History(run_dir, 1)
    written = 0

    with watching(Preemption(), [signal.SIGUSR1]) as watch:
        watch.note = lambda name: history.happened(Warned(at=AT, signal=name))
        storm = subprocess.Popen([sys.executable, "-c", STORM, str(os.getpid()), "2000"])
        while watch.note:
            try:
                if storm.poll() is not None and written >= 100:
                    watch.note = None
                    break
                history.happened(Checkpointed(at=AT, name="c", sha256="00", positions={}))
                written += 1
            except mlxp.Preempted:
                pass  # the checkpoint it came with is in the file, or never began

    recorded = read_events(run_dir, 1)
    checkpoints = [event for event in recorded if isinstance(event, Checkpointed)]
    assert len(recorded) - len(checkpoints) == len(watch.received) > 0
    assert len(checkpoints) >= written
    assert len((run_dir / "metadata/events/1.jsonl").read_bytes().splitlines()) == len(recorded)
    assert history.info == fold(recorded) == RunInfo(signal="SIGUSR1")
    assert sorted(os.listdir(run_dir / "metadata")) == ["events", "info.yaml"]
