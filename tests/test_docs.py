"""The pages: what they lead to is there, and what they show runs as it stands there."""

import ast
import re
import runpy
import shlex
from contextlib import nullcontext
from html import unescape
from pathlib import Path
from textwrap import indent
from xml.etree import ElementTree

import click
import pytest

import mlxp_fn
from mlxp_fn.cli.mlxp import COMMANDS, main

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_leads_to_every_page():
    readme = (ROOT / "README.md").read_text()

    assert [page.name for page in PAGES if f"](docs/{page.name})" not in readme] == []


def test_every_command_is_in_the_readme_with_its_equivalents():
    table = (ROOT / "README.md").read_text().partition("\n## The commands\n")[2].partition("\n## ")[0]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = [word.split()[0] for cell in first for word in re.findall(r"`([^`]+)`", cell)]

    assert sorted(set(named) - {"mlxp"}) == sorted(COMMANDS)
    assert "| Guild | DVC | signac | MLflow |" in table


def test_guarantees_stand_beside_tests_that_are_there():
    named = re.findall(r"`((?:tests|property_tests)/[^`]*)`", (ROOT / "docs/guarantees.md").read_text())

    assert len(named) > 60
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_files_that_the_page_on_handwork_names_are_there():
    named = re.findall(r"`(\w+/[\w*]*\.?\w*)`", (ROOT / "docs/by_hand.md").read_text())

    assert len(named) > 15
    assert [path for path in named if not list((ROOT / "mlxp_fn").glob(path.rstrip("/")))] == []


SETTING = """
import mlxp_fn as mlxp
from types import SimpleNamespace
def my_loader(path): return open(path, "rb").read()
def train(): pass
def task(ctx): ctx.logger.log_checkpoint({"weights": [1.0]})
state, steps = {}, []
ctx = SimpleNamespace(preempted=True)
logger = SimpleNamespace(log_checkpoint=steps.append)
"""
"""What the pages take for granted."""


def python_blocks():
    for page in PAGES:
        for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
            yield page.stem, block


@pytest.fixture
def names(tmp_path, monkeypatch):
    """A project with a run, and the names that a page's code may use."""
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    Path("configs/config.yaml").write_text("seed: 0\noptimizer: {name: sgd, lr: 1.0}\n")
    names = {}
    exec(SETTING, names)
    mlxp_fn.run(names["task"], {"seed": 1})
    return names


@pytest.mark.parametrize("page", sorted({page for page, _ in python_blocks()}))
def test_what_a_page_shows_runs(page, names):
    for block in (block for found, block in python_blocks() if found == page):
        if "return" in block:
            exec(f"def shown():\n{indent(block, '    ')}\nshown()", names)
            continue
        for line in ast.parse(block).body:
            code = ast.get_source_segment(block, line)
            refused = "# refuses" in block.splitlines()[line.lineno - 1]
            with pytest.raises(mlxp_fn.MlxpError) if refused else nullcontext():
                exec(code, names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_that_a_page_shows_are_there(page):
    """Every line of a command `mlxp` names one that is there, with options that it has."""
    for line in re.findall(r"^ {4}(mlxp [a-z].*)$", page.read_text(), re.MULTILINE):
        words = shlex.split(line, comments=True)
        command = main.get_command(click.Context(main), words[1])
        assert command, line
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        given = {word for word in words[2:] if re.fullmatch(r"-{1,2}[a-zA-Z][\w-]*", word)}
        assert words[1] == "compat" or given <= known, line


def picture_of(project, commands):
    script = runpy.run_path(str(ROOT / "docs/picture.py"))
    return script["picture"](project, commands), script["COMMANDS"]


def test_the_picture_is_what_its_script_draws(names, tmp_path):
    drawn, commands = picture_of(tmp_path, ["mlxp ls --columns id,status"])
    kept = (ROOT / "docs/picture.svg").read_text()

    for picture in (drawn, kept):
        words = " ".join("".join(ElementTree.fromstring(picture).itertext()).split())
        assert "COMPLETE" in words
        assert re.findall(r"href=|src=|url\((?!#)", picture) == []
    assert [command for command in commands if command.replace(" ", "\xa0") not in unescape(kept)] == []
    assert len(kept) < 40_000
