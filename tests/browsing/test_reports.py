"""What a report takes from the directories of runs, and what it leaves there."""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import mlxp_fn as mlxp

LONG = bool(os.environ.get("MLXP_LONG_TESTS"))


@pytest.fixture
def logs(four_runs: Path, tmp_path: Path) -> Path:
    """A copy of the four runs, of one's own."""
    return Path(shutil.copytree(four_runs, tmp_path / "logs"))


def data_of(logs: Path, **options: Any) -> dict[str, Any]:
    """What the script of a report is given."""
    made = mlxp.report(mlxp.runs(logs), logs.parent / "report.html", **options)
    data: dict[str, Any] = json.loads(made.path.read_text().partition('id="data">')[2].partition("</script>")[0])
    return data


def test_the_record_says_what_was_written(logs: Path) -> None:
    made = mlxp.report(mlxp.runs(logs), logs.parent / "report.html")

    assert (made.runs, made.remarks) == (4, ())
    assert made.size == made.path.stat().st_size


def test_streams_are_as_a_terminal_would_show_them_in_the_end(logs: Path) -> None:
    (stream,) = data_of(logs)["runs"][0]["streams"]

    assert stream["name"] == "log.stdout"
    assert stream["text"].startswith("100%\nred </script>")
    assert stream["left_out"] == 0


def test_of_a_long_stream_the_end_is_kept_and_it_says_so(logs: Path) -> None:
    (logs / "1/log.stderr").write_bytes(b"x" * 29_996 + b"end\n")

    (_, stream) = data_of(logs)["runs"][0]["streams"]

    assert stream["left_out"] == 10_000
    assert len(stream["text"]) == 20_000 and stream["text"].endswith("xend\n")


def test_a_failed_run_has_its_traceback(logs: Path) -> None:
    runs = data_of(logs)["runs"]

    assert runs[3]["traceback"].startswith("Traceback (most recent call last)")
    assert "raise ValueError" in runs[3]["traceback"]
    assert "traceback" not in runs[0]


def test_pictures_are_in_the_page(logs: Path) -> None:
    (product,) = data_of(logs)["runs"][0]["products"]

    assert product["name"] == "file/samples.png"
    kind, _, content = product["picture"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(content) == (logs / "1/artifacts/file/samples.png").read_bytes()


def test_what_is_no_picture_is_not_shown_as_one(logs: Path) -> None:
    (logs / "1/artifacts/file/samples.png").write_bytes(b"<!DOCTYPE svg [<!ENTITY a 'a'>]><svg/>")

    assert "picture" not in data_of(logs)["runs"][0]["products"][0]


def test_links_out_of_a_run_are_not_followed(logs: Path) -> None:
    secret = logs.parent / "secret.png"
    secret.write_bytes(b"\x89PNG\r\n\x1a\nsecret")
    for path in (logs / "1/log.stdout", logs / "1/artifacts/file/samples.png"):
        path.unlink()
        path.symlink_to(secret)

    made = mlxp.report(mlxp.runs(logs), logs.parent / "report.html")

    text = made.path.read_text()
    assert base64.b64encode(b"\x89PNG\r\n\x1a\nsecret").decode()[:20] not in text
    assert "PNG\\r\\nsecret" not in text
    assert any(remark.startswith("cannot read") and "log.stdout" in remark for remark in made.remarks)
    assert "Of the pictures 1 are not shown, for their size or because they cannot be read." in made.remarks


def test_what_cannot_be_read_is_named_and_the_rest_is_there(logs: Path) -> None:
    for path in (logs / "2/metrics/train.json", logs / "2/log.stderr"):
        path.unlink()
        path.mkdir()

    made = mlxp.report(mlxp.runs(logs), logs.parent / "report.html")

    assert [remark for remark in made.remarks if "2/metrics/train.json" in remark]
    assert made.runs == 4


def test_packages_are_held_once_for_all_runs(logs: Path) -> None:
    contents = data_of(logs)["contents"]

    assert len(contents) == 2
    assert [each["attrs"] for each in contents.values() if "attrs" in each]


def test_groups_are_those_that_are_asked_for(logs: Path) -> None:
    data = data_of(logs, by="config.seed")

    assert data["groupings"] == ["seed"]
    assert [group["label"] for group in data["charts"][0]["groupings"][0]] == ["seed=1", "seed=2"]


def test_a_report_on_no_runs_says_so(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()

    with pytest.raises(mlxp.errors.UnknownColumnError):
        mlxp.report(mlxp.runs(tmp_path / "logs"), tmp_path / "report.html")


def test_where_it_cannot_be_written_nothing_is_left(logs: Path) -> None:
    with pytest.raises(mlxp.errors.LogDirError, match="cannot write .*/nowhere/report.html"):
        mlxp.report(mlxp.runs(logs), logs / "nowhere/report.html")


def test_a_report_on_many_runs_is_small(four_runs: Path, tmp_path: Path) -> None:
    """2,000 runs of twelve metrics, long streams and pictures stay below 15 MB; a hundred have as much room."""
    runs, lines = (2_000, 1_000) if LONG else (100, 300)
    for run in range(1, runs + 1):
        copy = Path(shutil.copytree(four_runs / "1", tmp_path / f"logs/{run}"))
        (copy / "metrics/train.json").write_text("".join(line(run, step) for step in range(lines)))
        (copy / "metrics/.keys/train.yaml").unlink()
        (copy / "log.stderr").write_bytes(os.urandom(15_000).hex().encode())
        (copy / "artifacts/file/samples.png").write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(40_000))

    made = mlxp.report(mlxp.runs(tmp_path / "logs"), tmp_path / "report.html")

    assert made.runs == runs
    assert made.size < 15_000_000
    assert [remark for remark in made.remarks if remark.startswith("Of the curve of a run at most ")]
    assert [remark for remark in made.remarks if remark.startswith("Of the pictures ")]


def line(run: int, step: int) -> str:
    """A line of twelve metrics that go up and down."""
    metrics = {f"metric{place}": (run * 7919 + step * 104729 + place) % 1000003 / 1000003 for place in range(12)}
    return json.dumps({"step": step, **metrics}) + "\n"
