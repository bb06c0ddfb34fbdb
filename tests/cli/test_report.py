"""`mlxp report` as a process, with right and with wrong input."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_report_writes_a_page_and_says_where_and_how_large(call: Any, project: Path) -> None:
    done = call("report", cwd=project)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("report.html: 4 runs, 0.")
    assert "<title>Runs in logs</title>" in (project / "report.html").read_text()


def test_report_is_on_the_runs_that_are_chosen(call: Any, project: Path) -> None:
    asked = ["logs", "2:", "-q", "config.lr > 0.3", "-o", "one.html", "--title", "One & only"]
    done = call("report", *asked, cwd=project)

    assert done.stdout.startswith("one.html: 1 run, 0.")
    page = (project / "one.html").read_text()
    assert "<title>One &amp; only</title>" in page
    assert "1 run where <code>config.lr &gt; 0.3</code>" in page


def test_report_averages_by_what_is_asked_for(call: Any, project: Path) -> None:
    call("report", "--by", "config.seed", cwd=project)

    assert '"groupings":["seed"]' in (project / "report.html").read_text()


def test_report_draws_the_band_that_is_asked_for(call: Any, project: Path) -> None:
    call("report", "--band", "ci95", cwd=project)

    assert '"band":"ci"' in (project / "report.html").read_text()


def test_report_refuses_what_is_no_column_and_writes_nothing(call: Any, project: Path) -> None:
    done = call("report", "--by", "config.lrr", cwd=project)

    assert done.returncode == 2
    assert done.stderr.startswith("error: no column 'config.lrr'; did you mean config.lr")
    assert not (project / "report.html").exists()


def test_report_on_no_runs_is_a_no(call: Any, project: Path) -> None:
    done = call("report", "-q", "config.lr > 7", cwd=project)

    assert done.returncode == 1
    assert not (project / "report.html").exists()
