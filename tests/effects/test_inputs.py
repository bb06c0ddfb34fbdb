"""Data that runs read: known by its content, not read twice, and told apart from what it has become."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import mlxp_fn as mlxp
from mlxp_fn.cli.mlxp import main
from mlxp_fn.effects import inputs
from mlxp_fn.effects.inputs import changed_inputs, fingerprint
from mlxp_fn.errors import InputError

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""The SHA-256 of `abc`, from FIPS 180."""

BY_HAND = r"find -L . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum -z | sha256sum"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def _at_rest(monkeypatch):
    """Take files that were written just now for ones that were written long ago."""
    monkeypatch.setattr(inputs, "_SETTLED", 0)


def old(path, content):
    """A file whose content was written long ago, as `cp -p` would have it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


def tree():
    old("data/b.txt", "b")
    old("data/a/c.txt", "c")
    old("data/a.txt", "a")
    old("data/.hidden", "")
    old(b"data/\xff odd\nname".decode(errors="surrogateescape"), "odd")
    old("elsewhere/linked.txt", "linked")
    os.symlink("../elsewhere", "data/link")
    os.symlink("../elsewhere/linked.txt", "data/file link")
    os.mkdir("data/empty")


def by_hand(folder):
    done = subprocess.run(BY_HAND, shell=True, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


def test_a_file_is_known_by_its_sha256():
    old("file", "abc")
    os.symlink("file", "link")

    assert (fingerprint("file").size, fingerprint("file").sha256, fingerprint("file").files) == (3, ABC, None)
    assert fingerprint("link").sha256 == ABC


def test_a_tree_has_the_digest_that_coreutils_give_it():
    tree()

    found = fingerprint("data")

    assert (found.sha256, found.files, found.size) == (by_hand("data"), 7, 3 + 3 + 2 * 6)


@pytest.mark.usefixtures("_at_rest")
def test_what_has_not_changed_is_not_read_again(monkeypatch):
    tree()
    first = fingerprint("data")
    old("data/b.txt", "B")
    read = []
    monkeypatch.setattr(inputs.hashlib, "file_digest", _noting(read, inputs.hashlib.file_digest))

    second, third = fingerprint("data"), fingerprint("data")

    assert read == [f"{os.getcwd()}/data/b.txt"]
    assert second == third != first
    assert second.sha256 == by_hand("data")


def _noting(read, digest):
    def noting(file, kind):
        read.append(file.name)
        return digest(file, kind)

    return noting


@pytest.mark.usefixtures("_at_rest")
def test_a_file_of_the_same_size_and_a_forged_time_is_noticed():
    old("file", "abc")
    first = fingerprint("file").sha256
    time.sleep(0.02)  # more than a tick of the file system's clock
    old("file", "xyz")

    assert (first, fingerprint("file").sha256 == ABC) == (ABC, False)


def test_a_file_written_a_moment_ago_is_read_again(tmp_path):
    old("file", "abc")

    fingerprint("file")

    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("_at_rest")
@pytest.mark.parametrize("damage", ["[1]", "{", '{"": [1]}', ""])
def test_a_damaged_cache_is_read_anew(damage, tmp_path):
    old("file", "abc")
    fingerprint("file")
    (cached,) = (tmp_path / "cache/mlxp_fn/inputs").iterdir()
    cached.write_text(damage)

    assert fingerprint("file").sha256 == ABC


def fifo():
    os.mkfifo("data")


def circle():
    os.mkdir("data")
    os.symlink("../data", "data/again")


def broken():
    os.mkdir("data")
    os.symlink("nowhere", "data/link")


def pipe_inside():
    os.mkdir("data")
    os.mkfifo("data/pipe")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: None, "the input .*/data cannot be read: No such file"),
        (fifo, "the input .*/data is neither a file nor a directory"),
        (pipe_inside, "the input .*/data/pipe is neither a file nor a directory"),
        (circle, "the input .*/data/again is a link to a directory that it lies in"),
        (broken, "the input .*/data/link cannot be read: No such file"),
    ],
)
def test_what_cannot_be_an_input_is_named(make, message):
    make()

    with pytest.raises(InputError, match=message):
        fingerprint("data")


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named():
    old("data/secret", "x").chmod(0)

    with pytest.raises(InputError, match="data/secret cannot be read: Permission denied"):
        fingerprint("data")


def test_a_file_that_grows_while_it_is_read_is_refused(monkeypatch):
    old("data/file", "abc")

    def growing(file, kind):
        with open("data/file", "a") as other:
            other.write("d")
        return original(file, kind)

    original = inputs.hashlib.file_digest
    monkeypatch.setattr(inputs.hashlib, "file_digest", growing)

    with pytest.raises(InputError, match="data/file changed while it was read"):
        fingerprint("data")


def test_a_tree_that_gets_a_file_while_it_is_read_is_refused(monkeypatch):
    old("data/file", "abc")

    def adding(file, kind):
        Path("data/another").touch()
        return original(file, kind)

    original = inputs.hashlib.file_digest
    monkeypatch.setattr(inputs.hashlib, "file_digest", adding)

    with pytest.raises(InputError, match="data changed while it was read"):
        fingerprint("data")


def test_a_large_file_is_not_held_in_memory():
    with open("large", "wb") as file:
        file.truncate(1 << 28)
    script = (
        "from mlxp_fn.effects.inputs import fingerprint; fingerprint('large');"
        # Not `ru_maxrss`: that begins with what the process that started this one had.
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert int(done.stdout) < 150_000


def test_inputs_are_a_column_and_the_latest_of_a_path_counts():
    def task(ctx):
        first = ctx.logger.log_input("data/a.txt")
        old("data/a.txt", "A longer one")
        return [first, ctx.logger.log_input("data/a.txt"), ctx.logger.log_input(Path("data"))]

    tree()
    os.symlink("data", "shortcut")
    run = mlxp.run(task, {})

    (file, folder) = mlxp.runs("logs")["info.inputs"][0]

    assert file == {
        "path": f"{os.getcwd()}/data/a.txt",
        "resolved": f"{os.getcwd()}/data/a.txt",
        "size": 12,
        "sha256": run.result[1],
    }
    assert (folder["files"], folder["sha256"]) == (7, run.result[2])
    assert run.result[0] != run.result[1]


def test_inputs_of_all_attempts_stay():
    for name in "ab":
        old(name, name)
        mlxp.run(lambda ctx, name=name: ctx.logger.log_input(name), {}, settings={"logger": {"forced_log_id": 1}})

    assert [Path(one["path"]).name for one in mlxp.runs("logs")["info.inputs"][0]] == ["a", "b"]


def test_inputs_survive_in_the_index():
    old("file", "abc")
    mlxp.run(lambda ctx: ctx.logger.log_input("file") and None, mlxp.sweep({}, {"n": range(40)}))

    before, after = mlxp.runs("logs")["info.inputs"], mlxp.runs("logs")["info.inputs"]

    assert after == before
    assert {one[0]["sha256"] for one in after} == {ABC}


def test_threads_may_log_inputs_at_once():
    for number in range(20):
        old(f"data/{number}", str(number))

    def task(ctx):
        threads = [threading.Thread(target=ctx.logger.log_input, args=(f"data/{number}",)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    mlxp.run(task, {})

    assert len(mlxp.runs("logs")["info.inputs"][0]) == 20


def test_changed_inputs_are_named_with_what_is_wrong():
    for name in ("same", "changed", "gone"):
        old(f"data/{name}", name)

    def task(ctx):
        for name in ("same", "changed", "gone"):
            ctx.logger.log_input(f"data/{name}")

    mlxp.run(task, {})
    before = changed_inputs("logs/1")
    old("data/changed", "another")
    os.unlink("data/gone")

    changed, gone = changed_inputs("logs/1")

    assert before == ()
    assert (Path(changed.path).name, changed.problem) == ("changed", "its content is another")
    assert (changed.now, gone.now) == (fingerprint("data/changed").sha256, None)
    assert gone.problem.endswith("data/gone cannot be read: No such file or directory")


def test_an_input_that_was_only_touched_is_the_same():
    old("file", "abc")
    mlxp.run(lambda ctx: ctx.logger.log_input("file"), {})
    os.utime("file")

    assert changed_inputs("logs/1") == ()


def test_the_event_says_which_file_a_link_led_to():
    old("v1", "abc")
    os.symlink("v1", "current")

    mlxp.run(lambda ctx: ctx.logger.log_input("current"), {})
    lines = Path("logs/1/metadata/events/1.jsonl").read_text().splitlines()
    (event,) = (event for event in map(json.loads, lines) if event["event"] == "input")

    assert (event["path"], event["resolved"]) == (f"{os.getcwd()}/current", f"{os.getcwd()}/v1")


def test_a_worker_process_logs_inputs_into_the_history_of_the_run():
    old("file", "abc")

    def task(ctx):
        logger = pickle.loads(pickle.dumps(ctx.logger))
        logger.log_input("file")

    mlxp.run(task, {})

    assert [one["sha256"] for one in mlxp.runs("logs")["info.inputs"][0]] == [ABC]


def test_the_run_that_is_returned_knows_its_inputs():
    old("file", "abc")

    run = mlxp.run(lambda ctx: ctx.logger.log_input("file"), {})

    assert [one.sha256 for one in run.info.inputs] == [ABC]


def test_the_doctor_tells_the_inputs_that_have_changed():
    old("same", "same")
    old("data/file", "abc")
    for name in ("same", "data", "data/file"):
        mlxp.run(lambda ctx, name=name: ctx.logger.log_input(name), {})
    unchanged = CliRunner().invoke(main, ["doctor", "--inputs"])
    os.unlink("data/file")

    changed = CliRunner().invoke(main, ["doctor", "--inputs", "--json"])
    silent = CliRunner().invoke(main, ["doctor"])

    assert (unchanged.output, unchanged.exit_code) == (
        "no run in logs is LOST or STALE, and no input of one has changed\n", 0,
    )  # fmt: skip
    data, file = json.loads(changed.output)
    assert (data["run"], data["finding"], data["path"]) == (2, "changed input", f"{os.getcwd()}/data")
    # The digest of no files at all is that of an empty text.
    assert (data["now"], data["problem"]) == ("e3b0c44298fc", "its content is another")
    assert (file["run"], file["was"], file["now"]) == (3, ABC[:12], "unreadable")
    assert (changed.exit_code, silent.exit_code) == (1, 0)
