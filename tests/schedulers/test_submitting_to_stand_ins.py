"""mlxpsub and the schedulers that cannot be had in a test: what is submitted to stand-ins of them is what runs."""

import json
import subprocess
import time
from pathlib import Path

import pytest

import mlxp_fn as mlxp

MAIN = """
import os, sys, time
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    config, logger = ctx.config, ctx.logger
    logger.log_metrics({"seed": config.seed}, "seen")
    print("told by", config.seed)
    start = logger.load_checkpoint() if os.path.exists(f"{logger.artifacts_dir}/pickle/checkpoint.pkl") else 0
    for step in range(start, config.steps):
        logger.log_metrics({"step": step}, "train")
        if ctx.preempted:
            logger.log_checkpoint(step + 1)
            sys.exit(3)
        time.sleep(0.1)

if __name__ == "__main__":
    task()
"""

DIRECTIVES = {
    "torque": "#PBS -l walltime=1:00:00,nodes=1:ppn=1\n#PBS -N mine\n",
    "openpbs": "#PBS -l select=1:ncpus=1 -l walltime=1:00:00\n#PBS -j oe\n",
    "lsf": "#BSUB -W 1:00 -n 1\n#BSUB -o mine.%J\n",
    "moab": "#MSUB -l walltime=1:00:00,nodes=1:ppn=1\n",
}
RELEASE = {"torque": "qrls", "openpbs": "qrls", "lsf": "bresume", "moab": "releasehold"}
SUBMIT = {"torque": "qsub", "openpbs": "qsub", "lsf": "bsub", "moab": "msub"}
HELD = {"torque": "Hold_Types = u", "openpbs": "Hold_Types = u", "moab": 'Hold="User"'}


@pytest.fixture(params=["torque", "openpbs", "lsf", "moab"])
def scheduler(request, stand_in, project):
    stand_in(request.param)
    return request.param


@pytest.fixture
def project(tmp_path, monkeypatch):
    project = tmp_path / "my project"
    (project / "configs").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (project / "main.py").write_text(MAIN)
    (project / "configs/config.yaml").write_text("seed: 0\nsteps: 0\n")
    monkeypatch.chdir(project)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return project


def called(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)


def mlxpsub(directives, line, *options):
    Path("train.sh").write_text(f"#!/bin/bash\n{directives}\n{line}\n")
    return called("mlxpsub", *options, "train.sh")


def submitted(scheduler, line, *options):
    done = mlxpsub(DIRECTIVES[scheduler], line, *options)
    assert done.returncode == 0, done.stderr
    return [line.split()[0] for line in done.stdout.splitlines()]


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, [path.read_text() for path in Path("logs").glob("*/log.*")]
        time.sleep(0.1)


def words(run):
    files = sorted(Path(f"logs/{run}/metadata/events").glob("*.jsonl"))
    return [json.loads(line)["event"] for path in files for line in path.read_text().splitlines()]


def statuses():
    return list(mlxp.runs("logs")["info.status"])


def seeds(count):
    return [json.loads(Path(f"logs/{run}/metrics/seen.json").read_text())["seed"] for run in range(1, count + 1)]


def listed(*columns):
    done = called("mlxp", "ls", "--columns", ",".join(columns), "--csv")
    return [line.split(",") for line in done.stdout.splitlines()[1:]]


def test_a_sweep_is_a_job_for_each_run_which_is_as_the_script_says(scheduler):
    jobs = submitted(scheduler, "python main.py seed=1,2 2>&1 | tee copy.txt\necho after >> after.txt")

    assert jobs == ["1", "2"]
    until(lambda: statuses() == ["COMPLETE", "COMPLETE"] and Path("after.txt").exists())
    assert seeds(2) == [1, 2]
    assert "told by 1" in Path("logs/1/log.stdout").read_text()
    told = mlxp.runs("logs")[0]["info.scheduler.name"], mlxp.runs("logs")[1]["info.scheduler.scheduler_job_id"]
    assert told == {
        "torque": ("torque", "2.server"),
        "openpbs": ("pbs", "2.server"),
        "lsf": ("lsf", "2"),
        "moab": ("moab", "2"),
    }[scheduler]


def test_an_array_has_a_task_for_each_run_and_few_run_at_once(scheduler):
    jobs = submitted(scheduler, "python main.py 'seed=range(4)'", "--array", "--at-once", "2")

    first = {"torque": 0, "openpbs": 0}.get(scheduler, 1)
    assert jobs == [f"1[{place}]" for place in range(first, first + 4)]
    until(lambda: statuses() == ["COMPLETE"] * 4)
    assert seeds(4) == [0, 1, 2, 3]
    script = Path("logs/1/array.sh").read_text()
    assert ("max_run_subjobs=2" if scheduler == "openpbs" else "%2") in script


def test_jobs_are_held_released_cancelled_and_go_on_where_they_were_left(scheduler):
    jobs = submitted(scheduler, "python main.py seed=1,2 steps=300", "--hold")
    assert listed("id", "status", "state") == [["1", "STARTING", "held"], ["2", "STARTING", "held"]]
    assert scheduler not in HELD or HELD[scheduler] in listed("reason")[0][0].replace('""', '"')

    assert called(RELEASE[scheduler], jobs[0]).returncode == 0
    until(lambda: Path("logs/1/metrics/train.json").exists())
    assert listed("state") == [["running"], ["held"]]
    assert called("mlxp", "cancel", "1", "2").returncode == 0
    until(lambda: statuses() == ["INTERRUPTED", "INTERRUPTED"])
    assert "signalled" in words(1) or "interrupted" in words(1), words(1)

    assert called("mlxp", "resubmit", "1").returncode == 0
    seen = len(mlxp.runs("logs")[0]["train.step"])
    until(lambda: len(mlxp.runs("logs")[0]["train.step"]) > seen)
    assert mlxp.runs("logs")[0]["train.step"][: seen + 1] == list(range(seen + 1))


REFUSING = """#!/bin/bash
n=$(cat "$0.count" 2>/dev/null || echo 0)
[ "$1" = --version ] || echo $((n + 1)) > "$0.count"
[ "$n" != 1 ] || { echo "the server is away" >&2; exit 1; }
exec REAL "$@"
"""


def test_a_refusal_half_way_is_recorded_and_the_rest_is_submitted_later_and_nothing_twice(scheduler, tmp_path):
    real = tmp_path / "bin" / SUBMIT[scheduler]
    real.rename(real.with_suffix(".real"))
    real.write_text(REFUSING.replace("REAL", str(real.with_suffix(".real"))))
    real.chmod(0o755)

    done = mlxpsub(DIRECTIVES[scheduler], "python main.py seed=1,2,3", "--hold")

    assert done.returncode == 1
    assert f"2 of 3 were not submitted: {SUBMIT[scheduler]} refused (status 1): the server is away" in done.stderr
    assert [words(run)[-1] for run in (1, 2, 3)] == ["submitted", "unsubmitted", "unsubmitted"]
    # It broke off before what the scheduler said was recorded.
    file = Path("logs/1/metadata/events/0.jsonl")
    file.write_text("".join(line for line in file.open() if '"submitted"' not in line))

    assert len(called("mlxpsub", "--resume").stdout.splitlines()) == 2
    assert ["submitted" in words(run) for run in (1, 2, 3)] == [True] * 3
    assert called("mlxpsub", "--resume").stdout == "nothing is left to submit in logs\n"
    assert called(RELEASE[scheduler], "1").returncode == 0
    until(lambda: statuses() == ["COMPLETE"] * 3)
    assert [words(run).count("started") for run in (1, 2, 3)] == [1, 1, 1]


def test_a_job_waits_for_the_success_of_another(scheduler):
    first = submitted(scheduler, "python main.py seed=1", "--hold")
    submitted(scheduler, "python main.py seed=2", "--after", first[0])

    assert listed("id", "state") == [["1", "held"], ["2", "queued"]]
    assert called(RELEASE[scheduler], first[0]).returncode == 0
    until(lambda: statuses() == ["COMPLETE", "COMPLETE"])
    assert mlxp.runs("logs")[1]["info.start_time"] >= mlxp.runs("logs")[0]["info.end_time"]


def only_shown(directives):
    done = mlxpsub(directives, "python main.py", "--dry-run")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("present", "command", "line"),
    [
        ("torque", "&& qsub ./script.sh", "#PBS -l walltime=9"),
        ("moab", "&& msub ./script.sh", "#MSUB -l walltime=9"),
    ],
)
def test_pbs_directives_are_for_whichever_takes_them(stand_in, project, present, command, line):
    stand_in(present)

    said = only_shown("#PBS -l walltime=9\n").splitlines()

    assert (line in said, said[-1].endswith(command)) == (True, True)


def test_of_torque_and_openpbs_the_one_that_answers_is_spoken_to(stand_in, project):
    stand_in("openpbs")
    Path("train.sh").write_text("#!/bin/bash\n#PBS -l select=1\npython main.py seed=1,2\n")

    said = called("mlxpsub", "--dry-run", "--array", "--at-once", "1", "train.sh").stdout

    assert "#PBS -J 0-1 -W max_run_subjobs=1" in said


@pytest.mark.parametrize(
    ("directives", "refused"),
    [
        ("#$ -N x\n", "the script is for sge (#$), but {qsub} is torque's; put the directory of sge's qsub first"),
        ("#PBS -t 1-3\n", "line 2: -t 1-3 cannot be served: mlxpsub gives every run a job"),
        ("#PBS -W block=true\n", "line 2: -W block=true cannot be served: mlxpsub does not wait for jobs"),
        ("#PBS -l wall=1:00\n", "Unknown resource type Resource_List.wall"),
    ],
)
def test_what_is_not_for_this_scheduler_is_refused(stand_in, project, tmp_path, directives, refused):
    stand_in("torque")

    done = mlxpsub(directives, "python main.py")

    assert (done.returncode, refused.format(qsub=tmp_path / "bin/qsub") in done.stderr) == (1, True), done.stderr


def test_moab_warns_a_task_which_leaves_a_checkpoint(stand_in, project):
    stand_in("moab")
    Path("configs/mlxp.yaml").write_text("warn_before: 4\n")

    assert mlxpsub("#MSUB -l walltime=8\n", "python main.py steps=300").returncode == 0

    until(lambda: statuses() == ["INTERRUPTED"])
    assert ("warned" in words(1), "checkpoint" in words(1)) == (True, True)
