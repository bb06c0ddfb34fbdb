"""What a run depended on is recorded when it begins, and can be asked for."""

from __future__ import annotations

import getpass
import importlib.metadata
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mlxp_fn as mlxp
from mlxp_fn.errors import LogDirError


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def task(ctx):
    pass


def started(run=1, attempt=1):
    lines = Path(f"logs/{run}/metadata/events/{attempt}.jsonl").read_text().splitlines()
    return json.loads(lines[0])


def launched(*arguments, **variables):
    Path("main.py").write_text("import mlxp_fn as mlxp\n@mlxp.launch()\ndef task(ctx): pass\ntask()\n")
    subprocess.run([sys.executable, "main.py", *arguments], check=True, env={**os.environ, **variables})


def test_a_script_records_its_command_user_python_and_repository():
    subprocess.run(["git", "init", "-q", "-b", "trunk"], check=True)
    launched("+seed=3", "+name=a b")

    row = mlxp.runs("logs")[0]

    assert shlex.split(row["info.command"])[1:] == ["main.py", "+seed=3", "+name=a b"]
    assert (row["info.user"], row["info.seed"]) == (getpass.getuser(), 3)
    assert (row["info.python"], row["info.cpus"]) == (sys.version.split()[0], len(os.sched_getaffinity(0)))
    assert (row["info.git.branch"], row["info.git.commit"], row["info.git.dirty"]) == ("trunk", None, False)
    assert (row["info.hostname"], row["info.executable"]) == (os.uname().nodename, sys.executable)


def test_packages_and_hardware_are_stored_once_for_many_runs():
    mlxp.run(task, mlxp.sweep({}, {"n": range(5)}))
    mlxp.run(task, {})

    found = mlxp.environment_of("logs/3")

    assert len(os.listdir("logs/.mlxp_fn/contents")) == 2
    assert set(mlxp.runs("logs")["info.packages"]) == {started()["environment"]["packages"]}
    assert found["packages"]["attrs"] == importlib.metadata.version("attrs")
    assert found["hardware"]["cpu_count"] == os.cpu_count()


def test_secrets_are_masked_in_command_overrides_and_variables():
    variables = {"MY_TOKEN": "tttttttt", "DATA": "https://me:uuuuuuuu@host/x", "DSN": "dddddddd"}
    settings = ("+mlxp.environment_variables=[MY_TOKEN,DATA,DSN,ABSENT]", "+mlxp.mask=[dsn]")
    launched("+db.password=pppppppp", "+lr=1", *settings, **variables)

    record = Path("logs/1/metadata/run.json").read_text()
    events = Path("logs/1/metadata/events/1.jsonl").read_text()
    info = Path("logs/1/metadata/info.yaml").read_text()

    assert json.loads(record)["overrides"][:2] == ["+db.password=***", "+lr=1"]
    assert started()["environment"]["variables"] == {"MY_TOKEN": "***", "DATA": "https://***@host/x", "DSN": "***"}
    assert not [secret for secret in ("tttttttt", "uuuuuuuu", "dddddddd") if secret in record + events + info]
    assert "pppppppp" not in events + info
    # The config is the task's own and keeps what it was given.
    assert yaml.safe_load(Path("logs/1/metadata/config.yaml").read_text())["db"]["password"] == "pppppppp"


def test_a_scheduler_s_job_is_recorded_under_mlxp_s_name():
    launched(SLURM_JOB_ID="42", SLURMD_NODENAME="n7")

    info = yaml.safe_load(Path("logs/1/metadata/info.yaml").read_text())

    assert info["scheduler"] == {"name": "slurm", "node": "n7", "scheduler_job_id": "42"}
    assert mlxp.runs("logs")["info.scheduler.scheduler_job_id"] == ["42"]


def test_each_attempt_has_its_own_environment():
    launched(OMP_NUM_THREADS="1")
    launched("+mlxp.logger.forced_log_id=1", OMP_NUM_THREADS="2")

    threads = [mlxp.environment_of("logs/1", attempt)["variables"]["OMP_NUM_THREADS"] for attempt in (1, 2, None)]

    assert threads == ["1", "2", "2"]
    assert mlxp.runs("logs")["info.variables.OMP_NUM_THREADS"] == ["2"]


def test_an_unlogged_run_gathers_nothing():
    run = mlxp.run(lambda ctx: ctx.info.environment, {}, settings={"use_logger": False})

    assert (run.result, os.listdir()) == (None, [])


@pytest.mark.parametrize("damage", [b"{}\n", b"", None])
def test_missing_or_damaged_contents_are_named_and_the_rest_is_read(damage):
    mlxp.run(task, {})
    stored = Path(f"logs/.mlxp_fn/contents/{started()['environment']['packages']}.json")
    stored.unlink() if damage is None else stored.write_bytes(damage)

    with pytest.warns(UserWarning, match=stored.name):
        found = mlxp.environment_of("logs/1")

    assert (found["packages"], found["hardware"]["cpu_count"]) == (None, os.cpu_count())
    assert mlxp.runs("logs")["info.status"] == ["COMPLETE"]


def test_damaged_contents_are_mended_by_the_next_run():
    mlxp.run(task, {})
    stored = Path(f"logs/.mlxp_fn/contents/{started()['environment']['packages']}.json")
    whole = stored.read_bytes()
    stored.write_bytes(whole[:10])

    mlxp.run(task, {})

    assert stored.read_bytes() == whole


def test_a_record_that_names_another_file_is_not_followed():
    mlxp.run(task, {})
    events = Path("logs/1/metadata/events/1.jsonl")
    events.write_text(events.read_text().replace(started()["environment"]["packages"], "../../../secret"))

    with pytest.warns(UserWarning, match=r"'\.\./\.\./\.\./secret' is no SHA-256"):
        found = mlxp.environment_of("logs/1")

    assert found["packages"] is None


def test_a_record_cannot_pass_for_a_status():
    mlxp.run(task, {})
    events = Path("logs/1/metadata/events/1.jsonl")
    events.write_text(events.read_text().replace('"environment":{', '"environment":{"status":"FAILED",', 1))

    row = mlxp.runs("logs")[0]

    assert row["info.status"] == "COMPLETE"


def test_processes_that_store_the_same_at_once_leave_it_whole():
    script = (
        "import sys, mlxp_fn as mlxp\nfor _ in range(5): mlxp.run(lambda ctx: None, {}, parent_log_dir='logs')\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]

    contents = os.listdir("logs/.mlxp_fn/contents")

    assert len(contents) == 2
    assert mlxp.environment_of("logs/20")["packages"]


def test_a_run_without_attempts_has_no_environment():
    mlxp.run(task, {})

    with pytest.raises(LogDirError, match="has no attempt 2"):
        mlxp.environment_of("logs/1", 2)
