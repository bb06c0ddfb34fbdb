"""Scripts that run from a copy of their repository, launched as a user launches them, in processes of their own."""

import json
import os
import site
import subprocess
import sys
import textwrap
import venv

import pytest
import yaml

from tests.conftest import OF_NOBODY, contents

MAIN = """
    import json, os, sys
    import mlxp_fn as mlxp
    import helper

    @mlxp.launch()
    def task(ctx):
        facts = {"code": helper.CODE, "cwd": os.getcwd(), "file": helper.__file__, "argv": sys.argv}
        print(json.dumps(facts))
        return helper.CODE

    if __name__ == "__main__":
        task()
"""
SETTINGS = "use_version_manager: true\n"


@pytest.fixture
def project(repository):
    repository.put("exp/main.py", textwrap.dedent(MAIN))
    repository.put("exp/configs/config.yaml", "seed: 0\n")
    repository.put("exp/configs/mlxp.yaml", SETTINGS)
    repository.commit(exp__helper_py="CODE = 'A'\n", _gitignore="__pycache__/\n")
    return repository


def python(project, *arguments, cwd="exp", **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project.path / cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**OF_NOBODY, **environment},
    )


def main(project, *overrides, **environment):
    return python(project, "main.py", *overrides, **environment)


def facts(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def info(project, run=1):
    return yaml.safe_load((project.path / f"exp/logs/{run}/metadata/info.yaml").read_text())


def test_the_code_that_runs_is_the_copys_from_where_the_user_stood(project):
    head = project.head

    (ran,) = facts(main(project, "seed=3"))

    copy = project.path / f"exp/.work_dir/project/{head}"
    assert ran["code"] == "A"
    assert ran["cwd"] == str(copy / "exp")
    assert ran["file"] == str(copy / "exp/helper.py")
    assert ran["argv"] == ["main.py", "seed=3"]
    version = info(project)["version_manager"]
    assert (version["commit_hash"], version["repo_path"], version["requirements"]) == (head, str(project.path), [])
    assert (version["copy"], version["from_copy"], version["original_dir"]) == (
        str(copy),
        True,
        str(project.path / "exp"),
    )
    assert (version["branch"], version["remote"], version["dirty"], version["snapshot"]) == (
        "main",
        None,
        False,
        False,
    )
    assert info(project)["work_dir"] == str(copy / "exp")
    assert info(project)["logger"]["log_dir"] == str(project.path / "exp/logs/1")


def test_a_dirty_tree_runs_as_a_snapshot_once_for_all_jobs_and_stays_as_it_is(project):
    project.put("exp/helper.py", "from added import CODE\n")
    project.put("exp/added.py", "CODE = 'B'\n")
    main(project)
    before = project.standing()
    code = {name: content for name, content in contents(project.path).items() if "/logs/" not in name}

    done = main(project, "seed=1,2")

    assert [ran["code"] for ran in facts(done)] == ["B", "B"]
    first, second, third = (info(project, run)["version_manager"] for run in (1, 2, 3))
    assert first == second == third
    assert (first["dirty"], first["snapshot"], first["latest_commit"]) == (True, True, project.head)
    assert project.git("rev-parse", f"refs/mlxp/{first['commit_hash']}").strip() == first["commit_hash"]
    assert len(project.git("worktree", "list").splitlines()) == 2
    *now, files = project.standing()
    assert now[1:] == list(before[1:-1])
    assert {name: files[name] for name in code} == code


def test_git_is_asked_once_a_launch_and_by_no_further_job(project, tmp_path):
    asked = tmp_path / "asked"
    counting = tmp_path / "bin/git"
    counting.parent.mkdir()
    counting.write_text(f'#!/bin/sh\necho "$*" >> {asked}\nPATH="${{PATH#*:}}" exec git "$@"\n')
    counting.chmod(0o755)
    path = f"{counting.parent}:{os.environ['PATH']}"
    main(project, PATH=path)  # makes the copy
    found = []
    for seeds in ("seed=1", "seed=1,2,3"):
        asked.unlink()
        facts(main(project, seeds, PATH=path))
        words = [line.split() for line in asked.read_text().splitlines()]
        found.append([next(word for word in line if word in COMMANDS_OF_GIT) for line in words])

    # Where the root is, what differs, whose it is, whether the copy was altered; then what `info.git` tells.
    assert found == [["rev-parse", "status", "config", "status", "status", "config"]] * 2


COMMANDS_OF_GIT = {"rev-parse", "status", "config", "worktree", "ls-files", "cat-file", "for-each-ref"}


def test_code_that_changes_after_the_start_changes_nothing(project):
    project.put(
        "exp/helper.py",
        "import pathlib, mlxp_fn.effects.marks as marks\n"
        f"original = pathlib.Path({str(project.path / 'exp')!r})\n"
        "if marks.mark(): (original / 'late.py').write_text('CODE = \"later\"')\n"
        "from late import CODE\n",
    )
    project.put("exp/late.py", "CODE = 'A'\n")

    assert [ran["code"] for ran in facts(main(project))] == ["A"]
    assert (project.path / "exp/late.py").read_text() == 'CODE = "later"'


@pytest.mark.parametrize(
    ("on_dirty", "code", "says"),
    [("ignore", "A", ""), ("commit", "B", ""), ("refuse", None, "is not as its latest commit (exp/helper.py)")],
)
def test_the_setting_says_what_a_dirty_tree_means(project, on_dirty, code, says):
    before = project.head
    project.put("exp/helper.py", "CODE = 'B'\n")

    done = main(project, f"+mlxp.version_manager.on_dirty={on_dirty}")

    assert says in done.stderr
    if code:
        assert facts(done)[0]["code"] == code
        assert info(project)["version_manager"]["dirty"] is (on_dirty == "ignore")
        assert info(project)["version_manager"]["commit_hash"] == project.head
    assert (project.head == before) is (on_dirty != "commit")
    assert done.returncode == (0 if code else 1)


def test_a_secret_stops_the_launch_by_name_and_may_be_allowed(project):
    project.put("exp/.env", "KEY=1")

    refused = main(project)
    allowed = main(project, "+mlxp.version_manager.allow=[.env]")

    assert refused.returncode == 1
    assert "exp/.env (by its name a secret)" in refused.stderr
    assert "Traceback" not in refused.stderr
    copy = info(project)["version_manager"]["copy"]
    assert facts(allowed)
    assert os.path.exists(f"{copy}/exp/.env")


@pytest.mark.parametrize(
    ("arguments", "cwd"),
    [
        (("-X", "dev", "-m", "main"), "exp"),
        (("-m", "exp.main"), "."),
        (("-W", "ignore", "exp/main.py"), "."),
        (("-u", "{root}/exp/main.py"), ".."),
        (("project/exp/main.py",), ".."),
        (("../main.py",), "exp/not in git"),
    ],
)
def test_however_a_script_is_started_it_is_started_again_so(project, arguments, cwd):
    (project.path / "exp/not in git").mkdir()
    arguments = [argument.format(root=project.path) for argument in arguments]

    (ran,) = facts(python(project, *arguments, cwd=cwd, PYTHONPATH="exp"))

    copy = f"{project.path}/exp/.work_dir/project/{project.head}"
    assert ran["file"] == f"{copy}/exp/helper.py"
    standing = os.path.realpath(project.path / cwd)
    assert ran["cwd"] == standing.replace(str(project.path), copy)


def test_an_interpreter_may_be_named_by_a_path_from_where_the_user_stands(project):
    environment = project.path / "env"
    venv.create(environment, symlinks=True)
    packages = site.getsitepackages([str(environment)])[0]
    with open(f"{packages}/ours.pth", "w") as file:
        file.write("\n".join(path for path in sys.path if os.path.isdir(path)))
    project.put("exp/helper.py", "import sys\nCODE = sys.prefix\n")

    done = subprocess.run(
        ["../env/bin/python", "main.py"], cwd=project.path / "exp", capture_output=True, text=True, env=OF_NOBODY
    )

    assert facts(done)[0]["code"] == str(environment)


def test_what_a_task_starts_runs_from_the_same_copy(project):
    project.put(
        "exp/helper.py",
        "import os, subprocess, sys\nCODE = 'child'\n"
        "if 'child' not in sys.argv[-1]:\n"
        "    child = [sys.executable, 'main.py', '+name=child']\n"
        "    CODE = subprocess.run(child, capture_output=True, text=True).stdout\n",
    )

    (ran,) = facts(main(project, "+mlxp.interactive_mode=false"))

    assert json.loads(ran["code"])["cwd"] == ran["cwd"]
    assert info(project, 1)["version_manager"] == info(project, 2)["version_manager"]


def test_a_script_in_a_copy_started_by_hand_logs_where_the_original_would(project):
    main(project)
    copy = info(project)["version_manager"]["copy"]

    (ran,) = facts(python(project, f"{copy}/exp/main.py", cwd=".."))

    assert ran["code"] == "A"
    assert info(project, 2)["version_manager"]["copy"] == copy
    assert info(project, 2)["version_manager"]["repo_path"] == str(project.path)


def test_an_altered_copy_is_reported_and_recorded(project):
    main(project)
    copy = info(project)["version_manager"]["copy"]
    with open(f"{copy}/exp/helper.py", "a") as file:
        file.write("# altered\n")

    done = main(project)

    assert "was altered: exp/helper.py; remove it, and it is made again" in done.stderr
    assert info(project, 2)["version_manager"]["altered"] == ["exp/helper.py"]


def test_a_deleted_copy_is_made_again(project):
    main(project)
    subprocess.run(["rm", "-rf", info(project)["version_manager"]["copy"]], check=True)

    assert [ran["code"] for ran in facts(main(project))] == ["A"]


def test_what_is_not_restored_byte_for_byte_is_named(project):
    project.put("exp/data.txt", b"one\r\ntwo\n")
    project.put("exp/.gitattributes", "data.txt text\n")

    done = main(project)

    assert "git does not keep these files as they are" in done.stderr
    assert info(project)["version_manager"]["not_restored"] == ["exp/data.txt"]


def test_modules_by_pythonpath_stop_the_run_and_are_named(project):
    project.put("src/pkg/__init__.py", "CODE = 'package'\n")
    project.put("exp/helper.py", "from pkg import CODE\n")

    wrong = main(project, PYTHONPATH=str(project.path / "src"))
    right = main(project, PYTHONPATH="../src")

    assert wrong.returncode == 1
    assert f"pkg from {project.path}/src/pkg/__init__.py" in wrong.stderr
    assert not (project.path / "exp/logs/2").exists()
    assert facts(right)[0]["code"] == "package"


FINDER = """
    import importlib.util, sys

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == "pkg":
                return importlib.util.spec_from_file_location(name, {file!r})

    sys.meta_path.append(Finder)
"""


def test_modules_of_an_editable_project_stop_the_run_even_before_they_are_imported(project, tmp_path):
    project.put("src/pkg/__init__.py", "CODE = 'package'\n")
    project.put("exp/later.py", "def use():\n    import pkg\n")
    project.put("exp/.gitignore", "")
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        textwrap.dedent(FINDER.format(file=str(project.path / "src/pkg/__init__.py")))
    )

    done = main(project, PYTHONPATH=str(site))

    assert done.returncode == 1
    assert f"pkg from {project.path}/src/pkg/__init__.py" in done.stderr


def test_an_environment_in_the_repository_is_exempt(project):
    packages = project.path / "env/lib/site-packages"
    packages.mkdir(parents=True)
    (project.path / "env/pyvenv.cfg").write_text("")
    (packages / "installed.py").write_text("CODE = 'installed'\n")
    project.put("exp/helper.py", "from installed import CODE\n")

    (ran,) = facts(main(project, PYTHONPATH=str(packages)))

    assert ran["code"] == "installed"
    assert not os.path.exists(f"{info(project)['version_manager']['copy']}/env")


def test_a_script_that_git_ignores_cannot_run_from_a_copy(project):
    project.put("exp/scratch.py", textwrap.dedent(MAIN))
    project.put(".gitignore", "scratch.py\n")

    done = python(project, "scratch.py")

    assert done.returncode == 1
    assert "scratch.py is not in the commit" in done.stderr


def test_jobs_of_one_sweep_cannot_run_different_code(project):
    done = main(project, "+mlxp.version_manager.on_dirty=ignore,snapshot")

    assert done.returncode == 1
    assert "the jobs of a sweep run the same code" in done.stderr


RUN = """
    import json, os
    import mlxp_fn as mlxp

    def task(ctx):
        print(json.dumps({"cwd": os.getcwd()}))

    if __name__ == "__main__":
        mlxp.run(task, mlxp.sweep({}, {"seed": [1, 2]}), settings={"use_version_manager": True})
"""


def test_from_python_the_version_is_recorded_and_checked_and_not_switched(project):
    project.put("exp/embedding.py", textwrap.dedent(RUN))

    done = python(project, "embedding.py")
    ran = facts(done)

    assert done.stderr.count("was imported before the launch and runs as it is; its version, ") == 1
    assert [facts["cwd"] for facts in ran] == [str(project.path / "exp")] * 2
    version = info(project)["version_manager"]
    assert (version["from_copy"], version["snapshot"]) == (False, True)
    assert os.path.exists(f"{version['copy']}/exp/embedding.py")
    assert info(project)["work_dir"] == str(project.path / "exp")


def test_requirements_are_those_written_or_those_that_the_code_imports(project):
    import attrs
    import numpy

    project.put("exp/helper.py", "import os, attrs\nCODE = 'A'\ndef late():\n    from numpy import linalg\n")
    main(project, "+mlxp.version_manager.compute_requirements=true")
    project.put("requirements.txt", "numpy>=1  # as it is\n\nattrs\n")
    main(project)

    computed, written = (info(project, run)["version_manager"] for run in (1, 2))
    assert {f"numpy=={numpy.__version__}", f"attrs=={attrs.__version__}"} <= set(computed["requirements"])
    assert computed["installed"] == computed["requirements"]
    assert not [name for name in computed["requirements"] if name.startswith(("helper", "os"))]
    assert written["requirements"] == ["numpy>=1  # as it is", "", "attrs"]


def test_credentials_of_the_remote_are_not_recorded(project):
    project.git("remote", "add", "origin", "https://me:secret@example.org/code.git")

    main(project)

    assert info(project)["version_manager"]["remote"] == "https://example.org/code.git"
    assert "secret" not in (project.path / "exp/logs/1/metadata/info.yaml").read_text()


def test_a_hand_made_mark_is_no_licence(project):
    (ran,) = facts(main(project, MLXP_FN_VERSION='{"copy": 3}'))

    assert "/.work_dir/" in ran["cwd"]
