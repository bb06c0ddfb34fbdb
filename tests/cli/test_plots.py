"""`mlxp plot` and `mlxp trace` as processes, with right and with wrong input."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from attrs import frozen

import mlxp_fn as mlxp
from mlxp_fn.browsing.plotting import trace
from mlxp_fn.errors import MlxpError, NoRunError
from mlxp_fn.views.sketch import sketch


@frozen
class Line:
    """A curve."""

    label: str
    x: list[float]
    middle: list[float]
    runs: int = 1


def test_sketch_draws_each_curve_with_its_mark() -> None:
    falling, rising = Line("lr=0.1", [0, 1, 2], [2, 1, 0]), Line("lr=1", [0, 1, 2], [0, 0, 2], 2)

    assert sketch([falling, rising], "loss", "step", width=15, height=8) == (
        "loss\n"
        "2 ┤●         +\n"
        "  ┤     ●\n"
        "0 ┤+    +    ●\n"
        "  └───────────\n"
        "   0         2\n"
        "   step\n"
        "   ● lr=0.1 (1 run)\n"
        "   + lr=1 (2 runs)"
    )


@pytest.mark.parametrize("values", [[], [float("nan")] * 3, [float("inf")] * 3])
def test_sketch_of_nothing_says_so(values: list[float]) -> None:
    assert sketch([Line("", [0, 1, 2][: len(values)], values)], "lo\x1bss", "x") == (
        "lo\\x1bss has no value that can be drawn"
    )


def test_logarithms_leave_out_what_is_not_above_zero() -> None:
    text = sketch([Line("", [0, 1, 2], [100, 0, 1])], "loss", "step", width=20, height=8, log_y=True)

    assert text.startswith("loss (log)\n100 ┤●") and "\n  1 ┤" in text


def test_plot_without_a_file_is_a_sketch_with_a_legend(call: Any) -> None:
    done = call("plot", "train.loss", "--by", "lr", "--x", "train.iter")

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "train.loss" and len(lines) <= 24 and max(map(len, lines)) <= 80
    assert [line.strip() for line in lines[-2:]] == ["● lr=0.25 (2 runs)", "+ lr=0.5 (2 runs)"]


def test_sketch_on_a_high_terminal_stays_a_sketch(on_terminal: Any, four_runs: Path) -> None:
    assert len(on_terminal("plot", "train.loss", cwd=four_runs, LINES="70").splitlines()) <= 24


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_figure_tells_what_it_was_made_from(call: Any, project: Path, kind: str) -> None:
    query = "config.lr in [0.5, 0.25] & ~(config.seed == 2)"
    words = ("-q", query, "--by", "config.lr", "--x", "train.iter", "--band", "ci95", "--log-y")
    drawn = call("plot", "train.loss", *words, "-o", f"fig.{kind}", cwd=project)
    assert (drawn.returncode, drawn.stdout) == (0, ""), drawn.stderr

    traced = trace(project / f"fig.{kind}")

    made = traced.made
    assert (made.metric, made.query, made.by, made.x, made.band) == (
        "train.loss", query, ("config.lr",), "train.iter", "ci",
    )  # fmt: skip
    assert (traced.runs["id"], traced.runs["state"], traced.holds) == ([1, 3], ["as it was"] * 2, True)


def test_trace_tells_which_runs_have_changed(call: Any, project: Path) -> None:
    call("plot", "train.loss", "-o", "fig.pdf", cwd=project)
    with (project / "logs/1/metrics/train.json").open("a") as log:
        log.write('{"loss": 0.1, "iter": 3}\n')
    call("rm", "-y", "2", cwd=project)
    shutil.rmtree(project / "logs/3")

    done = call("trace", "fig.pdf", "--json", cwd=project)

    assert done.returncode == 1
    assert [(row["id"], row["state"]) for row in json.loads(done.stdout)] == [
        (1, "changed: train"), (2, "in the trash"), (3, "gone"), (4, "as it was"),
    ]  # fmt: skip


def test_figure_and_logs_may_be_moved_together(call: Any, project: Path) -> None:
    call("plot", "train.loss", "1", "-o", "fig.png", cwd=project)
    project.rename(project.with_name("moved"))

    done = call("trace", "moved/fig.png", cwd=project.parent)

    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "train.loss of 1 run in moved/logs"


def test_commits_of_runs_are_in_the_figure(call: Any, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "import mlxp_fn as mlxp\n\n@mlxp.launch()\ndef task(ctx):\n"
        "    ctx.logger.log_metrics({'a': 1}, 'b')\ntask()\n"
    )
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "main.py"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    subprocess.run([sys.executable, "main.py"], cwd=tmp_path, check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], cwd=tmp_path, capture_output=True, text=True, check=True)

    call("plot", "b.a", "-o", "fig.svg", cwd=tmp_path)

    assert trace(tmp_path / "fig.svg").made.runs[0].commit == head.stdout.strip()


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["plot", "train.los"], 2, "no column 'train.los'"),
        (["plot", "config.lr"], 2, "config.lr is no curve"),
        (["plot", "train.loss", "-q", "config.lr >"], 2, "expected"),
        (["plot", "train.loss", "-o", "fig.docx"], 2, "fig.docx ends in none of .png, .pdf, .svg"),
        (["plot", "train.loss", "--band", "wide"], 2, "Invalid value for '--band'"),
        (["plot"], 2, "Missing argument 'METRIC'"),
        (["trace", "nothing.pdf"], 1, "cannot read the figure nothing.pdf"),
        (["trace", "logs"], 1, "cannot read the figure logs"),
    ],
)
def test_what_is_wrong_is_said(call: Any, words: list[str], status: int, says: str) -> None:
    done = call(*words)

    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXtmlxp_fn\0{", b"%PDF-1.4 /Subject (mlxp_fn: {\\)})",
        b"<dc:description>mlxp_fn: [1]</dc:description>", b"<dc:description>none</dc:description>",
    ],
)  # fmt: skip
def test_figures_that_tell_nothing_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fig").write_bytes(content)

    with pytest.raises(NoRunError, match="does not tell what it was made from"):
        trace(tmp_path / "fig")


def test_figure_cannot_lead_out_of_a_log_directory(tmp_path: Path) -> None:
    facts = {"metric": "a.b", "log": "../../secret", "query": None, "by": [], "x": None, "band": None}
    made = msgspec.json.encode({**facts, "logs": "/", "near": ".", "runs": []})
    (tmp_path / "fig").write_bytes(b"<dc:description>mlxp_fn: " + made + b"</dc:description>")

    with pytest.raises(MlxpError, match="would leave the run"):
        trace(tmp_path / "fig")


def test_plots_are_drawn_of_what_is_left_when_runs_lack_the_metric(call: Any, project: Path) -> None:
    mlxp.run(lambda ctx: None, {"lr": 1.0, "seed": 3}, parent_log_dir=project / "logs")

    assert call("plot", "train.loss", "-o", "fig.svg", cwd=project).stderr == (
        "drew train.loss of 4 runs into fig.svg\n"
    )
