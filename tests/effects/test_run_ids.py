"""Ids of runs: without gaps, never given twice, the directory listed at most once."""

import os

import pytest

from mlxp_fn.effects import run_ids


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch):
    monkeypatch.setattr(run_ids, "_last_claimed", {})


def test_ids_begin_at_one_and_have_no_gaps(tmp_path):
    claimed = [run_ids.claim_new(tmp_path / "logs").name for _ in range(5)]

    assert claimed == ["1", "2", "3", "4", "5"]


def test_a_wrong_hint_is_not_trusted(tmp_path):
    for _ in range(20):
        run_ids.claim_new(tmp_path)
    run_ids._last_claimed.clear()
    (tmp_path / ".mlxp_fn/last_id").write_text("3\n")

    assert run_ids.claim_new(tmp_path).name == "21"


@pytest.mark.parametrize("hint", ["", "seven", "-4", "\x00"])
def test_a_broken_hint_is_ignored(tmp_path, hint):
    (tmp_path / "8").mkdir()
    (tmp_path / ".mlxp_fn").mkdir()
    (tmp_path / ".mlxp_fn/last_id").write_text(hint)

    assert run_ids.claim_new(tmp_path).name == "9"


def test_a_hint_that_waits_is_left_for_the_highest_id(tmp_path):
    with run_ids.hints_at_the_end():
        for _ in range(3):
            run_ids.claim_new(tmp_path)
        assert not (tmp_path / ".mlxp_fn").exists()

    assert (tmp_path / ".mlxp_fn/last_id").read_text() == "3\n"
    run_ids.claim_new(tmp_path)
    assert (tmp_path / ".mlxp_fn/last_id").read_text() == "4\n"


def test_the_id_of_a_removed_run_is_not_given_again(tmp_path):
    for _ in range(3):
        run_ids.claim_new(tmp_path)
    (tmp_path / "3").rmdir()
    run_ids._last_claimed.clear()

    assert run_ids.claim_new(tmp_path).name == "4"


def test_the_id_of_a_run_in_the_trash_is_not_given_again(tmp_path):
    run_ids.claim_new(tmp_path)
    (tmp_path / ".mlxp_fn/trash/2").mkdir(parents=True)

    assert run_ids.claim_new(tmp_path).name == "3"


def test_a_directory_is_listed_once_per_process(tmp_path, monkeypatch):
    (tmp_path / "5").mkdir()
    listings = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listings.append(path) or scandir(path))

    claimed = [run_ids.claim_new(tmp_path).name for _ in range(10)]

    assert claimed == [str(n) for n in range(6, 16)]
    assert len(listings) <= 1
