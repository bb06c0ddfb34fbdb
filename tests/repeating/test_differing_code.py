"""`mlxp diff` on runs of code in real repositories: in which files it differs, and what nobody can know."""

import json
import os
import shutil
import subprocess

import pytest

from mlxp_fn.browsing.choice import choice
from mlxp_fn.browsing.differing import difference
from tests.conftest import OF_NOBODY
from tests.repeating.conftest import Project, set_up


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Run 1 of a commit, 2 of a snapshot; without versions 3 of the same commit, 4 of a changed file."""
    project = set_up(tmp_path_factory.mktemp("diff") / "project")
    project.commit(gone_py="1\n2\n", same_py="")
    project.launch()
    project.put("helper.py", "CODE = 'B'\nMORE = 1\n")
    project.put("new\nfile", "one\ntwo\nthree\n")
    project.put("data.bin", b"\0\1")
    (project.path / "gone.py").unlink()
    project.launch()
    project.git("stash", "-u", "-q")
    project.launch(versions=False)
    project.put("helper.py", "CODE = 'C'\n")
    project.launch(versions=False)
    return project


def rows(done):
    return {row.pop("key"): row for row in json.loads(done.stdout)}


def of_code(found):
    return {key: list(cells.values()) for key, cells in found.items() if key.startswith("code")}


def test_the_lines_that_only_one_has_are_counted_file_by_file(project):
    first, snapshot = (project.info(run)["version_manager"]["commit_hash"] for run in (1, 2))

    done = project.mlxp("diff", "1", "2", "--json")

    assert done.stderr == ""
    assert of_code(rows(done)) == {
        "code": [f"{first[:10]} a commit", f"{snapshot[:10]} Snapshot of a working tree, by mlxp_fn"],
        "code/data.bin": [None, "binary"],
        "code/gone.py": [2, None],
        "code/helper.py": [1, 2],
        "code/new\nfile": [None, 3],
    }
    assert rows(done)["info.version_manager.commit_hash"] == {"1": first, "2": snapshot}


def test_the_patch_makes_the_one_of_the_other(project, tmp_path):
    for run in (1, 2):
        project.mlxp("checkout", str(run), str(tmp_path / str(run)))

    done = project.mlxp("diff", "1", "2", "--patch")

    (tmp_path / "patch").write_text(done.stdout)
    subprocess.run(["git", "-C", tmp_path / "1", "apply", "../patch"], check=True, env=OF_NOBODY)
    names = ["helper.py", "new\nfile", "data.bin", "main.py"]
    made, wanted = ([(tmp_path / run / name).read_bytes() for name in names] for run in ("1", "2"))
    assert made == wanted
    assert not (tmp_path / "1/gone.py").exists()


def test_runs_of_one_commit_have_the_same_code_unless_it_was_changed(project):
    same, changed = project.mlxp("diff", "1", "3", "--json"), project.mlxp("diff", "3", "4", "--json")

    assert of_code(rows(same)) == of_code(rows(changed)) == {}
    assert same.stderr == ""
    assert changed.stderr == "warning: run 4 may have run with changes to its commit that nobody kept\n"
    assert project.mlxp("diff", "1", "3", "--patch").stderr == "the code of these runs does not differ\n"
    assert project.mlxp("diff", "3", "4", "--patch").returncode == 1


def test_programs_of_the_repositorys_choice_are_not_started(project):
    project.put(".gitattributes", "*.py diff=spy\n")
    project.git("config", "diff.spy.command", "touch started; true")
    project.git("config", "diff.spy.textconv", "touch started; cat")

    project.mlxp("diff", "1", "2", "--patch", GIT_EXTERNAL_DIFF="touch started; true")

    assert not (project.path / "started").exists()


def test_the_variables_of_a_hook_do_not_lead_elsewhere(project, tmp_path):
    other = set_up(tmp_path / "other")
    elsewhere = {
        "GIT_DIR": f"{other.path}/.git",
        "GIT_COMMON_DIR": f"{other.path}/.git",
        "GIT_WORK_TREE": str(other.path),
        "GIT_OBJECT_DIRECTORY": f"{other.path}/.git/objects",
    }

    assert "code/helper.py" in rows(project.mlxp("diff", "1", "2", "--json", **elsewhere))


def test_what_cannot_be_compared_is_said_and_the_rest_is_shown(project, tmp_path):
    shutil.copytree(project.path / "logs", tmp_path / "logs")
    away = project.path.rename(project.path.with_name("away"))

    try:
        found = difference(choice([str(tmp_path / "logs/1"), str(tmp_path / "logs/2")]))
    finally:
        away.rename(project.path)

    assert found.remarks == (
        f"the code of these runs cannot be compared: {project.path}, where its code lay, is not there any more",
    )
    assert found.code is None
    assert "info.version_manager.commit_hash" in found.rows["key"]


def test_commits_of_two_repositories_are_compared_where_one_has_both(project, tmp_path, monkeypatch):
    project.git("clone", "-q", "--no-local", str(project.path), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    clone.commit(helper_py="CODE = 'of the clone'\n")
    clone.launch(f"+mlxp.logger.parent_log_dir={tmp_path}/logs")
    for run, place in (("1", "2"), ("2", "3")):
        shutil.copytree(project.path / "logs" / run, tmp_path / "logs" / place)
    monkeypatch.chdir(tmp_path)

    has_both, has_not = (difference(choice([other, "1"])) for other in ("2", "3"))

    assert (has_both.code.root, [file.path for file in has_both.code.files]) == (str(clone.path), ["helper.py"])
    assert has_not.remarks == (
        f"the code of these runs cannot be compared: one lies in {project.path}, the other in {clone.path}, "
        "and neither has both commits",
    )
    assert os.listdir(tmp_path / "logs")
