"""mlxpsub, real Grid Engine, real OAR and real Slurm behind its own qsub: the same is shown for all of them."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

import mlxp_fn as mlxp
from tests.schedulers import project
from tests.schedulers.conftest import here
from tests.schedulers.project import configs, events, mlxp_command, run_ids, until, words, write_project


@frozen(kw_only=True)
class Site:
    """How a user of one of them speaks to it."""

    header: str
    more: str
    submit_directory: str
    release: str
    delete: str
    all_jobs: tuple[str, ...]
    refusal: str
    throttle: tuple[str, ...] = ("--at-once", "2")
    tasks: Callable[[str], list[str]]
    places: tuple[str, ...] = ("1", "2", "3")
    warn: str = ""
    signal: str = ""


SITES = {
    "sge": Site(
        header="#!/bin/bash\n#$ -l h_rt=600 -j y\n",
        more="#$ -l nothere=1\n",
        submit_directory="SGE_O_WORKDIR",
        release="qrls",
        delete="qdel",
        all_jobs=("qdel", "-u", "root"),
        refusal='unknown resource "nothere"',
        tasks=lambda job: [f"{job}.1", f"{job}.2", f"{job}.3"],
        warn="qdel",
        signal="SIGUSR2",
    ),
    "oar": Site(
        header="#!/bin/bash\n#OAR -l walltime=0:10:0\n",
        more="#OAR -l /nothere=1\n",
        submit_directory="OAR_WORKDIR",
        release="oarresume",
        delete="oardel",
        all_jobs=("oardel", "--sql", "job_user = 'root'"),
        refusal='column "nothere" does not exist',
        throttle=(),
        tasks=lambda job: [job, str(int(job) + 1), str(int(job) + 2)],
        warn="oardel -c",
        signal="SIGUSR1",
    ),
    "slurm_torque": Site(
        header="#!/bin/bash\n#PBS -l walltime=0:10:00 -j oe\n",
        more="#PBS -q nothere\n",
        submit_directory="PBS_O_WORKDIR",
        release="scontrol release",
        delete="scancel",
        all_jobs=("scancel", "--me"),
        refusal="Invalid partition name specified",
        tasks=lambda job: [f"{job}_0", f"{job}_1", f"{job}_2"],
        places=("0", "1", "2"),
    ),
}


@pytest.fixture(params=SITES)
def site(request, tmp_path, monkeypatch):
    here(request.getfixturevalue(request.param), monkeypatch)
    write_project(tmp_path / "a project, (new)")
    monkeypatch.chdir(tmp_path / "a project, (new)")
    chosen = SITES[request.param]
    yield chosen
    subprocess.run(chosen.all_jobs, capture_output=True, check=False)


BOTH = pytest.mark.parametrize("site", ["sge", "oar"], indirect=True)
"""For what is shown of Slurm elsewhere."""


def submitted(site, script, *options):
    done = project.mlxpsub(script, *options, header=site.header)
    assert done.returncode == 0, done.stderr
    return done


def statuses():
    return list(mlxp.runs("logs")["info.status"])


def job_of(run):
    return [event for event in events(run) if event["event"] == "submitted"][-1]["job_id"]


def listed(run):
    """The status, the job and the job's state in `mlxp ls`."""
    said = mlxp_command("ls", str(run), "--columns", "status,job,state").stdout
    return said.splitlines()[1].split()


def lose_the_answer(*runs):
    """As if mlxpsub had been killed between the job's being taken and its being recorded."""
    for run in runs:
        file = Path(f"logs/{run}/metadata/events/0.jsonl")
        file.write_text("".join(line for line in file.open() if '"submitted"' not in line))


def resume():
    return subprocess.run(["mlxpsub", "--resume"], capture_output=True, text=True, check=False).stdout


def test_a_sweep_is_a_job_for_each_run_with_its_own_config(site):
    submitted(site, f"""
        cd "${site.submit_directory}"
        for text in 'it is $HOME; "x" & y'; do
            python main.py kind=quick,fail "text='$text'"
        done
        """)  # fmt: skip

    until(lambda: statuses() == ["COMPLETE", "FAILED"])
    assert [(config["kind"], config["text"]) for config in configs()] == [
        ("quick", 'it is $HOME; "x" & y'), ("fail", 'it is $HOME; "x" & y'),
    ]  # fmt: skip
    assert list(mlxp.runs("logs")["info.scheduler.scheduler_job_id"]) == [job_of(1), job_of(2)]
    assert "on purpose" in Path("logs/2/log.stderr").read_text()


def test_each_task_of_an_array_runs_in_its_own_directory(site):
    said = submitted(site, "python main.py 'seed=range(3)'\n", "--array", *site.throttle)

    jobs = [line.split()[0] for line in said.stdout.splitlines()]
    assert jobs == site.tasks(jobs[0].partition(".")[0].partition("_")[0])
    until(lambda: statuses() == ["COMPLETE"] * 3)
    assert [config["seed"] for config in configs()] == [0, 1, 2]
    assert list(mlxp.runs("logs")["info.scheduler.array_place"]) == list(site.places)
    assert Path("logs/3/log.stdout").exists()


def test_a_held_job_is_found_again_and_released_and_cancelled_and_goes_on(site):
    said = submitted(site, "python main.py kind=long seed=1,2\n", "--hold")
    first, second = job_of(1), job_of(2)
    assert f"note: held; `{site.release} {first} {second}` releases" in said.stderr
    assert listed(1) == ["STARTING", first, "held"]
    lose_the_answer(1, 2)
    assert resume() == "nothing is left to submit in logs\n"
    assert words(1) == ["created", "submitting", "submitted"]
    assert (job_of(1), job_of(2)) == (first, second)

    mlxp_command("cancel", "2")
    subprocess.run([*site.release.split(), first], check=True, capture_output=True)
    until(lambda: Path("logs/1/metrics/train.json").exists())
    assert listed(1) == ["RUNNING", first, "running"]
    assert statuses()[1] == "INTERRUPTED"

    assert first in mlxp_command("cancel", "1").stdout.split()
    until(lambda: statuses()[0] == "INTERRUPTED")
    assert mlxp_command("resubmit", "1").returncode == 0
    until(lambda: Path("logs/1/metadata/events/2.jsonl").exists())
    until(lambda: len(Path("logs/1/metrics/train.json").read_text().splitlines()) > 3)
    assert run_ids() == [1, 2]


@BOTH
def test_an_array_whose_answer_was_lost_is_found_task_by_task(site):
    submitted(site, "python main.py kind=wait seed=1,2\n", "--array", "--hold")
    jobs = [job_of(1), job_of(2)]
    lose_the_answer(1, 2)

    assert resume() == "nothing is left to submit in logs\n"
    assert [job_of(1), job_of(2)] == jobs
    assert mlxp_command("cancel", "1:3").returncode == 0
    assert statuses() == ["INTERRUPTED", "INTERRUPTED"]


@BOTH
def test_a_job_that_somebody_deletes_is_known_to_have_been_cancelled(site):
    submitted(site, "python main.py kind=wait\n")
    until(lambda: "started" in words(1))

    subprocess.run([site.delete, job_of(1)], check=True, capture_output=True)

    until(lambda: listed(1) == ["INTERRUPTED", job_of(1), "cancelled"])


@BOTH
def test_a_warning_reaches_the_task_which_leaves_a_checkpoint(site):
    Path("configs/mlxp.yaml").write_text(f"warn_before: 60\nwarning_signal: {site.signal}\n")
    submitted(site, "python main.py kind=long\n")
    until(lambda: Path("logs/1/metrics/train.json").exists())

    subprocess.run([*site.warn.split(), job_of(1)], check=True, capture_output=True)

    until(lambda: words(1)[-1] == "interrupted")
    assert ("warned" in words(1), "checkpoint" in words(1)) == (True, True)


def test_a_refusal_is_told_recorded_and_nothing_else_is_asked_for(site):
    done = project.mlxpsub("python main.py seed=1,2\n", header=site.header + site.more)

    assert done.returncode == 1
    assert site.refusal in done.stderr
    assert [words(1)[-1], words(2)[-1]] == ["unsubmitted", "unsubmitted"]


@pytest.mark.parametrize("site", ["sge"], indirect=True)
def test_a_script_for_another_scheduler_with_a_qsub_is_refused_and_both_are_named(site):
    done = project.mlxpsub("python main.py\n", header="#!/bin/bash\n#PBS -l walltime=1\n")

    assert done.returncode == 1
    assert "the script is for torque (#PBS), but /usr/bin/qsub is sge's" in done.stderr
    assert run_ids() == []


@BOTH
def test_a_job_waits_for_the_end_of_another_and_that_is_what_is_said(site):
    submitted(site, "python main.py kind=fail seed=1\n", "--hold")
    said = submitted(site, "python main.py seed=2\n", "--after", job_of(1))
    assert f"waits for the end of job {job_of(1)}, whether it ends well or not" in said.stderr
    assert statuses() == ["STARTING", "STARTING"]

    subprocess.run([*site.release.split(), job_of(1)], check=True, capture_output=True)

    until(lambda: statuses() == ["FAILED", "COMPLETE"])
    assert [event["at"]["time"] for event in events(1)][-1] < [event["at"]["time"] for event in events(2)][-2]


@pytest.mark.parametrize("site", ["oar"], indirect=True)
def test_a_job_that_oar_begins_again_under_another_id_is_followed(site):
    submitted(site, "python main.py kind=long\n")
    until(lambda: "started" in words(1))
    subprocess.run(["oardel", job_of(1)], check=True, capture_output=True)
    until(lambda: listed(1) == ["INTERRUPTED", job_of(1), "cancelled"])

    said = subprocess.run(["oarsub", "--resubmit", job_of(1)], check=True, capture_output=True, text=True).stdout

    again = said.rpartition("OAR_JOB_ID=")[2].strip()
    until(lambda: statuses() == ["RUNNING"])
    assert listed(1)[2] == "running"
    assert again in mlxp_command("cancel", "1").stdout.split()
    until(lambda: statuses() == ["INTERRUPTED"])


@pytest.mark.parametrize("site", ["sge"], indirect=True)
def test_a_job_that_grid_engine_begins_again_goes_on_as_one_curve(site):
    submitted(site, "python main.py kind=long\n")
    until(lambda: Path("logs/1/metrics/train.json").exists())

    subprocess.run(["qmod", "-rj", job_of(1)], check=True, capture_output=True)

    until(lambda: listed(1) == ["STARTING", job_of(1), "requeued"])
    if os.environ.get("MLXP_LONG_TESTS") != "1":  # It waits half a minute.
        return
    until(lambda: Path("logs/1/metadata/events/2.jsonl").exists())
    until(lambda: len(mlxp.runs("logs")[0]["train.step"]) > 5)
    steps = mlxp.runs("logs")[0]["train.step"]
    assert (steps, run_ids()) == (list(range(len(steps))), [1])
