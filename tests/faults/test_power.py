"""With `fsync: true` the disk is told of everything before a call returns; without it, of artifacts alone.

Nothing here cuts the power. What the system was asked to settle is noted, call by call.
"""

import json

import pytest

NOTED = """
import json, os, sys
import mlxp_fn as mlxp

noted, fsync = [], os.fsync

def note(descriptor):
    fsync(descriptor)
    noted.append(os.path.relpath(os.readlink(f"/proc/self/fd/{descriptor}")))

os.fsync = note
steps = {}

def step(name):
    steps[name] = sorted(set(noted))
    noted.clear()

def task(ctx):
    step("begun")
    ctx.logger.log_metrics({"n": 1}, "a/train")
    step("first line")
    ctx.logger.log_metrics({"n": 2}, "a/train")
    step("second line")
    ctx.logger.log_metrics({"n": 3, "late": 3}, "a/train")
    step("new key")
    ctx.logger.log_artifacts("a", "b/note.txt", "text")
    ctx.logger.log_checkpoint([1])
    step("artifacts")

settings = {"fsync": sys.argv[1] == "true"}
mlxp.run(task, {}, "parent/logs", settings={"logger": settings})
step("ended")
again = {"forced_log_id": 1, **settings}
mlxp.run(lambda ctx: step("begun again"), {}, "parent/logs", settings={"logger": again})
print(json.dumps(steps))
"""


def steps(python, fsync):
    done = python(NOTED, fsync, shell='{python} script.py "$@"')
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture
def settled(python):
    return steps(python, "true")


def test_a_run_is_settled_before_its_task_begins(settled):
    unborn = {name.replace("metadata", ".metadata") for name in settled["begun"]}
    inside = ("config.yaml", "events", "events/0.jsonl", "events/1.jsonl", "info.yaml", "mlxp.yaml", "run.json")

    assert {".", "parent", "parent/logs", "parent/logs/1"} <= unborn
    for name in inside:
        assert any(path.startswith("parent/logs/1/.") and path.endswith(f"/{name}") for path in unborn), name


def test_a_line_is_settled_and_once_the_names_that_lead_to_it(settled):
    run = "parent/logs/1"
    assert settled["first line"] == sorted(
        [
            f"{run}/metrics",
            f"{run}/metrics/a",
            f"{run}/metrics/a/train.json",
            f"{run}/metrics/.keys",
            f"{run}/metrics/.keys/a",
            f"{run}/metrics/.keys/a/train.yaml",
        ]
    )
    assert settled["second line"] == [f"{run}/metrics/a/train.json"]
    assert set(settled["new key"]) >= {f"{run}/metrics/a/train.json", f"{run}/metrics/.keys/a/train.yaml"}


def test_an_artifact_and_the_names_that_lead_to_it_are_settled(settled):
    artifacts = "parent/logs/1/artifacts"
    folders = {artifacts, *(f"{artifacts}/{name}" for name in ("text", "text/b", "pickle", ".keys"))}

    assert folders <= set(settled["artifacts"])
    for name in ("text/b/.", "pickle/.", ".keys/.mlxp_fn.json", ".keys/.artifacts.yaml"):
        assert any(path.startswith(f"{artifacts}/{name}") for path in settled["artifacts"]), name


def test_what_runs_share_is_settled(settled):
    assert {"parent/logs/.mlxp_fn", "parent/logs/.mlxp_fn/contents"} <= set(settled["begun"])


def test_how_a_run_ended_is_settled(settled):
    metadata = "parent/logs/1/metadata"
    assert {metadata, f"{metadata}/events/1.jsonl"} <= set(settled["ended"])
    assert any(f"{metadata}/.info.yaml" in name for name in settled["ended"])


def test_another_attempt_is_settled(settled):
    metadata = "parent/logs/1/metadata"
    assert {metadata, f"{metadata}/events"} <= set(settled["begun again"])
    assert any(f"{metadata}/events/.2.jsonl" in name for name in settled["begun again"])


def test_without_the_setting_only_artifacts_wait_for_the_disk(python):
    waited = steps(python, "false")

    assert {name for name, paths in waited.items() if paths} == {"artifacts"}
    assert len(waited["artifacts"]) == 2
