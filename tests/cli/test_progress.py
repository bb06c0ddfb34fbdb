"""How far long work is: on a true terminal, in a pipe, in a notebook's kernel, and not in a task's output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import mlxp_fn as mlxp
from mlxp_fn.errors import SettingsError
from tests.terminals import received

SLOW = """
import sys
import mlxp_fn.effects.counting as counting, mlxp_fn.effects.progress_displays as displays
counting.SHORT = displays.SECONDS_BETWEEN_LINES = displays.SECONDS_BETWEEN_PICTURES = 0.0
"""
"""All work is long, and everything is said at once."""

READ = "import mlxp_fn as mlxp; print(len(mlxp.runs('logs')), 'runs')"

EXPORT = "from mlxp_fn.cli.mlxp import main; main(['export', '-o', 'runs.csv'])"


def piped(script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], cwd=cwd, capture_output=True, text=True, check=True, timeout=180
    )


def on_terminal(script: str, cwd: Path) -> str:
    """What a terminal receives."""
    environment = {**os.environ, "COLUMNS": "100", "TERM": "xterm", "NO_COLOR": "1"}
    return received([sys.executable, "-c", script], cwd=cwd, env=environment)


def test_long_reading_has_a_bar_that_is_gone_afterwards(four_runs: Path) -> None:
    seen = on_terminal(SLOW + READ, four_runs)

    assert re.search(r"\r\x1b\[Kreading runs of \S+ ━+ 4/4, 0:\d\d\r\x1b\[K4 runs\r\n$", seen)


def test_short_reading_shows_nothing(four_runs: Path) -> None:
    patient = "import mlxp_fn.effects.counting as counting; counting.SHORT = 60.0\n"  # on however busy a machine

    assert on_terminal(patient + READ, four_runs) == "4 runs\r\n"


def test_a_pipe_is_told_now_and_then_what_is_read_and_exported(project: Path) -> None:
    said = piped(SLOW + EXPORT, project).stderr.splitlines()

    assert [line.split(":")[1].split(",")[0].strip() for line in said[:4]] == ["1/4", "2/4", "3/4", "4/4"]
    assert said[4].startswith("exporting runs: 4/4, 0:")
    assert said[5].startswith("wrote 4 rows of ")


def test_a_report_tells_how_many_runs_it_has_read(project: Path) -> None:
    said = piped(SLOW + "from mlxp_fn.cli.mlxp import main; main(['report'])", project).stderr.splitlines()

    assert said[-1].startswith("reading metrics: 4/4, 0:")


def test_reading_says_nothing_within_a_task(tmp_path: Path) -> None:
    script = f"""{SLOW}
import mlxp_fn as mlxp
def task(ctx):
    mlxp.runs("logs")
    mlxp.run(lambda ctx: None, mlxp.sweep({{"seed": 0}}, {{"seed": [1, 2]}}), parent_log_dir="others")
mlxp.run(task, {{"seed": 1}}, settings={{"logger": {{"log_streams_to_file": True}}}})
"""
    done = piped(script, tmp_path)

    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "logs/1/log.stderr").read_text() == ""


SWEEP = """
import mlxp_fn as mlxp
def task(ctx):
    for loss in (3.0, ctx.config.lr, 2.0):
        ctx.logger.log_metrics({"loss": loss}, "train")
mlxp.run(task, mlxp.sweep({"lr": 0.0}, {"lr": [0.5, 0.25, 1.0]}), settings={"watch": "%s"}%s)
"""


@pytest.mark.parametrize(
    ("watch", "best"),
    [
        ("train.loss", ["0.5 (run 1)", "0.25 (run 2)", "0.25 (run 2)"]),
        ("-train.loss", ["3 (run 1)", "3 (run 1)", "3 (run 1)"]),
        ("train.accuracy", [None, None, None]),
    ],
)
def test_a_sweep_tells_the_best_of_what_is_watched(tmp_path: Path, watch: str, best: list[str | None]) -> None:
    said = piped(SLOW + SWEEP % (watch, ""), tmp_path).stderr.splitlines()
    told = [re.search(r"best (.*?\))", line) for line in said if re.match(r"\S+: [123]/3", line)]

    assert [found and found[1] for found in told] == best


def test_so_does_a_sweep_of_several_at_a_time(tmp_path: Path) -> None:
    seen = on_terminal(SWEEP % ("train.loss", ", jobs=2"), tmp_path)

    assert "3/3, best 0.25 (run 2), 0:0" in seen
    assert re.search(r"\d/3, [12] running", seen)


def test_what_is_no_metric_cannot_be_watched(tmp_path: Path) -> None:
    sweep = mlxp.sweep({"lr": 0.0}, {"lr": [0.5, 0.25]})

    with pytest.raises(SettingsError, match="watch: 'loss' names no metric; write test.loss"):
        mlxp.run(lambda ctx: None, sweep, parent_log_dir=tmp_path / "logs", settings={"watch": "loss"})
    assert not (tmp_path / "logs").exists()


@pytest.fixture(scope="module")
def kernel() -> Any:
    """A client of a notebook's kernel."""
    manager = pytest.importorskip("jupyter_client.manager", reason="ipykernel is not installed")
    pytest.importorskip("ipykernel")
    kernel, client = manager.start_new_kernel(startup_timeout=180)
    try:
        yield client
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)


def displayed(kernel: Any, code: str) -> list[tuple[str, str]]:
    """What a notebook shows of a cell: the kind of each message, and its HTML or text."""
    found: list[tuple[str, str]] = []

    def keep(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] in ("display_data", "update_display_data", "execute_result"):
            found.append((message["msg_type"], content["data"].get("text/html", content["data"].get("text/plain"))))
        elif message["msg_type"] in ("stream", "error"):
            found.append((message["msg_type"], content.get("text") or "\n".join(content["traceback"])))

    kernel.execute_interactive(code, output_hook=keep, timeout=180)
    return found


def test_a_notebook_shows_a_sweep_as_html_in_one_place(kernel: Any, tmp_path: Path) -> None:
    shown = displayed(kernel, f"import os; os.chdir({str(tmp_path)!r})\n" + SWEEP % ("train.loss", ""))

    bars = [html for kind, html in shown if kind != "execute_result"]
    assert [kind for kind, _ in shown] == [
        "display_data", *["update_display_data"] * (len(bars) - 1), "execute_result",
    ]  # fmt: skip
    assert re.fullmatch(r'<progress value="3" max="3"></progress> runs: 3/3, best 0.25 \(run 2\), 0:\d\d', bars[-1])
    assert shown[-1][1].count("<tr>") == 4


def test_tab_completes_the_columns_of_a_frame_in_a_notebook(kernel: Any, four_runs: Path) -> None:
    displayed(kernel, f"import mlxp_fn as mlxp; frame = mlxp.runs({str(four_runs / 'logs')!r})")

    reply = kernel.complete('frame["config.', reply=True, timeout=180)["content"]

    assert [name.removeprefix("config.") for name in reply["matches"]] == ["lr", "model.width", "seed"]
