"""kill -9 at random moments: what was acknowledged is there, and everything that is there can be read.

A nursery, which has imported the library, forks the processes that are killed. Each launches one run after the
other, which log and checkpoint, and says through a pipe what has returned. It is killed a random while after its
n-th word, with n from none to the last word of its third run, so that every stage is met on machines of any speed;
and some more are killed at once, until one of them has not begun yet, however slow the killer is.
"""

import json
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn import jsonl

NURSERY = """
import os, random, signal, sys, time
from itertools import count
import mlxp_fn as mlxp

place, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

def life(logs, say, runs):
    def task(ctx):
        say("begun", ctx.logger.log_id)
        for n in range(5):
            ctx.logger.log_metrics({"n": n, "text": "x" * 2000}, "count")
            say("line", ctx.logger.log_id, n)
            if n % 2:
                ctx.logger.log_checkpoint({"n": n, "ballast": b"x" * 10_000})
                say("checkpoint", ctx.logger.log_id, n)
    for _ in runs:
        run = mlxp.run(task, {"lr": 0.1}, logs)
        say("ended", run.id)

def one(logs, words, delay):
    out, inn = os.pipe()
    child = os.fork()
    if child == 0:
        life(logs, lambda *words: os.write(inn, (" ".join(map(str, words)) + "\\n").encode()), count())
    os.close(inn)
    said = []
    while b"".join(said).count(b"\\n") < words and (piece := os.read(out, 1 << 16)):
        said.append(piece)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while piece := os.read(out, 1 << 16):
        said.append(piece)
    os.close(out)
    with open(f"{logs}.said", "wb") as file:
        file.write(b"".join(said))
    return b"".join(said)

life(f"{place}/warm", lambda *words: None, range(1))
begin, spoken = time.monotonic(), []
life(f"{place}/warm", lambda *words: spoken.append(words), range(3))
a_word = (time.monotonic() - begin) / len(spoken)
chance = random.Random(seed)
told = []
for number in range(rounds):
    words = max(0, number * (len(spoken) + 4) // rounds - 4)
    told.append(one(f"{place}/{number}", words, chance.random() * a_word))
while all(told):
    told.append(one(f"{place}/{len(told)}", 0, 0))
"""


def acknowledged(logs):
    """What the killed process was told had been done: `{(kind, run): highest number}`."""
    told = {}
    for line in Path(f"{logs}.said").read_text().splitlines():
        kind, run, *number = line.split()
        told[kind, int(run)] = int(number[0]) if number else 0
    return told


@pytest.fixture(scope="module")
def killed(tmp_path_factory, rounds):
    """The log directories of processes killed at random moments."""
    place = tmp_path_factory.mktemp("killed")
    number, seed = rounds(24, 200), random.randrange(10**6)
    print(f"the seed of the moments is {seed}")
    subprocess.run([sys.executable, "-c", NURSERY, place, str(number), str(seed)], check=True)
    return [said.with_suffix("") for said in sorted(place.glob("*.said"))]


def test_processes_were_killed_at_all_stages_of_a_run(killed):
    told = [acknowledged(logs) for logs in killed]

    for kind in ("begun", "line", "checkpoint", "ended"):
        assert any((kind, 1) in each for each in told)
        assert any((kind, 1) not in each for each in told)


def test_every_acknowledged_line_checkpoint_and_end_is_there(killed):
    for logs in killed:
        for (kind, run), number in acknowledged(logs).items():
            run_dir = logs / str(run)
            match kind:
                case "line":
                    rows = jsonl.lines((run_dir / "metrics/count.json").read_bytes())
                    assert [row["n"] for row in rows][: number + 1] == list(range(number + 1)), run_dir
                case "checkpoint":
                    row = next(row for row in mlxp.runs(logs) if row["info.logger.log_id"] == run)
                    found = row["artifact.pickle."]["checkpoint.pkl"].load()
                    assert found["n"] >= number, run_dir
                case "ended":
                    row = next(row for row in mlxp.runs(logs) if row["info.logger.log_id"] == run)
                    assert row["info.status"] == "COMPLETE", run_dir


def test_our_reader_reads_every_run_that_is_left(killed):
    for logs in filter(os.path.isdir, killed):
        born = sorted(int(path.parent.name) for path in logs.glob("*/metadata"))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            frame = mlxp.runs(logs)
            assert [row["info.logger.log_id"] for row in frame] == born
            for row in frame:
                assert [*row.get("count.n", ())] == list(range(len([*row.get("count.n", ())])))


def test_mlxp_reads_every_run_that_is_left(killed, read_by_mlxp):
    answers = read_by_mlxp(*((logs, ["info.status", "count.n"]) for logs in killed))

    for logs, rows in zip(killed, answers, strict=True):
        assert sorted(rows) == sorted(int(path.parent.name) for path in logs.glob("*/metadata"))
        for (kind, run), number in acknowledged(logs).items():
            if kind == "line":
                assert rows[run]["count.n"][: number + 1] == list(range(number + 1))
            if kind == "ended":
                assert rows[run]["info.status"] == "COMPLETE"


def test_a_killed_run_goes_on(killed):
    for logs in filter(os.path.isdir, killed):
        last = max((int(path.name) for path in logs.iterdir() if path.name.isdigit()), default=1)
        torn = logs / str(last) / "metrics/count.json"
        if torn.exists():
            with open(torn, "ab") as file:
                file.write(b'{"n": 1')

        run = mlxp.run(
            lambda ctx: ctx.logger.log_metrics({"n": 99}, "count"),
            {"lr": 0.1},
            logs,
            settings={"logger": {"forced_log_id": last}},
        )

        rows = [json.loads(line) for line in torn.read_bytes().splitlines()]
        assert (run.status, rows[-1]) == ("COMPLETE", {"n": 99})
