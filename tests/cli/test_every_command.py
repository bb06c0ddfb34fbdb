"""What holds for every command: it runs as a process, its exit status answers, and no run can act on a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import mlxp_fn as mlxp
from mlxp_fn.cli.mlxp import COMMANDS, main

HOSTILE = "<script>alert(1)</script>\nnew line\x1b]0;owned\x07\x9b2J"

PROJECT = """
import sys
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    print("printed \\x1b[2J")
    for step in range(2):
        ctx.logger.log_metrics({"loss": ctx.config.lr / (step + 1), "lo\\x1b[31mss": 1.0}, "train")
    ctx.logger.log_artifacts({"a": 1}, "facts.json", "json")
    if ctx.config.lr == 0.25:
        raise ValueError("bad \\x1b[2J\\nsecond line")

task()
"""


def copied(project: Path, place: Path) -> Path:
    subprocess.run(["cp", "-r", project, place], check=True)
    return place


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with three runs that say what a terminal would act on: 1 and 2 COMPLETE, 3 FAILED, 4 LOST; and a
    figure of them."""
    project = tmp_path_factory.mktemp("hostile") / "project"
    (project / "configs").mkdir(parents=True)
    (project / "configs/config.yaml").write_text(json.dumps({"lr": 0.5, "note": HOSTILE}))
    (project / "configs/mlxp.yaml").write_text("logger: {log_streams_to_file: true}\n")
    (project / "main.py").write_text(PROJECT)
    git = ["git", "-c", "user.name=me", "-c", "user.email=me@here"]
    (project / ".gitignore").write_text("logs\n*.pdf\n.work_dir\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], cwd=project, check=True)
    subprocess.run([sys.executable, "main.py", "lr=0.5,1.0,0.25"], cwd=project, capture_output=True, check=False)
    for run in (1, 2, 3):
        mlxp.tag(project / f"logs/{run}", name=HOSTILE, add=[HOSTILE], notes=HOSTILE)
    killed = "import os, mlxp_fn as mlxp; mlxp.run(lambda ctx: os.kill(os.getpid(), 9), {'lr': 1}, 'logs')"
    subprocess.run([sys.executable, "-c", killed], cwd=project, check=False)
    subprocess.run([MLXP, "plot", "train.loss", "-q", "config.lr < 2", "-o", "f.pdf"], cwd=project, check=True)
    return project


MLXP = Path(sys.executable).parent / "mlxp"

TRASHED = ("rm", "-y", "1")

CALLS: dict[str, tuple[list[str], int]] = {
    "ls": ([], 0),
    "show": (["3"], 0),
    "diff": (["1", "3"], 0),
    "compare": ([], 0),
    "tail": (["1"], 0),
    "plot": (["train.lo\x1b[31mss", "--by", "config.note"], 0),
    "trace": (["f.pdf"], 0),
    "export": (["-o", "runs.csv"], 0),
    "report": ([], 0),
    "tag": (["1:3"], 0),
    "rm": (["2", "-y"], 0),
    "restore": (["1"], 0),
    "gc": (["--trash", "-y"], 0),
    "checkout": (["1", "there"], 0),
    "rerun": (["1"], 0),
    "replicate": (["2"], 0),
    "cancel": (["1"], 1),
    "resubmit": (["3"], 1),
    "doctor": ([], 1),
    "new": (["mine"], 0),
    "demo": (["configs"], 1),
    "compat": (["true"], 0),
    "completion": (["bash"], 0),
}
"""A call of each command in the hostile project, and its exit status."""


def test_no_command_is_without_a_call() -> None:
    assert list(CALLS) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_run_acts_on_a_terminal(on_terminal: Any, hostile: Path, tmp_path: Path, name: str) -> None:
    words, status = CALLS[name]
    project = copied(hostile, tmp_path / "project")
    if name in ("restore", "gc"):
        subprocess.run([MLXP, *TRASHED], cwd=project, check=True, capture_output=True)

    seen = on_terminal(name, *words, cwd=project, columns=200, NO_COLOR="1", status=status)

    seen = seen.removeprefix("printed \x1b[2J\n")  # a task that is run again may print what it likes
    seen = re.sub(r"\r\x1b\[K[^\r\n]*", "", seen)  # how far a busy machine is with reading
    if name not in ("new", "compat"):
        assert seen.strip()
    assert not {"\x1b", "\x07", "\x9b"} & set(seen)
    assert "\nnew line" not in seen
    assert "\nsecond line" not in seen or name == "show"


NO = {
    "ls": ["9"], "show": ["9"], "diff": ["1", "9"], "compare": ["9"], "tail": ["9"], "plot": ["train.loss", "9"],
    "trace": ["nowhere.pdf"], "export": ["9", "-o", "x.csv"], "report": ["9"], "tag": ["9", "--add", "x"],
    "rm": ["9", "-y"], "restore": ["9"], "gc": ["9", "--trash", "-y"], "checkout": ["9"], "rerun": ["9"],
    "replicate": ["9"], "cancel": ["9"], "resubmit": ["9"], "doctor": ["nowhere"], "new": ["configs"],
    "demo": ["configs"], "compat": ["false"],
}  # fmt: skip
"""A call of each command to which the answer is no."""

WRONG = {
    "ls": ["-q", "config.lr >"], "show": ["1:2"], "diff": ["1"], "compare": ["what"], "tail": ["1:2"], "plot": [],
    "trace": [], "export": ["-o", "x.xlsx"], "report": ["--by", "config.nothing"], "tag": ["--add", "x"],
    "rm": ["1"], "restore": [], "gc": [], "checkout": ["1:2"], "rerun": [], "replicate": ["1", "--tolerance", "-1"],
    "cancel": [], "resubmit": [], "doctor": ["--stale", "x"], "new": [], "demo": ["--nothing"], "compat": [],
    "completion": ["tcsh"],
}  # fmt: skip
"""A call of each command that is none."""


@pytest.mark.parametrize(("name", "status"), [*((name, 1) for name in NO), *((name, 2) for name in WRONG)])
def test_no_is_1_and_a_wrong_question_2(hostile: Path, monkeypatch: Any, name: str, status: int) -> None:
    monkeypatch.chdir(hostile)

    words = {1: NO, 2: WRONG}[status][name]
    if name == "compat":  # it becomes the command
        done: Any = subprocess.run([MLXP, name, *words], capture_output=True, text=True, check=False)
        said, found = done.stdout, done.returncode
    else:
        result = CliRunner().invoke(main, [name, *words])
        said, found = result.stdout, result.exit_code

    assert (said, found) == ("", status)


def test_every_command_can_be_asked_wrongly_and_answer_no() -> None:
    assert list(WRONG) == list(COMMANDS)
    assert [*NO, "completion"] == list(COMMANDS)


def options(name: str) -> set[str]:
    """The options that a command has."""
    command = main.get_command(click.Context(main), name)  # type: ignore[attr-defined]
    return {word for parameter in command.params for word in parameter.opts}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (list(COMMANDS), {"-C"}),
        (["ls", "diff", "compare", "trace", "cancel", "resubmit", "doctor"], {"--json", "--csv", "--md"}),
        (["show", "checkout", "replicate"], {"--json"}),
        (["ls"], {"--sort", "--columns", "--only-changed", "--limit"}),
        (["compare"], {"--only-changed"}),
        (["rm", "gc"], {"-y", "--dry-run"}),
        (["restore"], {"--dry-run"}),
        (["ls", "compare", "plot", "export", "report", "tag", "rm", "cancel", "resubmit"], {"-q", "--where"}),
    ],
)
def test_an_option_is_wherever_its_matter_is(names: list[str], wanted: set[str]) -> None:
    assert [name for name in names if not wanted <= options(name)] == []


@pytest.mark.parametrize("name", ["ls", "diff", "compare", "trace", "cancel", "doctor"])
@pytest.mark.parametrize("form", ["--json", "--csv", "--md"])
def test_rows_are_printed_in_every_form(hostile: Path, monkeypatch: Any, name: str, form: str) -> None:
    words, status = CALLS[name]
    monkeypatch.chdir(hostile)

    result = CliRunner().invoke(main, [name, *words, form])

    assert result.exit_code == status
    match form:
        case "--json":
            assert isinstance(json.loads(result.stdout), list)
        case "--csv":
            assert "," in result.stdout.splitlines()[0]
        case "--md":
            assert result.stdout.startswith("| ") and "<script>" not in result.stdout


def test_what_removes_asks_shows_and_does_what_was_shown(hostile: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(copied(hostile, tmp_path / "project"))
    runner = CliRunner()

    for words in (["rm", "1"], ["gc", "--trash"]):
        before = sorted(os.walk("logs"))
        assert runner.invoke(main, [*words, "--dry-run"]).exit_code == 0
        assert "nobody can be asked" in runner.invoke(main, words).stderr or words[0] == "gc"
        assert sorted(os.walk("logs")) == before
        assert runner.invoke(main, [*words, "-y"]).exit_code == 0
