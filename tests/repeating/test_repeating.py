"""Recorded runs repeated and judged, by the command, in real processes and repositories."""

import json
import shutil
import subprocess
import sys
import textwrap

import pytest
import yaml

import mlxp_fn as mlxp
from mlxp_fn.errors import LaunchError
from tests.conftest import OF_NOBODY

MAIN = """
    import time
    import numpy as np
    import mlxp_fn as mlxp
    import helper

    def seed_everything(seed):
        np.random.seed(seed)

    @mlxp.launch(seeding_function=seed_everything)
    def task(ctx):
        for step in range(3):
            loss = time.time() if ctx.config.clock and step == 1 else float(np.random.rand())
            ctx.logger.log_metrics({"step": step, "loss": loss}, "train")
        ctx.logger.log_artifacts({"lr": ctx.config.lr}, "model.pkl", "pickle")
        return [ctx.config.seed, ctx.config.lr, helper.CODE]

    task()
"""


@pytest.fixture
def project(repository):
    repository.put("main.py", textwrap.dedent(MAIN))
    repository.put("configs/config.yaml", "seed: 0\nlr: 1e-3\nclock: false\n")
    repository.commit(helper_py="CODE = 'A'\n", _gitignore="__pycache__/\nlogs/\n.work_dir/\n")
    return repository


def called(project, *words):
    return subprocess.run(
        [sys.executable, *words], cwd=project.path, capture_output=True, text=True, env=OF_NOBODY, check=False
    )


def mlxp_(project, *words):
    return called(project, "-c", "from mlxp_fn.cli.mlxp import main; main()", *words)


def info(project, run):
    return yaml.safe_load((project.path / f"logs/{run}/metadata/info.yaml").read_text())


def result(project, run):
    text = (project.path / f"logs/{run}/metadata/events/1.jsonl").read_text()
    return json.loads(text.splitlines()[-1])["result"]


def test_a_seeded_task_is_replicated_to_the_last_bit(project):
    called(project, "main.py", "seed=3")

    done = mlxp_(project, "replicate", "1", "--tolerance", "0")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "run 1 is replicated by run 2 (tolerated: a tolerance of 0.0)",
        "  info.status: identical",
        "  info.result: identical",
        "  train.step: identical",
        "  train.loss: identical",
        "  artifacts/pickle/model.pkl: identical",
    ]
    assert (info(project, 1).get("origin"), info(project, 2)["origin"]) == (None, 1)


def test_a_task_with_the_clock_in_it_is_not_and_the_first_differing_row_is_named(project):
    called(project, "main.py", "clock=true")

    done = mlxp_(project, "replicate", "last")

    assert done.returncode == 1
    assert "run 1 is not replicated by run 2" in done.stdout
    assert "  train.step: identical" in done.stdout
    assert "  train.loss: different at row 1: was " in done.stdout


def test_a_run_of_a_sweep_keeps_its_config_when_the_files_change(project):
    called(project, "main.py", "seed=1,2")
    project.put("configs/config.yaml", "seed: 9\nlr: 7\nclock: true\nnew: 1\n")

    done = mlxp_(project, "rerun", "2")

    assert done.returncode == 0, done.stderr
    assert result(project, 3) == [2, 0.001, "A"]
    assert (project.path / "logs/3/metadata/config.yaml").read_bytes() == (
        project.path / "logs/2/metadata/config.yaml"
    ).read_bytes()


@pytest.mark.parametrize("settings", [(), ("+mlxp.use_version_manager=true",)])
def test_the_code_is_that_of_the_recorded_commit(project, settings):
    called(project, "main.py", *settings)
    before = project.head
    project.commit(helper_py="CODE = 'B'\n")
    shutil.rmtree(project.path / ".work_dir", ignore_errors=True)

    done = mlxp_(project, "replicate", "1", "--tolerance", "0")

    assert done.returncode == 0, done.stdout + done.stderr
    assert result(project, 2) == [0, 0.001, "A"]
    assert (project.path / f".work_dir/project/{before}/helper.py").read_text() == "CODE = 'A'\n"


def test_code_that_was_not_kept_is_told_and_what_lies_there_runs(project):
    project.put("helper.py", "CODE = 'dirty'\n")
    called(project, "main.py")
    project.put("helper.py", "CODE = 'other'\n")

    done = mlxp_(project, "replicate", "1")

    assert done.returncode == 1
    assert f"it ran with changes to the commit {project.head} that nobody kept" in done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("  info.result: different: was "))
    was, now = line.split(", now ")
    assert ("dirty" in was, "other" in now) == (True, True)
    assert "  code: was it ran with changes" in done.stdout


def test_a_missing_commit_is_told(project):
    called(project, "main.py")
    birth = project.path / "logs/1/metadata/events/1.jsonl"
    birth.write_text(birth.read_text().replace(project.head, "0" * 40))

    done = mlxp_(project, "rerun", "1")

    assert done.returncode == 0, done.stderr
    assert f"has no commit {'0' * 40} any more: the code runs as it lies there now" in done.stderr


def test_a_changed_package_is_named(project):
    called(project, "main.py")
    events = project.path / "logs/1/metadata/events/1.jsonl"
    (digest,) = {json.loads(line)["environment"]["packages"] for line in events.read_text().splitlines()[:1]}
    contents = project.path / "logs/.mlxp_fn/contents"
    forged = json.loads((contents / f"{digest}.json").read_text())
    forged["packages"]["numpy"] = "0.1"
    from mlxp_fn.effects.contents import as_content

    other, text = as_content(forged)
    (contents / f"{other}.json").write_bytes(text)
    events.write_text(events.read_text().replace(digest, other))

    done = mlxp_(project, "replicate", "1")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "  package.numpy: was 0.1, now " in done.stdout


def test_masked_overrides_do_not_matter_for_the_config_is_whole(project):
    called(project, "main.py", "+api_key=abcdefgh")

    done = mlxp_(project, "rerun", "1")

    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((project.path / "logs/2/metadata/config.yaml").read_text())["api_key"] == "abcdefgh"


@pytest.mark.parametrize(
    ("word", "status", "said"),
    [("7", 1, "7"), ("1:", 2, "one run, please; '1:' names 2"), ("x", 2, "'x' names no run")],
)
def test_wrong_ids_are_refused(project, word, status, said):
    called(project, "main.py", "seed=1,2")

    done = mlxp_(project, "rerun", word)

    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert not (project.path / "logs/3").exists()


def test_what_no_script_launched_is_refused(tmp_path):
    run = mlxp.run(lambda ctx: 1, {"seed": 1}, tmp_path / "logs")

    with pytest.raises(LaunchError, match="not launched by a script's command line"):
        mlxp.rerun(run.dir)
    assert not (tmp_path / "logs/2").exists()
