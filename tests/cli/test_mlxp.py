"""The commands `mlxp` and `mlxpsub` as processes, with right and with wrong input."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mlxp_fn
from mlxp_fn.cli.mlxp import COMMANDS

SCRIPTS = Path(sys.executable).parent


def call(command: str, *arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPTS / command, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_version_is_the_packages(tmp_path: Path) -> None:
    assert call("mlxp", "--version", cwd=tmp_path).stdout == f"mlxp (mlxp_fn) {mlxp_fn.__version__}\n"


def test_help_names_every_command(tmp_path: Path) -> None:
    done = call("mlxp", "--help", cwd=tmp_path)

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.partition("Commands:\n")[2].splitlines()] == list(COMMANDS)


HELP = """
import sys
from mlxp_fn.cli.mlxp import main
main(["--help"], standalone_mode=False)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", HELP], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )

    heavy = {"numpy", "rich", "pandas", "matplotlib", "omegaconf", "cattrs", "git", "yaml", "dill", "attr", "json"}
    assert heavy.intersection(done.stdout.splitlines()[-1].split()) == set()


def test_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    done = call("mlxp", "domo", cwd=tmp_path)

    assert done.returncode == 2
    assert "No such command 'domo'. Did you mean demo?" in done.stderr


def test_new_writes_the_project_and_runs_nothing(tmp_path: Path) -> None:
    done = call("mlxp", "new", "mine", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Wrote configs/config.yaml, configs/mlxp.yaml, main.py, read.py into mine\n")
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["configs", "main.py", "read.py"]


def test_new_here_leads_nowhere_else(tmp_path: Path) -> None:
    assert re.search(r"^Next:\n  \S*python3? main\.py", call("mlxp", "new", ".", cwd=tmp_path).stdout, re.MULTILINE)


def test_new_keeps_edited_files_and_writes_missing_ones(tmp_path: Path) -> None:
    call("mlxp", "new", "mine", cwd=tmp_path)
    (tmp_path / "mine/main.py").write_text("# mine\n")
    (tmp_path / "mine/read.py").unlink()

    done = call("mlxp", "new", "mine", cwd=tmp_path)

    assert (tmp_path / "mine/main.py").read_text() == "# mine\n"
    assert (tmp_path / "mine/read.py").exists()
    assert done.stdout.splitlines()[:2] == [
        "Wrote read.py into mine",
        "Kept configs/config.yaml, configs/mlxp.yaml, main.py as they are in mine",
    ]


def test_new_takes_an_empty_directory(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    assert call("mlxp", "new", "mine", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("command", ["demo", "new"])
def test_directory_with_something_else_is_left_alone(tmp_path: Path, command: str) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/main.py").write_text("# years of work\n")

    done = call("mlxp", command, "thesis", cwd=tmp_path)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: thesis is not empty, and no project of mlxp_fn")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["main.py"]


@pytest.mark.parametrize("command", ["demo", "new"])
@pytest.mark.parametrize("directory", ["notes.txt", "notes.txt/deeper"])
def test_file_where_a_directory_should_be_is_an_error(tmp_path: Path, command: str, directory: str) -> None:
    (tmp_path / "notes.txt").write_text("keep me")

    done = call("mlxp", command, directory, cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1
    assert (tmp_path / "notes.txt").read_text() == "keep me"


@pytest.mark.parametrize("variable", ["MLXP_FULL_ERROR", "HYDRA_FULL_ERROR"])
def test_traceback_is_shown_when_asked_for(tmp_path: Path, variable: str) -> None:
    done = call("mlxp", "new", str(SCRIPTS), cwd=tmp_path, **{variable: "1"})

    assert done.returncode == 1
    assert done.stderr.startswith("Traceback") and "mlxp_fn.errors.DemoError" in done.stderr


def test_mlxpsub_names_a_script_that_is_not_there(tmp_path: Path) -> None:
    done = call("mlxpsub", "script.sh", cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr == "error: cannot read the script script.sh: No such file or directory\n"


def test_mlxpsub_says_what_it_takes_instead_of_python(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from mlxp_fn import launch\n")

    done = call("mlxpsub", "main.py", cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr == "error: main.py is Python; mlxpsub takes the bash script that starts it, as sbatch does\n"
