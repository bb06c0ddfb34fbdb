"""Run directories: born whole, one owner each."""

import os
import subprocess

import pytest

from mlxp_fn.effects import environment, run_dirs, run_ids
from mlxp_fn.effects.clock import now
from mlxp_fn.errors import RunBusyError
from mlxp_fn.jobs.birth import event_line
from mlxp_fn.records import Completed


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch):
    monkeypatch.setattr(run_ids, "_last_claimed", {})


def begin(run_dir):
    return run_dirs.claim_attempt(run_dir, lambda attempt: environment.started(now(), attempt, "main.py", "/"))


def born(parent):
    run_dir = run_ids.claim_new(parent)
    run_dirs.give_birth(run_dir, {"metadata/run.json": b"{}", "metadata/events/0.jsonl": b""})
    return run_dir


def test_a_run_is_born_whole(tmp_path):
    run_dir = run_ids.claim_new(tmp_path)
    assert not run_dirs.is_born(run_dir)

    run_dirs.give_birth(run_dir, {"metadata/run.json": b"{}", "metadata/events/0.jsonl": b""})

    assert run_dirs.is_born(run_dir)
    assert os.listdir(run_dir) == ["metadata"]
    begin(run_dir)
    assert sorted(os.listdir(run_dir)) == ["artifacts", "metadata", "metrics"]


def test_an_attempt_that_ended_is_followed_by_the_next(tmp_path):
    run_dir = born(tmp_path)
    assert begin(run_dir).attempt == 1
    with open(run_dir / "metadata/events/1.jsonl", "ab") as file:
        file.write(event_line(Completed(at=now())))

    assert begin(run_dir).attempt == 2


def test_a_run_that_is_running_is_refused_and_says_who_runs_it(tmp_path):
    run_dir = born(tmp_path)
    begin(run_dir)

    with pytest.raises(RunBusyError, match=rf"run 1 .* is running since .* as process {os.getpid()}"):
        begin(run_dir)


def test_a_run_whose_process_is_gone_goes_on(tmp_path):
    run_dir = born(tmp_path)
    started = begin(run_dir)
    gone = subprocess.Popen(["true"])
    gone.wait()
    events = run_dir / "metadata/events/1.jsonl"
    events.write_bytes(
        events.read_bytes().replace(b'"process_id":%d' % started.process_id, b'"process_id":%d' % gone.pid)
    )

    assert begin(run_dir).attempt == 2


def test_the_next_attempt_cuts_a_torn_line_off(tmp_path):
    run_dir = born(tmp_path)
    (run_dir / "metrics").mkdir()
    (run_dir / "metrics/train.json").write_bytes(b'{"loss": 1}\n{"los')

    begin(run_dir)

    assert (run_dir / "metrics/train.json").read_bytes() == b'{"loss": 1}\n'


def test_the_next_attempt_cuts_a_torn_key_off(tmp_path):
    run_dir = born(tmp_path)
    keys = run_dir / "metrics/.keys/a/train.yaml"
    keys.parent.mkdir(parents=True)
    keys.write_bytes(b"loss: ''\nac")

    begin(run_dir)

    assert keys.read_bytes() == b"loss: ''\n"
