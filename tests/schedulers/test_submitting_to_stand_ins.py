"""mlxpsub and the schedulers that cannot be had in a test: what is submitted to stand-ins of them is what runs."""

import shlex
import subprocess
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from tests.schedulers import project as project_of_tests
from tests.schedulers.project import configs, mlxp_command, until, words, write_project

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
    write_project(tmp_path / "my project")
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "my project")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def called(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)


def mlxpsub(directives, line, *options):
    return project_of_tests.mlxpsub(f"{line}\n", *options, header=f"#!/bin/bash\n{directives}\n")


def submitted(scheduler, line, *options):
    done = mlxpsub(DIRECTIVES[scheduler], line, *options)
    assert done.returncode == 0, done.stderr
    return [line.split()[0] for line in done.stdout.splitlines()]


def statuses():
    return list(mlxp.runs("logs")["info.status"])


def steps(run):
    return mlxp.runs("logs")[run - 1]["train.step"]


def listed(*columns):
    done = mlxp_command("ls", "--columns", ",".join(columns), "--csv")
    return [line.split(",") for line in done.stdout.splitlines()[1:]]


def test_a_sweep_is_a_job_for_each_run_which_is_as_the_script_says(scheduler):
    jobs = submitted(scheduler, "python main.py seed=1,2 2>&1 | tee copy.txt\necho all was told")

    assert jobs == ["1", "2"]
    until(lambda: statuses() == ["COMPLETE", "COMPLETE"])
    assert [config["seed"] for config in configs()] == [1, 2]
    until(lambda: "all was told\n" in Path("logs/1/log.stdout").read_text())
    told = mlxp.runs("logs")[0]["info.scheduler.name"], mlxp.runs("logs")[1]["info.scheduler.scheduler_job_id"]
    assert (
        told
        == {
            "torque": ("torque", "2.server"),
            "openpbs": ("pbs", "2.server"),
            "lsf": ("lsf", "2"),
            "moab": ("moab", "2"),
        }[scheduler]
    )


def test_an_array_has_a_task_for_each_run_and_few_run_at_once(scheduler):
    jobs = submitted(scheduler, "python main.py 'seed=range(4)'", "--array", "--at-once", "2")

    first = {"torque": 0, "openpbs": 0}.get(scheduler, 1)
    assert jobs == [f"1[{place}]" for place in range(first, first + 4)]
    until(lambda: statuses() == ["COMPLETE"] * 4)
    assert [config["seed"] for config in configs()] == [0, 1, 2, 3]
    script = Path("logs/1/array.sh").read_text()
    assert ("max_run_subjobs=2" if scheduler == "openpbs" else "%2") in script


def test_the_command_that_releases_is_whole_however_many_jobs_wait(stand_in, project):
    stand_in("torque")

    said = mlxpsub(DIRECTIVES["torque"], "python main.py 'seed=range(25)'", "--array", "--hold")

    tasks = [f"1[{place}]" for place in range(25)]
    assert said.stderr.endswith(f"note: held; `{shlex.join(['qrls', *tasks])}` releases\n")


def test_jobs_are_held_released_cancelled_and_go_on_where_they_were_left(scheduler):
    jobs = submitted(scheduler, "python main.py seed=1,2 kind=long", "--hold")
    submitted(scheduler, "python main.py seed=3", "--after", jobs[1])
    assert listed("status", "state") == [["STARTING", "held"]] * 2 + [["STARTING", "queued"]]
    assert scheduler not in HELD or HELD[scheduler] in listed("reason")[0][0].replace('""', '"')

    assert called(RELEASE[scheduler], jobs[0]).returncode == 0
    until(lambda: Path("logs/1/metrics/train.json").exists())
    assert listed("state") == [["running"], ["held"], ["queued"]]
    assert mlxp_command("cancel", "1:3").returncode == 0
    until(lambda: statuses() == ["INTERRUPTED"] * 3)
    assert "signalled" in words(1) or "interrupted" in words(1), words(1)

    assert mlxp_command("resubmit", "1").returncode == 0
    seen = len(steps(1))
    until(lambda: len(steps(1)) > seen)
    assert steps(1)[: seen + 1] == list(range(seen + 1))


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


DELETE = {"torque": ["qdel"], "openpbs": ["qdel"], "lsf": ["bkill"], "moab": ["canceljob"]}
REQUEUE = {"torque": ["qrerun"], "openpbs": ["qrerun"], "lsf": ["brequeue"], "moab": ["mjobctl", "-R"]}


def test_tasks_are_found_after_a_broken_submission_and_are_deleted_and_requeued_by_others(scheduler):
    jobs = submitted(scheduler, "python main.py seed=1,2 kind=long", "--array", "--hold")
    for run in (1, 2):
        file = Path(f"logs/{run}/metadata/events/0.jsonl")
        file.write_text("".join(line for line in file.open() if '"submitted"' not in line))
    assert called("mlxpsub", "--resume").stdout == "nothing is left to submit in logs\n"

    assert called(*DELETE[scheduler], jobs[0]).returncode == 0
    assert listed("status", "state") == [["INTERRUPTED", "cancelled"], ["STARTING", "held"]]
    assert called(RELEASE[scheduler], jobs[1]).returncode == 0
    until(lambda: Path("logs/2/metrics/train.json").exists())
    assert called(*REQUEUE[scheduler], jobs[1]).returncode == 0

    until(lambda: words(2).count("started") == 2)
    seen = len(steps(2))
    until(lambda: len(steps(2)) > seen)
    assert steps(2)[: seen + 1] == list(range(seen + 1))


def test_an_altered_record_gives_the_scheduler_no_options(stand_in, project):
    stand_in("torque")
    submitted("torque", "python main.py", "--hold")
    file = Path("logs/1/metadata/events/0.jsonl")
    file.write_text(file.read_text().replace('"job_id":"1"', '"job_id":"-Wforce"'))
    Path("logs/1/metadata/mlxp.yaml").write_text("scheduler: [qdel]\n")

    refused = mlxp_command("cancel", "1")

    assert (refused.returncode, refused.stderr) == (
        1,
        "error: '-Wforce' is no job of torque; the record of its run was altered\n",
    )


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


@pytest.mark.parametrize(
    ("warning", "directives", "seconds"), [("moab", "#MSUB -l walltime=14\n", 6), ("lsf", "#BSUB -W 2\n", 60)]
)
def test_a_task_is_warned_and_leaves_a_checkpoint(stand_in, project, monkeypatch, warning, directives, seconds):
    stand_in(warning)
    monkeypatch.setenv("STAND_IN_MINUTE", "8")
    Path("configs/mlxp.yaml").write_text(f"warn_before: {seconds}\n")

    assert mlxpsub(directives, "python main.py kind=long").returncode == 0

    until(lambda: statuses() == ["INTERRUPTED"])
    assert ("warned" in words(1), "checkpoint" in words(1)) == (True, True)
