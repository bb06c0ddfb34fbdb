"""`mlxp checkout` as a process: the code of a run in a directory, and nothing else changed."""

import json
import os
import shutil
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn.errors import VersionError
from tests.conftest import contents, git
from tests.repeating.conftest import set_up


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Run 1 of a snapshot, run 2 without versions of the commit, run 3 without versions of a changed file."""
    project = set_up(tmp_path_factory.mktemp("checkout") / "my project")
    project.put("helper.py", "CODE = 'B'\n")
    project.put("new/file.txt", "new")
    project.launch()
    project.git("stash", "-u", "-q")
    project.launch(versions=False)
    project.put("helper.py", "CODE = 'C'\n")
    project.launch(versions=False)
    project.put("helper.py", "CODE = 'D'\n")
    return project


def test_a_snapshot_is_put_into_a_new_directory_and_nothing_else_changes(project, tmp_path):
    before = project.standing()
    commit = project.info(1)["version_manager"]["commit_hash"]

    done = project.mlxp("checkout", "1", str(tmp_path / "a b"))

    assert done.stdout.splitlines() == [
        f"the code of run 1 is in {tmp_path}/a b",
        f"  commit {commit} of {project.path}",
        f"  script {tmp_path}/a b/main.py",
    ], done.stderr
    assert contents(tmp_path / "a b") == {
        **{name: content for name, content in contents(project.path).items() if not name.startswith("logs/")},
        "helper.py": (b"CODE = 'B'\n", False),
        "new/file.txt": (b"new", False),
    }
    assert project.standing() == before


def test_without_a_directory_it_lies_beside_the_repository(project):
    commit = project.info(1)["version_manager"]["commit_hash"]

    found = json.loads(project.mlxp("checkout", "logs/1", "--json").stdout)

    beside = f"{project.path}-{commit[:10]}"
    assert found == {
        "run": 1,
        "commit": commit,
        "repository": str(project.path),
        "directory": beside,
        "script": f"{beside}/main.py",
        "is_whole": True,
        "empty": [],
    }
    assert git(beside, "rev-parse", "HEAD").strip() == commit
    shutil.rmtree(beside)
    assert mlxp.checkout(project.path / "logs/1").directory == beside  # a deleted one can be made again


def test_a_run_without_versions_has_its_commit_and_a_changed_one_is_told(project, tmp_path):
    clean = project.mlxp("checkout", "2", str(tmp_path / "clean"))
    changed = project.mlxp("checkout", "3", str(tmp_path / "changed"))

    assert clean.stderr == ""
    assert changed.stderr == "warning: run 3 may have run with changes to this commit that nobody kept\n"
    assert [(tmp_path / name / "helper.py").read_text() for name in ("clean", "changed")] == ["CODE = 'A'\n"] * 2


def test_a_directory_that_is_not_empty_is_refused(project, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()

    for name in ("full", "file"):
        done = project.mlxp("checkout", "1", str(tmp_path / name))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"error: {tmp_path / name} is there already, and is no empty directory")
    assert project.mlxp("checkout", "1", "empty", "-C", str(tmp_path)).returncode == 1  # no logs there
    assert mlxp.checkout(project.path / "logs/1", tmp_path / "empty").directory == str(tmp_path / "empty")
    assert (tmp_path / "full/mine.txt").read_text() == "mine"


def test_a_checkout_within_the_repository_is_no_part_of_the_code(project):
    project.mlxp("checkout", "1", "inside/there")

    project.launch()

    assert not Path(project.info(4)["version_manager"]["copy"], "inside").exists()


def test_a_run_in_a_sub_directory_is_found_with_its_script(small_project):
    for name in ("main.py", "helper.py", "configs/config.yaml"):
        (small_project.path / "exp" / name).parent.mkdir(parents=True, exist_ok=True)
        (small_project.path / name).rename(small_project.path / "exp" / name)
    small_project.commit()
    small_project.launch(cwd="exp")

    found = mlxp.checkout(small_project.path / "exp/logs/1")

    assert (found.repository, found.script) == (str(small_project.path), f"{found.directory}/exp/main.py")
    assert os.path.exists(f"{found.directory}/exp/helper.py")


def test_without_a_commit_in_the_record_there_is_no_code(tmp_path):
    run = mlxp.run(lambda ctx: 1, {"seed": 1}, tmp_path / "logs")
    record = Path(run.dir, "metadata/events/1.jsonl")
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    lines[0]["environment"].pop("git", None)
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))

    with pytest.raises(VersionError, match="run 1 has no commit of its code in its record"):
        mlxp.checkout(run.dir, tmp_path / "code")
    assert not (tmp_path / "code").exists()


def test_a_repository_that_is_not_there_or_has_lost_the_commit_is_told(small_project):
    small_project.put("helper.py", "CODE = 'B'\n")
    small_project.launch("+mlxp.logger.parent_log_dir=../logs")
    run = small_project.path.parent / "logs/1"
    commit = small_project.git("for-each-ref", "--format=%(objectname)", "refs/mlxp").strip()
    small_project.git("worktree", "remove", "-f", "-f", f".work_dir/project/{commit}")
    small_project.git("update-ref", "-d", f"refs/mlxp/{commit}")
    small_project.git("gc", "-q", "--prune=now")

    with pytest.raises(VersionError, match=f"code of run 1 cannot be had: the repository .* no commit {commit}"):
        mlxp.checkout(run, small_project.path.parent / "code")
    small_project.path.rename(small_project.path.with_name("moved"))
    with pytest.raises(VersionError, match="project, where its code lay, is not there any more"):
        mlxp.checkout(run, small_project.path.parent / "code")


def test_runs_of_mlxp_have_their_code_too(small_project):
    run_dir = small_project.path / "logs/1"
    (run_dir / "metadata").mkdir(parents=True)
    (run_dir / "metadata/config.yaml").write_text("seed: 0\n")
    (run_dir / "metadata/info.yaml").write_text(
        f"status: COMPLETE\nwork_dir: {small_project.path}\nversion_manager:\n"
        f"  commit_hash: {small_project.head}\n  repo_path: {small_project.path}\n"
    )

    found = mlxp.checkout(run_dir)

    assert (found.commit, found.is_whole) == (small_project.head, False)
    assert Path(found.directory, "helper.py").read_text() == "CODE = 'A'\n"


def test_submodules_that_are_not_here_are_named_and_others_are_filled(make_repository, small_project):
    library = make_repository("library")
    library.commit(lib_py="lib")
    for name in ("here", "away"):
        url = str(library.path)
        small_project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, name)
    small_project.commit()
    small_project.launch()
    small_project.git("submodule", "--quiet", "deinit", "-f", "away")
    shutil.rmtree(small_project.path / ".git/modules/away")

    done = small_project.mlxp("checkout", "1", "code")

    assert "not on this machine, and they are empty: away\n" in done.stderr
    assert (small_project.path / "code/here/lib.py").read_text() == "lib"
    assert os.listdir(small_project.path / "code/away") == []
