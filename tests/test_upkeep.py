"""Naming, tagging and settling runs from outside."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn.errors import InvalidKeyError, LogDirError, RunBusyError

MLXP = Path(sys.executable).parent / "mlxp"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def called(row):
    return row.get("info.name"), row.get("info.tags"), row.get("info.notes")


def command(*arguments):
    return subprocess.run([MLXP, *arguments], capture_output=True, text=True, check=False)


def go_on(task, **settings):
    return mlxp.run(task, {"seed": 1}, settings={"logger": {"forced_log_id": 1}, **settings})


def test_settings_name_a_run_from_its_birth():
    run = mlxp.run(lambda ctx: ctx.info.name, {}, settings={"name": "first", "tags": ["a", "b"], "notes": "try"})

    words = [json.loads(line)["event"] for line in open("logs/1/metadata/events/0.jsonl")]
    assert (run.result, run.info.tags, words) == ("first", ("a", "b"), ["created", "described"])
    assert called(mlxp.runs()[0]) == ("first", ["a", "b"], "try")


def test_a_command_line_names_a_run():
    Path("main.py").write_text("import mlxp_fn as mlxp\n@mlxp.launch()\ndef task(ctx): pass\ntask()\n")

    subprocess.run([sys.executable, "main.py", "+mlxp.name=first", "+mlxp.tags=[a,b]"], check=True)

    assert called(mlxp.runs()[0]) == ("first", ["a", "b"], None)


def test_a_task_names_its_run():
    def task(ctx):
        ctx.logger.describe(name="wide", tags=["baseline"])
        ctx.logger.describe(tags=["final"], notes="diverged at 3")

    run = mlxp.run(task, {}, settings={"name": "first", "tags": ["a"]})

    assert (run.info.name, run.info.tags, run.info.notes) == ("wide", ("a", "baseline", "final"), "diverged at 3")


def test_runs_are_found_by_their_tags():
    for tags in (["baseline"], ["baseline", "final"], []):
        mlxp.run(lambda ctx: None, {}, settings={"tags": tags})

    found = mlxp.Reader("logs").filter("'baseline' in info.tags & ~('final' in info.tags)")

    assert found[:]["info.logger.log_id"] == [1]


def test_threads_of_a_task_may_describe_at_once():
    def task(ctx):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: ctx.logger.describe(tags=[str(n)]), range(40)))

    run = mlxp.run(task, {})

    assert sorted(map(int, run.info.tags)) == list(range(40))
    assert sorted(map(int, mlxp.runs()[0]["info.tags"])) == list(range(40))


def test_a_logger_without_a_task_says_how_else():
    run = mlxp.run(lambda ctx: ctx.logger, {})

    with pytest.raises(mlxp.MlxpError, match="run 1 is not being executed here; describe it with mlxp_fn.tag"):
        run.result.describe(name="late")


def test_what_is_said_by_hand_stands_above_what_later_attempts_say():
    def task(ctx):
        ctx.logger.describe(name="by the task", tags=["baseline", "wide"])

    mlxp.run(task, {"seed": 1})
    mlxp.tag("logs/1", add=["good"], remove=["baseline"], name="by hand")
    again = go_on(task, tags=["again"], notes="resumed")

    assert (again.info.name, again.info.tags, again.info.notes) == (
        "by hand",
        ("wide", "again", "good"),
        "resumed",
    )
    assert called(mlxp.runs()[0]) == ("by hand", ["wide", "again", "good"], "resumed")


def test_an_empty_text_takes_a_name_away():
    mlxp.run(lambda ctx: None, {}, settings={"name": "first"})

    assert mlxp.tag("logs/1", name="").name is None


@pytest.mark.parametrize("wrong", [{"add": "baseline"}, {"add": [""]}, {"remove": [3]}, {"name": 3}])
def test_what_is_no_tag_is_refused_and_nothing_written(wrong):
    mlxp.run(lambda ctx: None, {})
    before = Path("logs/1/metadata/events/0.jsonl").read_bytes()

    with pytest.raises(InvalidKeyError):
        mlxp.tag("logs/1", **wrong)

    assert Path("logs/1/metadata/events/0.jsonl").read_bytes() == before


def test_many_may_tag_a_run_at_once():
    mlxp.run(lambda ctx: None, {})
    code = "import sys, mlxp_fn as mlxp\nfor n in range(20): mlxp.tag('logs/1', add=[f'{sys.argv[1]}-{n}'])"

    taggers = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(4)]

    assert [tagger.wait() for tagger in taggers] == [0] * 4
    assert len(mlxp.runs()[0]["info.tags"]) == 80


def test_a_torn_line_swallows_no_tag():
    mlxp.run(lambda ctx: None, {})
    with open("logs/1/metadata/events/0.jsonl", "ab") as file:
        file.write(b'{"event":"descr')

    mlxp.tag("logs/1", add=["baseline"])

    assert mlxp.runs()[0]["info.tags"] == ["baseline"]


def test_what_is_no_run_cannot_be_tagged():
    with pytest.raises(LogDirError, match="no run of mlxp_fn"):
        mlxp.tag("logs/1", add=["baseline"])


def test_the_command_tags_and_shows():
    mlxp.run(lambda ctx: None, {})

    tagged = command("tag", "logs/1", "--add", "a", "--add", "b", "--remove", "a", "--name", "first")
    shown = command("tag", "logs/1")

    assert tagged.stdout == shown.stdout == "name:  first\ntags:  b\nnotes: -\n"
    assert command("tag", "2", "--add", "a").returncode == 1


def test_the_command_tags_many():
    for seed in (1, 2, 3):
        mlxp.run(lambda ctx: None, {"seed": seed})

    tagged = command("tag", "-q", "config.seed > 1", "--add", "late")

    assert tagged.stdout.startswith("run 2\nname:  -\ntags:  late\nnotes: -\nrun 3\n")
    assert mlxp.runs()["info.tags"] == [None, ["late"], ["late"]]


KILLED = "import os, mlxp_fn as mlxp\nmlxp.run(lambda ctx: os.kill(os.getpid(), 9), {'seed': 1}, 'logs')"


def lose_a_run():
    assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == -signal.SIGKILL


def make_stale(run=1):
    events = Path(f"logs/{run}/metadata/events/1.jsonl")
    line = json.loads(events.read_text())
    begun = {"time": "1969-12-31T23:00:00.000000Z", "local": "31/12/1969 23:00:00"}
    there = {"at": begun, "hostname": "elsewhere", "boot_id": "another"}
    events.write_text(json.dumps({**line, **there}) + "\n")
    os.utime(events, (0, 0))


def status(run=1):
    return {row["info.logger.log_id"]: row["info.status"] for row in mlxp.runs()}[run]


def test_the_doctor_lists_what_is_lost_and_stale_and_changes_nothing():
    mlxp.run(lambda ctx: None, {})
    for _ in range(2):
        lose_a_run()
    make_stale(3)

    found = mlxp.doubtful_runs("logs")
    done = command("doctor")

    assert [(each.run_dir.name, each.status.value) for each in found] == [("2", "LOST"), ("3", "STALE")]
    assert found[1].last_seen.time == "1970-01-01T00:00:00.000000Z"
    heading, first, second = done.stdout.splitlines()
    assert heading.split()[:7] == ["run", "finding", "attempt", "since", "process", "host", "last"]
    assert first.split()[:3] == ["2", "LOST", "1"]
    assert second.split()[-3] == "elsewhere"
    assert done.returncode == 1
    assert (status(2), status(3)) == ("LOST", "STALE")


def test_the_doctor_settles_what_is_lost_and_only_on_demand_what_is_stale():
    for _ in range(2):
        lose_a_run()
    make_stale(2)

    first = command("doctor", "logs", "--settle")
    after_first = status(1), status(2)
    second = command("doctor", "logs", "--stale", "2")

    assert (first.stderr, second.stderr) == ("settled: 1\n", "settled: 2\n")
    assert (first.returncode, second.returncode) == (1, 0)
    assert (after_first, (status(1), status(2))) == (("INTERRUPTED", "STALE"), ("INTERRUPTED", "INTERRUPTED"))
    assert command("doctor").stderr == "no run in logs is LOST or STALE\n"


def test_a_settled_run_ends_with_its_last_sign_of_life():
    lose_a_run()
    make_stale()

    info = mlxp.settle("logs/1", stale=True)

    assert (info.status, info.end.time) == ("INTERRUPTED", "1970-01-01T00:00:00.000000Z")
    (row,) = mlxp.runs()
    assert row["info.recorded_status"] == "INTERRUPTED"
    assert "\n  settled    20" in command("show", "1").stdout
    assert "its process was gone" in mlxp.report(mlxp.runs(), "report.html").path.read_text()


def test_a_settled_run_does_not_end_before_it_began():
    lose_a_run()
    os.utime("logs/1/metadata/events/1.jsonl", (0, 0))

    info = mlxp.settle("logs/1")

    assert info.end == info.start


def test_a_stale_run_needs_somebody_who_knows():
    lose_a_run()
    make_stale()

    with pytest.raises(RunBusyError, match="may live on elsewhere, which cannot be asked"):
        mlxp.settle("logs/1")


def test_there_is_nothing_to_settle_of_a_run_that_ended():
    mlxp.run(lambda ctx: None, {})

    with pytest.raises(RunBusyError, match="run 1 in .* is COMPLETE; there is nothing to settle"):
        mlxp.settle("logs/1")


def test_doctors_that_come_at_once_do_no_harm():
    lose_a_run()

    doctors = [subprocess.Popen([MLXP, "doctor", "--settle"], stdout=subprocess.DEVNULL) for _ in range(3)]
    for doctor in doctors:
        doctor.wait()

    assert status() == "INTERRUPTED"
    assert go_on(lambda ctx: None).info.attempt == 2


def test_a_settled_stale_run_goes_on_and_one_that_wakes_up_keeps_its_own_end():
    for _ in range(2):
        lose_a_run()
    for run in (1, 2):
        make_stale(run)
        mlxp.settle(f"logs/{run}", stale=True)

    resumed = go_on(lambda ctx: None)
    with open("logs/2/metadata/events/1.jsonl", "a") as file:
        file.write('{"event":"completed","at":{"time":"2026-11-23T10:00:00.000000Z","local":""},"result":7}\n')

    assert (resumed.status, resumed.info.attempt) == ("COMPLETE", 2)
    assert status(2) == "COMPLETE"


def test_a_run_that_cannot_be_read_is_named_and_the_others_are_listed():
    for _ in range(2):
        lose_a_run()
    Path("logs/1/metadata/events/1.jsonl").write_text('{"event":"started"}\n')

    with pytest.warns(UserWarning, match=r"events/1\.jsonl is damaged"):
        found = mlxp.doubtful_runs("logs")

    assert [each.run_dir.name for each in found] == ["2"]


def test_runs_and_rows_stand_for_their_directories(tmp_path):
    run = mlxp.run(lambda ctx: None, {"seed": 1}, tmp_path / "logs")
    (row,) = mlxp.runs(tmp_path / "logs")

    mlxp.tag(run, add=["of the run"])
    mlxp.tag(row, add=["of the row"])

    (row,) = mlxp.runs(tmp_path / "logs")
    assert row["info.tags"] == ["of the run", "of the row"]


def test_a_run_without_a_directory_says_so(tmp_path):
    run = mlxp.run(lambda ctx: None, {"seed": 1}, tmp_path / "logs", settings={"use_logger": False})

    with pytest.raises(LogDirError, match="this run was not logged"):
        mlxp.tag(run, add=["nowhere"])
