"""`mlxp gc --code`: code that nobody needs is removed, and whatever anybody may need is spared, with the reason."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn.browsing.clearing import clear, kept_versions
from mlxp_fn.effects.code_users import note_use
from mlxp_fn.effects.copying import copy_of
from mlxp_fn.effects.snapshots import take_snapshot
from mlxp_fn.effects.working_trees import look_at
from mlxp_fn.errors import RunBusyError
from mlxp_fn.versions.states import LeftOut


def long_ago(repository):
    """As if every version had been asked for two hours before."""
    for note in (repository.path / ".git/mlxp_fn").iterdir():
        os.utime(note, (time.time() - 7200,) * 2)


def snapshot(repository, log_dir="logs"):
    """A snapshot, its copy and the note that a launch leaves."""
    repository.put("main.py", "changed\n")
    tree = look_at(str(repository.path), LeftOut())
    commit = take_snapshot(tree.root, tree.commit, tree.files)
    made = copy_of(tree.root, commit, repository.path / ".work_dir/project" / commit, lambda place: None)
    (repository.path / log_dir).mkdir(parents=True, exist_ok=True)
    note_use(made, str(repository.path / log_dir))
    long_ago(repository)
    return made


def record(logs, run, text, name="metadata/info.yaml"):
    path = logs / str(run) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def needs(repository, **settings):
    return {version.commit: version.needed for version in kept_versions(str(repository.path), **settings).found}


def test_a_removed_runs_snapshot_goes_with_its_copy_and_nothing_else(small_project):
    project = small_project
    project.launch()
    project.put("helper.py", "CODE = 'B'\n")
    project.launch()
    snapshot = project.info(2)["version_manager"]["commit_hash"]
    long_ago(project)
    before = project.standing()
    needed = project.mlxp("gc", "--code", "-y").stdout

    project.mlxp("rm", "-y", "2")
    in_trash = project.mlxp("gc", "--code", "-y").stdout
    project.mlxp("gc", "--trash", "-y")
    (project.path / f".work_dir/project/{snapshot}/result.csv").write_text("")
    asked = project.mlxp("gc", "--code")
    told = project.mlxp("gc", "--code", "--dry-run").stdout
    done = project.mlxp("gc", "--code", "-y").stdout

    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in needed.splitlines()}
    size = lines[snapshot].split(" B ")[0].removeprefix("snapshot ")
    assert lines == {
        project.head: f"commit {size} B run {project.path}/logs/1 names it",
        snapshot: f"snapshot {size} B run {project.path}/logs/2 names it",
        "there": "is no code that nobody needs",
    }
    assert f"run {project.path}/logs/.mlxp_fn/trash/2 names it" in in_trash
    assert asked.returncode == 2
    assert "nobody can be asked whether to remove 1 version of the code (1 copy, " in asked.stderr
    assert told.splitlines()[2:] == [
        f"  {project.path}/.work_dir/project/{snapshot}: 1 file that is not the commit's",
        f"would remove 1 version of the code (1 copy, {size} B)",
    ]
    assert done.splitlines()[-1] == "removed 1 version of the code"
    assert sorted(os.listdir(project.path / ".work_dir/project")) == sorted([".gitignore", project.head])
    assert project.git("for-each-ref", "refs/mlxp") == ""
    assert os.listdir(project.path / ".git/mlxp_fn") == [project.head]
    assert (project.standing()[:-1], project.result(1)) == (before[:-1], "A")


def test_a_version_is_spared_for_an_hour_after_it_was_asked_for(repository):
    made = snapshot(repository)
    assert needs(repository) == {made.commit: ""}

    note_use(made, None)

    assert needs(repository) == {made.commit: "asked for within the last hour"}


def test_while_a_process_stands_in_a_copy_it_is_spared(repository):
    made = snapshot(repository)

    with subprocess.Popen(["sleep", "60"], cwd=made.path) as process:
        while_it_lives = needs(repository)
        process.kill()

    assert while_it_lives == {made.commit: f"process {process.pid} runs from it"}
    assert needs(repository) == {made.commit: ""}


def test_runs_elsewhere_are_known_by_the_note_of_their_launch(small_project, tmp_path):
    small_project.launch(f"+mlxp.logger.parent_log_dir={tmp_path}/else where/logs")
    long_ago(small_project)

    assert needs(small_project) == {small_project.head: f"run {tmp_path}/else where/logs/1 names it"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metadata/info.yaml", "this: [is no YAML\n{commit}\n"),
        ("metadata/events/1.jsonl", '{{"event": "of a later version", "commit": "{commit}"}}\n'),
        ("script.sh", "cd /work/{commit}/exp\n"),
    ],
)
def test_a_record_that_names_it_counts_whether_or_not_it_can_be_read(repository, name, text):
    made = snapshot(repository)
    record(repository.path / "logs", 7, text.format(commit=made.commit), name)

    assert needs(repository) == {made.commit: f"run {repository.path}/logs/7 names it"}


def test_a_log_directory_that_is_named_counts_without_a_note(repository, tmp_path):
    made = snapshot(repository)
    record(tmp_path / "copied", 1, f"commit_hash: {made.commit}\n")

    assert needs(repository, logs=[tmp_path / "copied"]) == {made.commit: f"run {tmp_path}/copied/1 names it"}


def test_where_a_log_directory_is_gone_nobody_knows_unless_it_is_said(repository):
    made = snapshot(repository)
    shutil.rmtree(repository.path / "logs")

    assert needs(repository) == {made.commit: f"its runs were logged in {repository.path}/logs, which is not there"}
    assert needs(repository, even_gone=True) == {made.commit: ""}


def test_without_a_note_nobody_knows_unless_it_is_said(repository):
    made = snapshot(repository)
    shutil.rmtree(repository.path / ".git/mlxp_fn")

    assert needs(repository) == {made.commit: "nobody noted where its runs are logged"}
    assert needs(repository, even_gone=True) == {made.commit: ""}


def test_who_begins_to_use_it_meanwhile_keeps_it(repository):
    made = snapshot(repository)
    kept = kept_versions(str(repository.path))

    note_use(made, str(repository.path / "logs"))

    with pytest.raises(RunBusyError, match=f"{made.commit} is needed now: asked for within the last hour"):
        clear(kept)
    assert Path(made.path, "main.py").exists()


def test_a_copy_that_was_deleted_by_hand_is_forgotten_and_one_that_is_being_made_is_left(repository):
    made = snapshot(repository)
    shutil.rmtree(made.path)
    unfinished = Path(made.path).with_name(f".{made.commit}.host.1.0")
    reason = f"mlxp_fn runs code from this copy of {repository.path}"
    repository.git("worktree", "add", "-q", "--lock", "--reason", reason, "--detach", str(unfinished), made.commit)

    clear(kept_versions(str(repository.path)))

    assert kept_versions(str(repository.path)).found == ()
    worktrees = repository.git("worktree", "list", "--porcelain").split("\n")
    assert [line for line in worktrees if line.startswith("worktree ")][1:] == [f"worktree {unfinished}"]


def test_what_was_checked_out_stays(small_project, tmp_path):
    small_project.launch()
    found = mlxp.checkout(small_project.path / "logs/1", tmp_path / "mine")
    shutil.rmtree(small_project.path / "logs/1")
    long_ago(small_project)

    small_project.mlxp("gc", "--code", "-y")

    assert not (small_project.path / ".work_dir/project" / found.commit).exists()
    assert (tmp_path / "mine/main.py").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--code", "--trash"), "what is to be removed? mlxp gc --trash, or mlxp gc --code"),
        (("--trash", "--gone"), "what is to be removed? mlxp gc --trash, or mlxp gc --code"),
        (("--code", "nowhere"), "nowhere is no log directory"),
    ],
)
def test_a_wrong_question_is_refused(small_project, words, says):
    done = small_project.mlxp("gc", *words)

    assert (done.returncode, says in done.stderr) == (2, True)
