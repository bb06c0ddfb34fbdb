"""Scripts of jobs whose copy of the code is gone when they start, run by hand: a scheduler is not needed for it."""

import shutil
import subprocess

import pytest

from tests.conftest import OF_NOBODY
from tests.repeating.conftest import MLXP


@pytest.fixture
def waiting(small_project):
    """A project with a run whose job waits for ever, and the copy that it shall run from."""
    settings = "use_version_manager: true\nscheduler: {like: slurm, submit: [sh, -c, echo 1]}\n"
    small_project.put("configs/mlxp.yaml", settings)
    small_project.put("train.sh", "#!/bin/bash\npython main.py\n")
    small_project.put("helper.py", "CODE = 'A, not committed'\n")
    done = called(MLXP.with_name("mlxpsub"), "train.sh", cwd=small_project.path)
    assert done.returncode == 0, done.stderr
    small_project.put("helper.py", "CODE = 'B'\n")
    (copy,) = (small_project.path / ".work_dir/project").glob("[0-9a-f]*")
    return small_project, copy


def called(*words, cwd):
    environment = {**OF_NOBODY, "PATH": f"{MLXP.parent}:{OF_NOBODY['PATH']}"}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def start(project):
    """Start the job, from where a scheduler might."""
    return called("bash", project.path / "logs/1/script.sh", cwd="/")


def test_a_deleted_copy_is_made_again(waiting):
    project, copy = waiting
    shutil.rmtree(copy.parent)

    done = start(project)

    assert done.returncode == 0, done.stderr
    assert f"the copy of the code {copy} is not there, and is made again\n" in done.stderr
    assert project.result(1) == "A, not committed"


def test_a_copy_that_is_there_is_left_as_it_is(waiting):
    project, copy = waiting
    before = copy.stat()

    done = start(project)

    assert (done.returncode, project.result(1)) == (0, "A, not committed"), done.stderr
    assert "made again" not in done.stderr
    assert copy.stat().st_ino == before.st_ino


def test_what_is_left_of_a_copy_does_not_run(waiting):
    project, copy = waiting
    (copy / ".git").unlink()

    done = start(project)

    assert done.returncode == 1
    assert "or only what is left of one; remove it, and it is made again" in done.stderr
    assert not (project.path / "logs/1/metadata/events/1.jsonl").exists()


def test_where_the_snapshot_is_gone_the_job_fails_and_says_so(waiting):
    project, copy = waiting
    shutil.rmtree(copy)
    project.git("worktree", "remove", "-f", "-f", str(copy))
    project.git("update-ref", "-d", f"refs/mlxp/{copy.name}")
    project.git("gc", "-q", "--prune=now")

    done = start(project)

    assert done.returncode == 1
    assert "error: git worktree failed in" in done.stderr
    assert not (project.path / "logs/1/metadata/events/1.jsonl").exists()
