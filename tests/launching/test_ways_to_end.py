"""Every way in which a run can end, for real: what the record, a reader, the exit status and MLXP say of it."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mlxp_fn as mlxp

MAIN = """
import ctypes, os, resource, signal, sys
import mlxp_fn as mlxp

def returns(): return 0.5
def raises(): raise ValueError("lr is too high")
def exits(): sys.exit(3)
def exits_well(): sys.exit()
def is_interrupted(): os.kill(os.getpid(), signal.SIGINT)
def is_terminated(): os.kill(os.getpid(), signal.SIGTERM)
def loses_its_terminal(): os.kill(os.getpid(), signal.SIGHUP)
def leaves_at_once(): os._exit(5)
def is_killed(): os.kill(os.getpid(), signal.SIGKILL)
def crashes_in_c(): ctypes.string_at(0)
def aborts(): os.abort()
def fills_the_memory():
    now = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGESIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + 2**26, resource.RLIM_INFINITY))
    held = []
    while True:
        held.append(bytearray(900))

@mlxp.launch()
def task(ctx):
    return globals()[ctx.config.way]()

task()
"""

WAYS = {
    # the way: recorded, seen by our reader, seen by MLXP's, exit status
    "returns": ("COMPLETE", "COMPLETE", "COMPLETE", 0),
    "raises": ("FAILED", "FAILED", "FAILED", 1),
    "exits": ("FAILED", "FAILED", "FAILED", 1),
    "exits_well": ("COMPLETE", "COMPLETE", "COMPLETE", 0),
    "is_interrupted": ("INTERRUPTED", "INTERRUPTED", "INTERRUPTED", -signal.SIGINT),
    "is_terminated": ("INTERRUPTED", "INTERRUPTED", "INTERRUPTED", -signal.SIGTERM),
    "loses_its_terminal": ("INTERRUPTED", "INTERRUPTED", "INTERRUPTED", -signal.SIGHUP),
    "leaves_at_once": ("RUNNING", "LOST", "RUNNING", 5),
    "is_killed": ("RUNNING", "LOST", "RUNNING", -signal.SIGKILL),
    "crashes_in_c": ("RUNNING", "LOST", "RUNNING", -signal.SIGSEGV),
    "aborts": ("RUNNING", "LOST", "RUNNING", -signal.SIGABRT),
    "fills_the_memory": ("FAILED", "FAILED", "FAILED", 1),
}

ORACLE = os.environ.get("ORACLE_PYTHON", str(Path(__file__).parents[2] / ".venv-oracle/bin/python"))
READ = """
import json, mlxp, sys
frame = mlxp.Reader(sys.argv[1], dst_dir=sys.argv[2]).filter(result_format="pandas")
print(json.dumps(dict(zip(frame["config.way"], frame["info.status"]))))
"""


def usual_surroundings():
    """As a shell in the foreground starts a program, and without files of its memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """The log directory, and the exit status of each run in it."""
    home = tmp_path_factory.mktemp("ended")
    (home / "main.py").write_text(MAIN)
    statuses = {
        way: subprocess.run(
            [sys.executable, "main.py", f"+way={way}"],
            cwd=home,
            preexec_fn=usual_surroundings,
            capture_output=True,
            check=False,
        ).returncode
        for way in WAYS
    }
    return home / "logs", statuses


@pytest.fixture(scope="module")
def rows(ended):
    """What our reader says of each."""
    return {row["config.way"]: row for row in mlxp.runs(ended[0])}


@pytest.fixture(scope="module")
def seen_by_mlxp(ended, tmp_path_factory):
    """What MLXP 1.0.5 says of each."""
    if not os.access(ORACLE, os.X_OK):
        pytest.skip("ORACLE_PYTHON names no interpreter with mlxp 1.0.5")
    command = [ORACLE, "-c", READ, str(ended[0]), str(tmp_path_factory.mktemp("database"))]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


@pytest.mark.parametrize("way", WAYS)
def test_the_record_and_a_reader_say_what_became_of_it(rows, way):
    recorded, seen, _, _ = WAYS[way]

    assert (rows[way]["info.recorded_status"], rows[way]["info.status"]) == (recorded, seen)


@pytest.mark.parametrize("way", WAYS)
def test_the_exit_status_tells_the_truth(ended, way):
    assert ended[1][way] == WAYS[way][3]


@pytest.mark.parametrize("way", WAYS)
def test_mlxp_reads_a_word_for_it(seen_by_mlxp, way):
    assert seen_by_mlxp[way] == WAYS[way][2]


def test_why_it_ended_is_kept(ended, rows):
    events = (ended[0] / "2/metadata/events/1.jsonl").read_text().splitlines()
    error = json.loads(events[-1])["error"]

    assert (rows["raises"]["info.error.type"], rows["raises"]["info.error.message"]) == (
        "ValueError",
        "lr is too high",
    )
    assert 'raise ValueError("lr is too high")' in error["traceback"]
    assert rows["fills_the_memory"]["info.error.type"] == "MemoryError"
    assert rows["is_terminated"]["info.signal"] == "SIGTERM"


def test_what_is_lost_is_launched_again_with_the_failed(ended):
    done = subprocess.run(
        [sys.executable, "main.py", "+way=" + ",".join(WAYS), "--only", "failed", "--dry-run"],
        cwd=ended[0].parent,
        capture_output=True,
        text=True,
        check=True,
    )

    assert sum("+way=" in line for line in done.stdout.splitlines()) == 10


KILLED = """
import os, signal
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    for step in range(ctx.info.attempt):
        ctx.logger.log_metrics({"step": step, "attempt": ctx.info.attempt}, "train")
    if ctx.info.attempt <= 10:
        os.kill(os.getpid(), signal.SIGKILL)

task()
"""


def test_a_run_that_is_killed_and_gone_on_with_ten_times_has_all_its_attempts(tmp_path):
    (tmp_path / "main.py").write_text(KILLED)

    seen = []
    for _ in range(11):
        subprocess.run([sys.executable, "main.py", "+mlxp.logger.forced_log_id=7"], cwd=tmp_path, check=False)
        (row,) = mlxp.runs(tmp_path / "logs")
        seen.append((row["info.attempt"], row["info.status"]))

    starts = [
        json.loads((tmp_path / f"logs/7/metadata/events/{attempt}.jsonl").read_text().splitlines()[0])
        for attempt in range(1, 12)
    ]
    assert seen == [*((attempt, "LOST") for attempt in range(1, 11)), (11, "COMPLETE")]
    assert [start["attempt"] for start in starts] == list(range(1, 12))
    assert sorted(start["at"]["time"] for start in starts) == [start["at"]["time"] for start in starts]
    assert row["info.start"] == starts[-1]["at"]["time"] <= row["info.end"]
    assert (row["train.step"], row["train.attempt"]) == (list(range(11)), [11] * 11)
