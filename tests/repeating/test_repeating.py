"""Recorded runs repeated and judged, in real processes and repositories."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import yaml

import mlxp_fn as mlxp
from mlxp_fn.effects.contents import as_content
from mlxp_fn.errors import LaunchError
from tests.repeating.conftest import set_up

MAIN = """
import random
import time
import mlxp_fn as mlxp
import helper

@mlxp.launch(seeding_function=random.seed)
def task(ctx):
    ctx.logger.log_input("{data}")
    noise = float(open("{data}").read())
    for step in range(3):
        loss = time.time() if ctx.config.clock and step == 1 else random.random() + noise
        ctx.logger.log_metrics({{"step": step, "loss": loss}}, "train")
    ctx.logger.log_artifacts({{"lr": ctx.config.lr}}, "model.pkl", "pickle")
    return [ctx.config.seed, ctx.config.lr, helper.CODE]

if __name__ == "__main__":
    task()
"""
NUMPY = """
import numpy as np
import mlxp_fn as mlxp

@mlxp.launch(seeding_function=np.random.seed)
def task(ctx):
    for step in range(3):
        ctx.logger.log_metrics({"step": step, "loss": float(np.random.rand())}, "train")
    ctx.logger.log_artifacts(np.random.rand(3), "weights.npy", "numpy")

task()
"""


def prepared(path):
    project = set_up(path)
    data = path.parent / "data.txt"
    data.write_text("0")
    project.put("main.py", MAIN.format(data=data))
    project.put("seeded.py", NUMPY)
    project.put("package/__init__.py", "")
    project.put("package/inside.py", "from main import task\n\ntask()\n")
    project.put("configs/config.yaml", "seed: 0\nlr: 1e-3\nclock: false\n")
    project.commit()
    project.data = data
    return project


@pytest.fixture
def project(tmp_path, no_git_settings):
    return prepared(tmp_path / "project")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A project whose code stays as it is: run 1 of numpy, run 2 with the clock, 3 to 5 of seeds 1 to 3."""
    project = prepared(tmp_path_factory.mktemp("repeating") / "project")
    project.python("seeded.py", "seed=3")
    project.launch("clock=true", versions=False)
    project.launch("seed=1,2,3", versions=False)
    return project


@pytest.fixture
def told():
    return []


def test_a_seeded_task_is_replicated_to_the_last_bit(shared):
    done = shared.mlxp("replicate", "1", "--tolerance", "0")

    assert done.returncode == 0, done.stdout + done.stderr
    head, *lines = done.stdout.splitlines()
    new = int(head.split()[6])
    assert head == f"run 1 is replicated by run {new} (tolerated: a tolerance of 0.0)"
    assert lines == [
        "  info.status: identical",
        "  train.step: identical",
        "  train.loss: identical",
        "  artifacts/numpy/weights.npy: identical",
    ]
    assert (shared.info(1).get("origin"), shared.info(new)["origin"]) == (None, 1)


def test_the_same_interpreter_by_another_name_is_nothing_that_changed(project):
    other = {"python": "python3"}.get(Path(sys.executable).name, "python")
    project.python("seeded.py", "seed=3", interpreter=Path(sys.executable).with_name(other))

    done = project.mlxp("replicate", "1")

    assert (done.returncode, "not as it was" in done.stdout) == (0, False), done.stdout


def test_a_task_with_the_clock_in_it_is_not_and_the_first_differing_row_is_named(shared):
    done = shared.mlxp("replicate", "2")

    assert done.returncode == 1
    assert "run 2 is not replicated by run " in done.stdout
    assert "  train.step: identical" in done.stdout
    assert "  train.loss: different at row 1: was " in done.stdout


def test_without_a_tolerance_numbers_may_differ_as_far_as_seeds_lie_apart(shared):
    losses = [losses_of(shared, run) for run in (3, 4, 5)]
    spread = min(max(row) - min(row) for row in zip(*losses, strict=True))

    shared.data.write_text(str(spread / 2))
    within = shared.mlxp("replicate", "3")
    shared.data.write_text("2.5")
    beyond = shared.mlxp("replicate", "3")
    shared.data.write_text("0")

    assert within.returncode == 0, within.stdout + within.stderr
    assert "(tolerated: the spread over 3 seeds of the same config)" in within.stdout
    assert "  train.loss: within tolerance" in within.stdout
    assert beyond.returncode == 1
    assert "  train.loss: different at row 0: was " in beyond.stdout
    # What the difference comes from is told, too: the input is not what it was.
    assert f"  data {shared.data}: was " in beyond.stdout


def losses_of(project, run):
    lines = (project.path / f"logs/{run}/metrics/train.json").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]


@pytest.mark.parametrize(
    ("word", "status", "said"),
    [("77", 1, "77"), ("3:", 2, "one run, please; '3:' names "), ("x", 2, "'x' names no run")],
)
def test_wrong_ids_are_refused(shared, word, status, said):
    before = len(list((shared.path / "logs").glob("[0-9]*")))

    done = shared.mlxp("rerun", word)

    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert len(list((shared.path / "logs").glob("[0-9]*"))) == before


def test_a_run_of_a_sweep_keeps_its_config_when_the_files_change(project):
    project.launch("seed=1,2", versions=False)
    project.put("configs/config.yaml", "seed: 9\nlr: 7\nclock: true\nnew: 1\n")

    done = project.mlxp("rerun", "2")

    assert done.returncode == 0, done.stderr
    assert project.result(3) == [2, 0.001, "A"]
    assert (project.path / "logs/3/metadata/config.yaml").read_bytes() == (
        project.path / "logs/2/metadata/config.yaml"
    ).read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ("main.py",),
        ("main.py", "+mlxp.use_version_manager=true"),
        ("-m", "package.inside", "+mlxp.use_version_manager=true"),
    ],
)
def test_the_code_is_that_of_the_recorded_commit(project, words):
    done = project.python(*words)
    assert done.returncode == 0, done.stderr
    before = project.head
    project.commit(helper_py="CODE = 'B'\n")
    shutil.rmtree(project.path / ".work_dir", ignore_errors=True)

    verdict = mlxp.replicate(project.path / "logs/1", tolerance=0)

    assert verdict.replicated, verdict
    assert project.result(2) == [0, 0.001, "A"]
    assert (project.path / f".work_dir/project/{before}/helper.py").read_text() == "CODE = 'A'\n"


def test_code_that_was_not_kept_is_told_and_what_lies_there_runs(project, told):
    project.put("helper.py", "CODE = 'dirty'\n")
    project.launch(versions=False)
    project.put("helper.py", "CODE = 'other'\n")

    verdict = mlxp.replicate(project.path / "logs/1", tell=told.append)

    kept = f"it ran with changes to the commit {project.head} that nobody kept"
    assert told == [f"run 1: {kept}: the code runs as it lies there now"]
    assert [(found.name, found.was, found.now) for found in verdict.different] == [
        ("info.result", [0, 0.001, "dirty"], [0, 0.001, "other"])
    ]
    assert [change.was for change in verdict.changes if change.what == "code"] == [f"not to be had ({kept})"]


def test_a_run_that_its_script_does_not_begin_has_failed(project):
    project.put("helper.py", "CODE = 'dirty'\n")
    project.launch(versions=False)
    project.put("helper.py", "raise ImportError('broken since')\n")

    with pytest.raises(mlxp.errors.LaunchError, match="status 1 before it began run 2, which should repeat run 1"):
        mlxp.rerun(project.path / "logs/1", lambda told: None)

    assert [*mlxp.runs(project.path / "logs")["info.status"]] == ["COMPLETE", "FAILED"]


def test_a_run_that_ctrl_c_kept_from_beginning_is_interrupted(project):
    project.put("helper.py", "CODE = 'dirty'\n")
    project.launch(versions=False)
    project.put("helper.py", "import os, signal; os.kill(os.getppid(), signal.SIGINT); raise SystemExit(1)\n")

    with pytest.raises(KeyboardInterrupt):
        mlxp.rerun(project.path / "logs/1", lambda told: None)

    assert [*mlxp.runs(project.path / "logs")["info.status"]] == ["COMPLETE", "INTERRUPTED"]


def test_a_missing_commit_is_told(shared, told, no_git_settings):
    birth = shared.path / "logs/4/metadata/events/1.jsonl"
    birth.write_text(birth.read_text().replace(shared.head, "0" * 40))

    repeated = mlxp.rerun(shared.path / "logs/4", told.append)

    assert repeated.exit_status == 0
    assert told == [
        f"run 4: the repository {shared.path} has no commit {'0' * 40} any more: the code runs as it lies there now"
    ]


def test_a_changed_package_is_named(shared):
    events = shared.path / "logs/5/metadata/events/1.jsonl"
    (digest,) = {json.loads(line)["environment"]["packages"] for line in events.read_text().splitlines()[:1]}
    contents = shared.path / "logs/.mlxp_fn/contents"
    forged = json.loads((contents / f"{digest}.json").read_text())
    forged["packages"]["numpy"] = "0.1"
    other, text = as_content(forged)
    (contents / f"{other}.json").write_bytes(text)
    events.write_text(events.read_text().replace(digest, other))

    done = shared.mlxp("replicate", "5")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "  package.numpy: was 0.1, now " in done.stdout


def test_masked_overrides_do_not_matter_for_the_config_is_whole(project):
    project.launch("+api_key=abcdefgh", versions=False)

    mlxp.rerun(project.path / "logs/1")

    assert yaml.safe_load((project.path / "logs/2/metadata/config.yaml").read_text())["api_key"] == "abcdefgh"


def test_what_no_script_launched_is_refused(tmp_path):
    run = mlxp.run(lambda ctx: 1, {"seed": 1}, tmp_path / "logs")

    with pytest.raises(LaunchError, match="not launched by a script's command line"):
        mlxp.rerun(run.dir)
    assert not (tmp_path / "logs/2").exists()
