"""Run directories: one owner each, ids without gaps, never given twice."""

import os
import subprocess

import pytest

from mlxp_fn.effects import environment, run_dirs
from mlxp_fn.effects.clock import now
from mlxp_fn.errors import RunBusyError
from mlxp_fn.jobs.birth import event_line
from mlxp_fn.records import Completed


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch):
    monkeypatch.setattr(run_dirs, "_last_claimed", {})


def begin(run_dir):
    return run_dirs.claim_attempt(run_dir, lambda attempt: environment.started(now(), attempt, "main.py", "/"))


def born(parent):
    run_dir = run_dirs.claim_new(parent)
    run_dirs.give_birth(run_dir, {"metadata/run.json": b"{}", "metadata/events/0.jsonl": b""})
    return run_dir


def test_ids_begin_at_one_and_have_no_gaps(tmp_path):
    claimed = [run_dirs.claim_new(tmp_path / "logs").name for _ in range(5)]

    assert claimed == ["1", "2", "3", "4", "5"]


def test_a_wrong_hint_is_not_trusted(tmp_path):
    for _ in range(20):
        run_dirs.claim_new(tmp_path)
    run_dirs._last_claimed.clear()
    (tmp_path / ".mlxp_fn/last_id").write_text("3\n")

    assert run_dirs.claim_new(tmp_path).name == "21"


@pytest.mark.parametrize("hint", ["", "seven", "-4", "\x00"])
def test_a_broken_hint_is_ignored(tmp_path, hint):
    (tmp_path / "8").mkdir()
    (tmp_path / ".mlxp_fn").mkdir()
    (tmp_path / ".mlxp_fn/last_id").write_text(hint)

    assert run_dirs.claim_new(tmp_path).name == "9"


def test_the_id_of_a_removed_run_is_not_given_again(tmp_path):
    for _ in range(3):
        run_dirs.claim_new(tmp_path)
    (tmp_path / "3").rmdir()
    run_dirs._last_claimed.clear()

    assert run_dirs.claim_new(tmp_path).name == "4"


def test_the_id_of_a_run_in_the_trash_is_not_given_again(tmp_path):
    run_dirs.claim_new(tmp_path)
    (tmp_path / ".mlxp_fn/trash/2").mkdir(parents=True)

    assert run_dirs.claim_new(tmp_path).name == "3"


def test_a_directory_is_listed_once_per_process(tmp_path, monkeypatch):
    (tmp_path / "5").mkdir()
    listings = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listings.append(path) or scandir(path))

    claimed = [run_dirs.claim_new(tmp_path).name for _ in range(10)]

    assert claimed == [str(n) for n in range(6, 16)]
    assert len(listings) <= 1


def test_a_run_is_born_whole(tmp_path):
    run_dir = run_dirs.claim_new(tmp_path)
    assert not run_dirs.is_born(run_dir)

    run_dirs.give_birth(run_dir, {"metadata/run.json": b"{}", "metadata/events/0.jsonl": b""})

    assert run_dirs.is_born(run_dir)
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
