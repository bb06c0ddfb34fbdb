"""Projects in real repositories whose runs are repeated, looked at and cleared away, in real processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import OF_NOBODY, Repository

MLXP = Path(sys.executable).parent / "mlxp"

MAIN = """
import mlxp_fn as mlxp
import helper

@mlxp.launch()
def task(ctx):
    return helper.CODE

task()
"""


class Project(Repository):
    """A repository with a script that launches a task, and what its runs left."""

    def python(self, *words, cwd=".", interpreter=sys.executable):
        return self._called(interpreter, *words, cwd=cwd)

    def mlxp(self, *words, cwd=".", **environment):
        return self._called(MLXP, *words, cwd=cwd, **environment)

    def launch(self, *overrides, versions=True, cwd="."):
        """One launch of `main.py`, which ends well."""
        chosen = ("+mlxp.use_version_manager=true",) if versions else ()
        done = self.python("main.py", *chosen, *overrides, cwd=cwd)
        assert done.returncode == 0, done.stderr
        return done

    def info(self, run, logs="logs"):
        return yaml.safe_load((self.path / f"{logs}/{run}/metadata/info.yaml").read_text())

    def result(self, run):
        text = (self.path / f"logs/{run}/metadata/events/1.jsonl").read_text()
        return json.loads(text.splitlines()[-1])["result"]

    def _called(self, *words, cwd, **environment):
        return subprocess.run(
            words,
            cwd=self.path / cwd,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={**OF_NOBODY, **environment},
            check=False,
        )


def set_up(path):
    """A project whose task returns what `helper.py` says, committed."""
    project = Project(Path(os.path.realpath(path)))
    project.put("main.py", MAIN)
    project.put("configs/config.yaml", "seed: 0\n")
    project.commit(helper_py="CODE = 'A'\n", _gitignore="__pycache__/\nlogs/\n.work_dir/\n")
    return project


@pytest.fixture
def small_project(tmp_path, no_git_settings):
    return set_up(tmp_path / "project")
