"""The README's two commands, and that `.ci/run` runs what the README says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def command(name: str) -> str:
    blocks = re.findall(rf"<!-- command: {name} -->\n+```\w*\n(.*?)\n```", (ROOT / "README.md").read_text(), re.S)
    assert len(blocks) == 1
    return str(blocks[0])


@pytest.mark.parametrize("name", ["demo", "test"])
def test_each_command_is_one_line_that_makes_its_own_environment(name: str) -> None:
    assert re.fullmatch(r"python3 -m venv (\S+) && \1/bin/pip install -q [^\n]+ && \1/bin/[^\n]+", command(name))


def test_first_command_runs_the_main_job() -> None:
    assert command("demo").endswith("/bin/mlxp demo")


def test_ci_runs_the_second_command() -> None:
    shown = subprocess.run([ROOT / ".ci/run", "--show"], capture_output=True, text=True, check=True)

    assert shown.stdout == command("test") + "\n"
    assert ".venv-test/bin/python -m pytest" in shown.stdout
