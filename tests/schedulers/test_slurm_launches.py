"""What a real Slurm is asked for, how launches may be written, and what a job inherits."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn.effects.environment import SUBMISSION
from tests.schedulers.project import (
    MAIN,
    configs,
    events,
    in_front,
    mlxp_command,
    mlxpsub,
    run_ids,
    until,
    words,
    write_project,
)

pytestmark = pytest.mark.usefixtures("cluster")

HEADER = "#!/bin/bash\n#SBATCH --ntasks=1\n"


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch, cluster):
    write_project(tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    yield
    subprocess.run(["scancel", "--me"], check=False)


def submitted(script, *options, header=HEADER):
    """The ids of the jobs."""
    done = mlxpsub(script, *options, header=header)
    assert done.returncode == 0, done.stderr
    return [line.split()[0] for line in done.stdout.splitlines()]


def queue(form):
    command = ["squeue", "--noheader", "--me", "--array", f"--format={form}"]
    return sorted(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())


def no_jobs():
    return not queue("%i")


def statuses():
    return list(mlxp.runs("logs")["info.status"])


def test_launches_may_be_written_behind_srun_env_and_assignments():
    Path("main.py").write_text(MAIN.replace('"seen")', '"seen"); print("A is", os.getenv("A"), os.getenv("B"))'))
    submitted("""
        A='1 $x' B=2 python main.py seed=1
        env -u B A=3 python main.py seed=2
        srun --ntasks=1 env A=4 python3 -u main.py seed=3
        B=5 srun env A=5 python main.py seed=4 2>&1 | tee said.txt
        """)

    until(no_jobs)
    assert [config["seed"] for config in configs()] == [1, 2, 3, 4]
    said = [Path(f"logs/{run}/log.stdout").read_text() for run in run_ids()]
    assert said == ["A is 1 $x 2\n", "A is 3 None\n", "A is 4 None\n", "A is 5 5\n"]
    assert Path("said.txt").read_text() == "A is 5 5\n"


@pytest.mark.skipif(shutil.which("uv", path=Path(sys.executable).parent) is None, reason="there is no uv here")
@pytest.mark.parametrize("launch", ["uv run --no-project python main.py", "uv run --no-project main.py"])
def test_uv_runs_launches_here_and_in_the_job(launch, monkeypatch):
    for name, value in (("VIRTUAL_ENV", sys.prefix), ("UV_OFFLINE", "1"), ("UV_PYTHON_DOWNLOADS", "never")):
        monkeypatch.setenv(name, value)
    submitted(f"{launch} seed=1,2 text=\"'a b'\"\n")

    until(no_jobs)
    assert [(config["seed"], config["text"]) for config in configs()] == [(1, "a b"), (2, "a b")]
    assert f"exec {launch} seed=2 " in Path("logs/2/script.sh").read_text()


def test_the_settings_alone_say_which_scheduler_it_is():
    ours = "{name: ours, like: slurm, submit: [sbatch, --parsable, --comment=ours]}"
    Path("configs/mlxp.yaml").write_text(f"scheduler: {ours}\n")

    jobs = submitted("python main.py seed=1,2\n", "--hold", header="#!/bin/bash\n")

    assert queue("%i %k") == sorted(f"{job} ours" for job in jobs)
    assert events(1)[-1]["scheduler"] == "ours"
    listed = mlxp_command("ls", "--columns", "job,state").stdout.splitlines()[1:]
    assert [line.split() for line in listed] == [[job, "held"] for job in jobs]


def test_a_job_waits_for_the_end_of_another():
    (first,) = submitted("python main.py seed=1\n", "--hold")
    (second,) = submitted("python main.py seed=2\n", "--after", first)
    assert queue("%r %i") == [f"Dependency {second}", f"JobHeldUser {first}"]

    subprocess.run(["scontrol", "release", first], check=True)

    until(no_jobs)
    assert statuses() == ["COMPLETE", "COMPLETE"]
    assert events(1)[-1]["at"]["time"] <= events(2)[words(2).index("started")]["at"]["time"]


def test_no_more_tasks_of_an_array_run_at_once_than_were_asked_for():
    submitted("python main.py kind=wait seed=1,2,3\n", "--array", "--at-once", "2")

    until(lambda: queue("%T %r") == ["PENDING JobArrayTaskLimit", "RUNNING None", "RUNNING None"])


def test_the_states_of_many_jobs_are_one_question_and_nobody_is_told_where_none_answers(monkeypatch):
    submitted("python main.py 'seed=range(12)'\n", "--hold")
    in_front("squeue", "[ $n = 1 ] || exit 1", monkeypatch)

    listed = [mlxp_command("ls", "--columns", "status,state") for _ in range(2)]

    assert [said.stdout.split() for said in listed] == [
        ["status", "state", *["STARTING", "held"] * 12], ["status", *["STARTING"] * 12],
    ]  # fmt: skip
    assert [(said.returncode, said.stderr) for said in listed] == [(0, "")] * 2
    assert Path("front/squeue.n").read_text() == "2\n"


def test_a_job_is_submitted_by_nobody_but_mlxpsub_whatever_it_inherits(tmp_path, monkeypatch):
    inherited = {
        SUBMISSION: str(tmp_path / "nowhere"), "MLXP_SCHEDULER": "SLURMScheduler",
        "SLURM_JOB_ID": "99", "SLURM_ARRAY_TASK_ID": "7", "SLURM_RESTART_COUNT": "3",
    }  # fmt: skip
    Path("configs/mlxp.yaml").write_text("use_scheduler: true\n")
    for name, value in inherited.items():
        monkeypatch.setenv(name, value)

    jobs = submitted("python main.py seed=1,2\n")

    until(no_jobs)
    assert (run_ids(), statuses()) == ([1, 2], ["COMPLETE", "COMPLETE"])
    started = [next(event for event in events(run) if event["event"] == "started") for run in (1, 2)]
    assert [event["environment"]["scheduler"]["scheduler_job_id"] for event in started] == jobs


def test_four_processes_of_srun_are_four_runs_where_nothing_says_that_they_are_one():
    Path("four.sh").write_text(
        f"#!/bin/bash\n#SBATCH --ntasks=4\ncd '{os.getcwd()}'\n"
        "srun -n4 bash -c 'exec python main.py seed=$SLURM_PROCID'\n"
    )

    subprocess.run(["sbatch", "--output=/dev/null", "four.sh"], check=True, capture_output=True)

    until(no_jobs)
    assert sorted(config["seed"] for config in configs()) == [0, 1, 2, 3]
    assert statuses() == ["COMPLETE"] * 4


def test_four_processes_of_srun_are_one_run_where_the_settings_name_their_rank():
    submitted(
        "srun -n4 python main.py +mlxp.rank_variable=SLURM_PROCID\n", header="#!/bin/bash\n#SBATCH --ntasks=4\n"
    )

    until(no_jobs)
    assert (run_ids(), statuses()) == ([1], ["COMPLETE"])
    assert len(Path("logs/1/metrics/seen.json").read_text().splitlines()) == 1
    assert json.loads(Path("logs/1/metadata/events/1.jsonl").read_text().splitlines()[0])["attempt"] == 1
