"""What notebooks show of frames, runs, configs and sweeps, and what Tab completes."""

from __future__ import annotations

import re
from pathlib import Path

import mlxp_fn as mlxp
from mlxp_fn.views.sparkline import sparkline

HOSTILE = "<script>alert(1)</script>"


def task(ctx: mlxp.Context) -> float:
    for step in range(3):
        ctx.logger.log_metrics({"loss": 1 / (step + 1), "step": step}, "train")
    return 0.5


def test_a_row_shows_its_curves_with_their_last_values(tmp_path: Path) -> None:
    mlxp.run(task, {"seed": 1}, parent_log_dir=tmp_path / "logs")

    html = mlxp.runs(tmp_path / "logs")[0]._repr_html_()

    curve = re.search(r"<tr><th>train.loss</th><td><svg .*?>(.*?)</svg></td><td>(.*?)</td></tr>", html)
    assert curve and curve[1] == '<polyline points="2.0,2.0 70.0,18.5 138.0,24.0"/>'
    assert curve[2] == "0.333333"
    assert "METRIC" not in html


def test_a_launched_run_shows_its_end_its_curves_and_its_config(tmp_path: Path) -> None:
    run = mlxp.run(task, {"model": {"name": HOSTILE}}, parent_log_dir=tmp_path / "logs")

    html = run._repr_html_()

    assert "<tr><th>status</th><td>COMPLETE</td></tr>" in html
    assert "<tr><th>result</th><td>0.5</td></tr>" in html
    assert html.count("<svg") == 2
    assert HOSTILE not in html and "&lt;script&gt;" in html


def test_a_run_whose_directory_is_gone_shows_the_rest(tmp_path: Path) -> None:
    run = mlxp.run(task, {"seed": 1}, parent_log_dir=tmp_path / "logs")
    (tmp_path / "logs").rename(tmp_path / "away")

    assert "COMPLETE" in run._repr_html_() and "<svg" not in run._repr_html_()


def test_a_log_that_cannot_be_read_does_not_hide_the_run(tmp_path: Path) -> None:
    mlxp.run(task, {"seed": 1}, parent_log_dir=tmp_path / "logs")
    row = mlxp.runs(tmp_path / "logs")[0]
    log = tmp_path / "logs/1/metrics/train.json"
    log.unlink()
    log.mkdir()

    assert "<tr><th>train.loss</th><td></td><td></td></tr>" in row._repr_html_()


def test_a_sweep_shows_its_jobs_escaped() -> None:
    sweep = mlxp.sweep({"name": ""}, {"name": [HOSTILE, "b"]})

    html = sweep._repr_html_()

    assert html.startswith("<p>2 jobs</p><table>")
    assert "#1" in html and HOSTILE not in html


def test_runs_of_a_sweep_show_their_table(tmp_path: Path) -> None:
    runs = mlxp.run(task, mlxp.sweep({"seed": 0}, {"seed": [1, 2]}), parent_log_dir=tmp_path / "logs")

    assert runs._repr_html_().count("<tr>") == 3


def test_tab_completes_columns_groups_and_keys() -> None:
    frame = mlxp.Frame({"config.lr": [0.1, 0.2], "config.seed": [1, 1]})

    assert frame._ipython_key_completions_() == ["config.lr", "config.seed"]
    assert frame[0]._ipython_key_completions_() == ["config.lr", "config.seed"]
    assert frame.groupby("config.lr")._ipython_key_completions_() == [(0.1,), (0.2,)]
    assert mlxp.Config({"model": {"width": 8}, "seed": 1})._ipython_key_completions_() == ["model", "seed"]


def test_a_picture_survives_any_numbers() -> None:
    nan, inf = float("nan"), float("inf")

    assert sparkline([nan, nan]) == sparkline([]) == sparkline([[1, 2], [3]]) == ""
    assert 'points="2.0,2.0 2.0,2.0"' in sparkline([5])
    assert sparkline([10**400, 1, 2, -inf, 3, 4]).count("<polyline") == 2
    assert "nan" not in sparkline([1.7e308, -1.7e308, 0]) and "inf" not in sparkline([1.7e308, -1.7e308, 0])


def test_the_picture_of_a_long_curve_is_small_and_keeps_the_spike() -> None:
    picture = sparkline([0.0] * 5_000 + [1.0] + [0.0] * 4_999)

    assert len(picture) < 3_000
    assert ",2.0 " in picture
