"""MLXP's reason for versions, with a real Slurm: a queued job runs the code that it was submitted with."""

import shutil
import subprocess
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from tests.conftest import git
from tests.schedulers.project import until

pytestmark = pytest.mark.usefixtures("cluster", "no_git_settings")

MAIN = """
import os
import mlxp_fn as mlxp
import helper

@mlxp.launch()
def task(ctx):
    return [helper.CODE, os.getcwd()]

if __name__ == "__main__":
    task()
"""


@pytest.fixture
def project(repository, cluster, monkeypatch):
    repository.put("exp/main.py", MAIN)
    repository.put("exp/configs/config.yaml", "seed: 0\n")
    repository.put("exp/configs/mlxp.yaml", "use_version_manager: true\n")
    repository.put("exp/train.sh", "#!/bin/bash\n#SBATCH --time=10\npython main.py seed=$1\n")
    repository.commit(exp__helper_py="CODE = 'A'\n", _gitignore="__pycache__/\n")
    monkeypatch.chdir(repository.path / "exp")
    yield repository
    subprocess.run(["scancel", "--me"], check=False)


def submit(seed, *options):
    done = subprocess.run(["mlxpsub", *options, "train.sh", str(seed)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0]


def wait_for_the_end(*jobs):
    asked = ["squeue", "--noheader", "--me", "--jobs", ",".join(jobs)]
    until(lambda: not subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip())


def reported():
    """What the task of each run returned: its code."""
    return [run["info.result"][0] for run in mlxp.runs("logs")]


@pytest.mark.parametrize("state", ["committed", "dirty", "without any commit"])
def test_a_held_job_runs_the_code_it_was_submitted_with(project, state):
    committed = state == "committed"
    if state == "without any commit":
        project.git("update-ref", "-d", "HEAD")
    if not committed:
        project.put("exp/helper.py", "from new import CODE\n")
        project.put("exp/new.py", "CODE = 'A'\n")
    first, second, held = submit(1), submit(2), submit(3, "--hold")
    project.put("exp/new.py" if not committed else "exp/helper.py", "CODE = 'B'\n")
    if committed:
        project.commit()
    fourth = submit(4)
    wait_for_the_end(first, second, fourth)
    project.put("exp/main.py", "this is no Python any more\n")
    subprocess.run(["scontrol", "release", held], check=True)
    wait_for_the_end(held)

    assert set(mlxp.runs("logs")["info.status"]) == {"COMPLETE"}
    assert reported() == ["A", "A", "A", "B"]
    commits = mlxp.runs("logs")["info.version_manager.commit_hash"]
    assert len(set(commits[:3])) == 1
    assert commits[3] != commits[0]
    assert list(mlxp.runs("logs")["info.version_manager.snapshot"]) == [not committed] * 4
    assert mlxp.runs("logs")[0]["info.result"][1] == f"{project.path}/exp/.work_dir/project/{commits[0]}/exp"


def test_a_dry_run_makes_no_copy_and_says_that_there_will_be_one(project):
    before = project.standing()

    done = subprocess.run(["mlxpsub", "--dry-run", "train.sh", "1"], capture_output=True, text=True, check=True)

    assert "line 3: runs from a copy of the code, made when it is submitted" in done.stderr
    assert project.standing() == before
    assert not Path(".work_dir").exists()


def test_what_may_not_be_in_a_copy_stops_the_submission_and_nothing_is_made(project):
    project.put("exp/id_rsa", "secret")

    done = subprocess.run(["mlxpsub", "train.sh", "1"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "error: line 3: a snapshot of" in done.stderr
    assert "exp/id_rsa (by its name a secret)" in done.stderr
    assert not Path("logs").exists()


def test_a_copy_that_was_deleted_while_a_job_waited_is_made_again_by_the_job(project):
    project.put("exp/helper.py", "CODE = 'A, not committed'\n")
    held = submit(1, "--hold")
    project.put("exp/helper.py", "CODE = 'B'\n")
    shutil.rmtree(".work_dir")
    subprocess.run(["scontrol", "release", held], check=True)
    wait_for_the_end(held)

    (run,) = mlxp.runs("logs")
    assert (run["info.status"], run["info.result"][0]) == ("COMPLETE", "A, not committed")
    assert run["info.work_dir"].startswith(f"{project.path}/exp/.work_dir/project/")
    assert "is not there, and is made again" in Path("logs/1/log.stderr").read_text()


def test_a_copy_that_was_altered_while_a_job_waited_is_reported_by_the_job(project):
    held = submit(1, "--hold")
    (copy,) = Path(".work_dir/project").glob("[0-9a-f]*")
    (copy / "exp/helper.py").write_text("CODE = 'altered'\n")
    subprocess.run(["scontrol", "release", held], check=True)
    wait_for_the_end(held)

    (run,) = mlxp.runs("logs")
    assert run["info.version_manager.altered"] == ["exp/helper.py"]
    assert "was altered: exp/helper.py" in Path("logs/1/log.stderr").read_text()
    assert git(copy, "status", "--porcelain") == " M exp/helper.py\n"
