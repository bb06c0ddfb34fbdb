"""A command line that submits itself, as MLXP's `use_scheduler: true` asks; the scheduler is a stand-in."""

import json
import subprocess
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from tests.schedulers.project import configs, run_ids, until, words, write_project

BLOCK = """
use_scheduler: {use_scheduler}
scheduler:
  name: {name}
  shell_path: /bin/bash
  shell_config_cmd: ''
  env_cmd: [export FROM_THE_BLOCK=yes]
  cleanup_cmd: echo all was told
  option_cmd: ['-l walltime=1:00:00', '-N mine']
"""


@pytest.fixture(autouse=True)
def scheduler(tmp_path, monkeypatch, stand_in):
    write_project(tmp_path / "my project")
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "my project")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return stand_in("torque")


def settings(use_scheduler="true", name="PBSScheduler"):
    Path("configs/mlxp.yaml").write_text(BLOCK.format(use_scheduler=use_scheduler, name=name))


def called(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def jobs(state):
    return json.loads((state / "jobs.json").read_text()) if (state / "jobs.json").exists() else {}


def test_each_run_of_a_sweep_is_a_job_that_is_as_the_block_says_and_submits_nothing(scheduler):
    settings()

    done = called("python", "main.py", "seed=1,2")

    assert done.returncode == 0, done.stderr
    told = [line.split() for line in done.stdout.splitlines()]
    assert [(line[0], line[-1]) for line in told] == [("1", "seed=1"), ("2", "seed=2")]
    assert "has no effect" not in done.stderr
    until(lambda: list(mlxp.runs("logs")["info.status"]) == ["COMPLETE", "COMPLETE"])
    assert [config["seed"] for config in configs()] == [1, 2]
    assert (run_ids(), len(jobs(scheduler))) == ([1, 2], 2)
    assert words(1)[:4] == ["created", "submitting", "submitted", "started"]
    script = Path("logs/1/script.sh").read_text().splitlines()
    assert script[0] == "#!/bin/bash"
    assert {"#PBS -l walltime=1:00:00", "export FROM_THE_BLOCK=yes", "echo all was told"} <= set(script)
    until(lambda: "all was told\n" in Path("logs/1/log.stdout").read_text())


def test_the_command_line_can_ask_for_it_and_the_job_is_not_told_to():
    settings(use_scheduler="false")

    done = called("python", "main.py", "seed=3", "+mlxp.use_scheduler=true")

    assert done.returncode == 0, done.stderr
    assert "use_scheduler" not in Path("logs/1/script.sh").read_text()
    until(lambda: list(mlxp.runs("logs")["info.status"]) == ["COMPLETE"])
    assert [config["seed"] for config in configs()] == [3]


def test_inside_a_job_it_runs_there(scheduler, monkeypatch):
    settings()
    monkeypatch.setenv("SLURM_JOB_ID", "99")

    done = called("python", "main.py", "seed=1,2")

    assert done.returncode == 0, done.stderr
    assert [config["seed"] for config in configs()] == [1, 2]
    assert jobs(scheduler) == {}


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("NoScheduler", "write `scheduler: {name: slurm}` into mlxp.yaml, there are slurm, oar, sge, torque,"),
        ("nosuch", "there is no scheduler 'nosuch'; there are slurm, oar, sge, torque,"),
    ],
)
def test_a_scheduler_that_is_not_named_or_not_known_is_asked_for(name, advice):
    settings(name=name)

    done = called("python", "main.py")

    assert (done.returncode, run_ids()) == (1, [])
    assert advice in done.stderr


def test_of_several_processes_launched_as_one_the_others_submit_nothing(monkeypatch):
    settings()
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")

    done = called("python", "main.py")

    assert (done.returncode, done.stdout, done.stderr, run_ids()) == (0, "", "", [])


def test_a_sweep_is_submitted_whole_or_run_here():
    settings(use_scheduler="false")

    done = called("python", "main.py", "+mlxp.use_scheduler=true,false")

    assert (done.returncode, run_ids()) == (1, [])
    assert "use_scheduler cannot vary" in done.stderr


def test_a_refusal_is_told_with_status_1_and_nobody_is_asked_where_nobody_is(tmp_path):
    settings()
    real = (tmp_path / "bin/qsub").rename(tmp_path / "bin/qsub.real")
    refusing = f"[ \"$1\" != --version ] || exec '{real}' --version\necho the server is away >&2\nexit 1\n"
    (tmp_path / "bin/qsub").write_text(f"#!/bin/sh\n{refusing}")
    (tmp_path / "bin/qsub").chmod(0o755)

    done = called("python", "main.py", "seed=range(101)")

    assert (done.returncode, words(1)[-1]) == (1, "unsubmitted")
    assert "101 of 101 were not submitted: qsub refused (status 1): the server is away" in done.stderr


def test_launches_from_python_say_what_would_submit():
    with pytest.raises(mlxp.errors.LaunchError, match="submits what a script's command line launches"):
        mlxp.run(print, {"seed": 1}, settings={"use_scheduler": True, "scheduler": {"name": "slurm"}})
