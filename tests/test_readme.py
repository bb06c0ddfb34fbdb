"""What the README shows, run as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOUR = (ROOT / "README.md").read_text().partition("<!-- tour -->")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```python\n(.*?)```", TOUR, re.DOTALL)
COMMANDS = re.findall(r"^    python (main\.py.*?)\s+#", TOUR, re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The tour's project, its commands having been typed."""
    project = tmp_path_factory.mktemp("tour")
    (project / "configs").mkdir()
    (project / "configs/config.yaml").write_text("seed: 0\noptimizer: {lr: 0.1}\n")
    (project / "main.py").write_text(BLOCKS[0])
    for command in COMMANDS:
        subprocess.run([sys.executable, *command.split()], cwd=project, check=True)
    return project


def test_the_commands_make_the_runs_they_say(project):
    assert len(COMMANDS) == 2
    assert sorted(path.name for path in (project / "logs").glob("[0-9]*")) == ["1", "2", "3", "4", "5"]


def test_the_questions_have_answers(project, monkeypatch):
    monkeypatch.chdir(project)
    names = {"mlxp": __import__("mlxp_fn"), "task": lambda ctx: ctx.logger.log_metrics({"loss": 1.0}, "train")}

    for block in BLOCKS[1:]:
        exec(block, names)

    assert names["table"][:]["config.optimizer.lr"] == [0.01, 0.001]
    assert [len(curve) for curve in names["table"][:]["train.loss_avg"]] == [3, 3]
    assert len(names["runs"]) == 4
