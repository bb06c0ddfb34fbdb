"""Tab behind `mlxp`: what is offered, and true shells that type it."""

from __future__ import annotations

import json
import os
import pty
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mlxp_fn as mlxp

BIN = os.path.dirname(sys.executable)


def offered(call: Any, line: str, cwd: Path) -> list[str]:
    """What is offered for the last word of a line, as zsh is told: `value: help`."""
    words = line.split(" ")
    done = call(
        cwd=cwd, _MLXP_COMPLETE="zsh_complete", COMP_WORDS=" ".join(words[:-1]) + f" {words[-1]}",
        COMP_CWORD=str(len(words) - 1),
    )  # fmt: skip
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    items = zip(lines[::3], lines[1::3], lines[2::3], strict=True)
    return [f"{value}: {said}" if kind == "plain" else f"({kind})" for kind, value, said in items]


def test_runs_are_offered_with_how_they_ended_and_what_varies(call: Any, four_runs: Path) -> None:
    assert offered(call, "mlxp show ", four_runs) == [
        "4: FAILED lr=0.25 seed=2",
        "3: COMPLETE lr=0.25 seed=1",
        "2: COMPLETE lr=0.5 seed=2",
        "1: COMPLETE lr=0.5 seed=1",
        "last: the run with the highest id",
    ]


@pytest.mark.parametrize(
    "command",
    ["ls", "diff 1", "compare 1 2", "tail", "plot train.loss", "export", "report", "tag", "rm", "rerun",
     "replicate", "cancel", "resubmit", "checkout"],
)  # fmt: skip
def test_every_command_of_runs_offers_them(call: Any, four_runs: Path, command: str) -> None:
    assert offered(call, f"mlxp {command} 3", four_runs) == ["3: COMPLETE"]


def test_runs_are_those_of_the_place_that_is_named(call: Any, four_runs: Path, tmp_path: Path) -> None:
    assert offered(call, "mlxp show 2", tmp_path) == ["(dir)"]
    assert offered(call, f"mlxp show {four_runs}/logs 2", tmp_path) == ["2: COMPLETE"]
    assert offered(call, f"mlxp -C {four_runs} show 2", tmp_path) == ["2: COMPLETE"]


def test_runs_in_the_trash_are_offered_for_restoring(call: Any, project: Path) -> None:
    call("rm", "-y", "2", cwd=project)

    assert offered(call, "mlxp restore 2", project) == ["2: COMPLETE"]
    assert offered(call, "mlxp show 2", project) == ["(dir)"]


def test_metrics_and_columns_are_offered(call: Any, four_runs: Path) -> None:
    assert offered(call, "mlxp plot train.l", four_runs) == ["train.loss: _"]
    assert offered(call, "mlxp ls --sort config.l", four_runs) == ["config.lr: _"]
    assert offered(call, "mlxp report --by config.s", four_runs) == ["config.seed: _"]
    assert offered(call, "mlxp ls --columns mod", four_runs) == ["model.width: _"]


def test_hostile_names_and_what_cannot_be_read_offer_nothing_harmful(call: Any, project: Path) -> None:
    mlxp.tag(project / "logs/1", name="new\nplain\nrm -rf\x1b[31m")
    (project / "logs/1/metrics/train.json").write_text('{"lo\\u001b[31mss": 1}\n')
    (project / "logs/2/metadata/run.json").write_text("{")

    assert offered(call, "mlxp show 1", project) == ["1: COMPLETE new\\nplain\\nrm -rf\\x1b[31m"]
    assert offered(call, "mlxp plot train.l", project) == ["train.loss: _"]


START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(mlxp completion bash)"\n'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -u; eval "$(mlxp completion zsh)"\n'),
    "fish": (["fish", "-N", "-i"], "mlxp completion fish | source\n"),
}


@pytest.fixture(params=sorted(START))
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """An interactive shell on a terminal of its own, where runs 17 and 41 are, and `mlxp` is completed."""
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed here")
    for run in (17, 41):
        mlxp.run(lambda ctx: None, {}, tmp_path / "logs", settings={"logger": {"forced_log_id": run}})
    command, install = START[request.param]
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    process, terminal = pty.fork()
    if not process:
        os.chdir(tmp_path)
        os.execvpe(command[0], command, {"HOME": str(tmp_path), "PATH": path, "TERM": "dumb", "LC_ALL": "C.UTF-8"})
    os.set_blocking(terminal, False)
    os.write(terminal, install.encode())
    yield terminal
    os.close(terminal)
    os.kill(process, 9)
    os.waitpid(process, 0)


def test_a_shell_completes_the_id_of_a_run(terminal: int, tmp_path: Path) -> None:
    out, seen, deadline = tmp_path / "out.json", b"", time.monotonic() + 180
    os.write(terminal, b"mlxp show --json 4\t")
    typed = False
    while not (out.exists() and out.read_text().endswith("}\n")):
        assert time.monotonic() < deadline, seen[-3000:].decode(errors="replace")
        try:
            seen += os.read(terminal, 65536)
        except BlockingIOError:
            time.sleep(0.05)
        if b"json 41" in seen and not typed:
            os.write(terminal, b"> out.json\n")
            typed = True

    assert json.loads(out.read_text())["id"] == 41
