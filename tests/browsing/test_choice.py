"""Which runs words and queries choose."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlxp_fn as mlxp
from mlxp_fn.browsing.choice import choice
from mlxp_fn.errors import LogDirError, NoRunError, SelectionError
from mlxp_fn.results.selection import selection


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with four runs below logs: seeds 1 to 4."""
    project = tmp_path_factory.mktemp("project")
    mlxp.run(lambda ctx: None, mlxp.sweep({"seed": 0}, {"seed": [1, 2, 3, 4]}), parent_log_dir=project / "logs")
    return project


@pytest.fixture(autouse=True)
def _in_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)


@pytest.mark.parametrize(
    ("words", "query", "expected"),
    [
        ([], None, [1, 2, 3, 4]),
        (["3"], None, [3]),
        (["2:3", "1"], None, [2, 3, 1]),
        (["3:", ":2"], None, [3, 4, 1, 2]),
        (["3:99"], None, [3, 4]),
        (["last"], None, [4]),
        (["last:3", "4"], None, [2, 3, 4]),
        (["last:0"], "config.seed > 0", []),
        (["logs/2", "4"], None, [2, 4]),
        (["logs"], None, [1, 2, 3, 4]),
        ([], "config.seed > 2", [3, 4]),
        (["4", "1"], "config.seed < 5", [4, 1]),
    ],
)
def test_words_and_query_choose(words: list[str], query: str | None, expected: list[int]) -> None:
    try:
        assert choice(words, query).ids() == expected
    except NoRunError:
        assert expected == []


@pytest.mark.parametrize("word", ["lst", "4:2", ":", "last:", "-1", "1-3", "9" * 5000, "2²", "logs/x", ""])
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(SelectionError):
        choice([word])


def test_run_that_cannot_be_read_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "logs/1/metadata").mkdir(parents=True)

    with pytest.warns(UserWarning, match="1 \\(there is no"), pytest.raises(NoRunError, match="no run in"):
        choice([str(tmp_path / "logs/1")]).runs()


def test_run_that_is_not_there_is_named() -> None:
    with pytest.raises(NoRunError, match="there is no run 9 among the 4, 1 to 4, in logs"):
        choice(["2", "9"]).ids()
    with pytest.raises(NoRunError, match="there is no run 9, only run 2,"):
        selection("9").among([2])


def test_run_is_named_from_within(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "logs/2/metrics")
    assert choice([".."]).ids() == [2]
    monkeypatch.chdir("..")
    assert choice(["."]).ids() == [2]
    assert len(choice([".."]).ids()) == 4


def test_runs_of_two_log_directories_are_refused(project: Path) -> None:
    (project / "others/1").mkdir(parents=True)
    with pytest.raises(SelectionError, match="of one log directory"):
        choice(["logs/1", "others/1"])


def test_log_directory_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LogDirError, match="there is no log directory /.*; name the one with your runs"):
        choice([]).runs()


def test_runs_of_mlxp_have_the_id_of_their_directory(project: Path) -> None:
    metadata = project / "foreign/7/metadata"
    metadata.mkdir(parents=True)
    (metadata / "config.yaml").write_text("seed: 1\n")
    (metadata / "info.yaml").write_text("status: COMPLETE\nlogger: {log_id: 3}\n")

    assert choice(["foreign"], "config.seed == 1").ids() == [7]
