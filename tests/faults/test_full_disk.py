"""A disk that is full, a file size limit, a read-only disk: one clear error, and whole files.

The disks are real, mounted in a namespace of their own: permission bits would not stop root.
"""

import json
import os
import re
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn import jsonl


def can_mount():
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    if not shutil.which("unshare"):
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_mounts = pytest.mark.skipif(not can_mount(), reason="nothing can be mounted here (unshare -rm)")

SMALL_DISK = """unshare -rm bash -c '
    mkdir disk && mount -t tmpfs -o size='$1'k none disk || exit 99
    {python} script.py +mlxp.logger.parent_log_dir=disk/logs "$@"; status=$?
    rm -f disk/ballast; cp -a disk left; exit $status' "$@"
"""
"""Runs the script with its logs on a disk of so many KiB, and keeps what it leaves in `left`."""

SCRIPT = """
import sys
import mlxp_fn as mlxp

def fill():
    with open("disk/ballast", "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass

@mlxp.launch()
def task(ctx):
{body}

if {before}:
    fill()
task()
"""


def script(body, before=False):
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return SCRIPT.format(body=lines, before=before)


LEFT = []
"""The log directories that these tests leave: MLXP reads them all in the last one, for it takes long to start."""


def statuses(logs="left/logs"):
    """What our reader reads, which must have nothing to complain of."""
    LEFT.append(Path(logs).absolute())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return {row["info.logger.log_id"]: row["info.status"] for row in mlxp.runs(logs)}


def told_once(done, text):
    """The error was told in one place, without a frame of the library's, and the process says that it failed."""
    assert done.returncode == 1, done.stderr
    assert done.stderr.count(text) == 1, done.stderr
    assert not re.search(r'File ".*/mlxp_fn/', done.stderr), done.stderr
    return True


LOG_UNTIL_FULL = """
for n in range(100_000):
    ctx.logger.log_metrics({"n": n, "text": "x" * 300}, "train")
    with open("acknowledged", "w") as file:
        file.write(str(n))
"""


@needs_mounts
def test_a_task_that_fills_the_disk_fails_and_keeps_every_line(python):
    done = python(script(LOG_UNTIL_FULL), 300, shell=SMALL_DISK)

    assert told_once(done, "cannot write")
    assert "train.json: " in done.stderr
    assert statuses() == {1: "FAILED"}
    content = Path("left/logs/1/metrics/train.json").read_bytes()
    last = int(Path("acknowledged").read_text())
    assert content.endswith(b"}\n")
    assert [json.loads(line)["n"] for line in content.splitlines()] == list(range(last + 1))


@needs_mounts
def test_an_end_is_recorded_without_the_products_that_do_not_fit(python):
    done = python(script("ctx.logger.log_metrics({'x' * 9000: 1}, 'train')\nfill()"), 300, shell=SMALL_DISK)

    assert told_once(done, "cannot write")
    assert statuses() == {1: "COMPLETE"}
    assert mlxp.runs("left/logs")[0][f"train.{'x' * 9000}"] == [1]


@needs_mounts
@pytest.mark.parametrize("end", ["return 'x' * 9000", "raise ValueError('x' * 9000)"])
def test_an_end_that_does_not_fit_is_recorded_in_few_words(python, end):
    done = python(script(f"fill()\n{end}"), 300, shell=SMALL_DISK)

    assert told_once(done, "events/1.jsonl: the disk took")
    assert statuses() == {1: "FAILED"}


@needs_mounts
def test_an_error_of_the_task_is_shown_on_a_full_disk_too(python):
    done = python(script("fill()\nraise ValueError('mine')"), 300, shell=SMALL_DISK)

    assert told_once(done, "ValueError: mine")
    assert done.stderr.count("info.yaml: No space left on device") == 1
    assert statuses() == {1: "FAILED"}


@needs_mounts
def test_a_run_that_cannot_be_born_is_no_run_and_no_harm_to_others(python):
    done = python(script("if ctx.config.n == 2: fill()"), 300, "+n=1,2,3", shell=SMALL_DISK)

    assert told_once(done, "cannot write the metadata of")
    assert "1 of 3 runs failed: 2; 1 of 3 were not begun" in done.stderr
    assert statuses() == {1: "COMPLETE", 2: "COMPLETE"}
    assert os.listdir("left/logs/3") == []


@needs_mounts
def test_the_next_runs_go_on_when_there_is_room_again(python):
    body = """
try:
    if ctx.config.n == 2:
        fill()
        for n in range(100):
            ctx.logger.log_metrics({"n": n, "text": "x" * 3000}, "train")
finally:
    open("disk/ballast", "w").close()
"""

    done = python(script(body), 300, "+n=1,2,3", shell=SMALL_DISK)

    assert told_once(done, "No space left on device")
    assert statuses() == {1: "COMPLETE", 2: "FAILED", 3: "COMPLETE"}


@needs_mounts
@pytest.mark.parametrize("room", range(4, 68, 16))
def test_wherever_a_disk_becomes_full_a_run_is_whole_or_not_there(python, room):
    body = """
for n in range(3):
    ctx.logger.log_metrics({"n": n}, "train")
ctx.logger.log_checkpoint({"weights": [0.5]})
"""

    done = python(script(body), room, shell=SMALL_DISK)

    if done.returncode:
        assert told_once(done, "\nrun 1 failed" if os.path.isdir("left/logs/1/metadata") else "error: ")
        assert set(statuses().values()) <= {"FAILED", "COMPLETE"} if os.path.isdir("left/logs") else True
    else:
        assert statuses() == {1: "COMPLETE"}
    logged = Path("left/logs/1/metrics/train.json")
    lines = logged.read_bytes().splitlines(keepends=True) if logged.exists() else []
    assert lines == [b'{"n":0}\n', b'{"n":1}\n', b'{"n":2}\n'][: len(lines)]


@needs_mounts
def test_a_resumed_run_on_a_full_disk_fails(python):
    resumed = "fill()\nsys.argv.append('+mlxp.logger.forced_log_id=1')\ntask()\n"

    done = python(script("ctx.logger.log_metrics({'n': 1}, 'train')") + resumed, 300, shell=SMALL_DISK)

    assert told_once(done, "No space left on device")
    assert statuses() == {1: "COMPLETE"}


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
"""


def test_a_limit_on_the_size_of_files_is_a_full_disk_too(python):
    done = python(LIMITED + script(LOG_UNTIL_FULL))

    assert told_once(done, "train.json: ")
    assert statuses("logs") == {1: "FAILED"}
    rows = jsonl.lines(Path("logs/1/metrics/train.json").read_bytes())
    assert [row["n"] for row in rows] == list(range(int(Path("acknowledged").read_text()) + 1))


READ_ONLY = """unshare -rm bash -c '
    mkdir -p logs && mount --bind logs logs && {freeze} || exit 99
    {{python}} script.py "$@"' bash "$@"
"""
FREEZE = "mount -o remount,bind,ro logs"


@needs_mounts
def test_a_read_only_log_directory_is_one_clear_error(python):
    done = python(script("pass"), shell=READ_ONLY.format(freeze=FREEZE))

    assert told_once(done, "Read-only file system")
    assert "error: cannot make a run directory in " in done.stderr
    assert os.listdir("logs") == []


@needs_mounts
def test_on_a_read_only_disk_a_run_does_not_go_on_and_the_error_says_why(python):
    mlxp.run(lambda ctx: None, {}, "logs")

    done = python(script("pass"), "+mlxp.logger.forced_log_id=1", shell=READ_ONLY.format(freeze=FREEZE))

    assert told_once(done, "error: cannot begin an attempt of ")
    assert "Read-only file system" in done.stderr
    assert statuses("logs") == {1: "COMPLETE"}


@needs_mounts
def test_a_read_only_log_directory_can_be_read(python):
    mlxp.run(lambda ctx: ctx.logger.log_metrics({"n": 1}, "train"), {}, "logs")
    text = "import mlxp_fn as mlxp\nprint([list(row['train.n']) for row in mlxp.runs('logs')])"

    done = python(text, shell=READ_ONLY.format(freeze=FREEZE))

    assert (done.stdout, done.stderr) == ("[[1]]\n", "")


@needs_mounts
def test_a_disk_that_becomes_read_only_ends_the_run_with_one_error(python):
    body = f"""
import subprocess
ctx.logger.close()
subprocess.run({FREEZE.split()}, check=True)
ctx.logger.log_metrics({{"n": 1}}, "train")
"""

    done = python(script(body), shell=READ_ONLY.format(freeze="true"))

    assert told_once(done, "Read-only file system")
    assert statuses("logs") == {1: "LOST"}


def test_mlxp_reads_what_each_of_these_left(read_by_mlxp):
    theirs = read_by_mlxp(*((logs, ["train.n"]) for logs in LEFT))

    assert any(row for rows in theirs for row in rows.values())
    for logs, rows in zip(LEFT, theirs, strict=True):
        ours = {row["info.logger.log_id"]: list(row.get("train.n", ())) for row in mlxp.runs(logs)}
        # A line whose key did not fit any more was never acknowledged, and MLXP knows nothing of it.
        assert {identity: row.get("train.n", ours[identity]) for identity, row in rows.items()} == ours
