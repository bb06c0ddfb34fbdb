"""The index of a log directory: a cache that is never wrong."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from attrs import evolve

from mlxp_fn import layout
from mlxp_fn.effects import index, store
from mlxp_fn.effects.history import History, note
from mlxp_fn.errors import LogDirError
from mlxp_fn.reader import runs
from mlxp_fn.records import InputLogged, Moment
from mlxp_fn.results import segments
from mlxp_fn.results.frame import Frame

RUNS = 40


@pytest.fixture
def many(logs: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A log directory of forty runs, on a file system whose clock is as fine as can be."""
    monkeypatch.setattr(index, "_COARSE_NS", 1)
    for log_id in range(1, RUNS + 1):
        logs.run(log_id, {"seed": log_id, "lr": 0.1, "layers": [1, log_id]}, {"train": [{"loss": 1.0 / log_id}]})
    time.sleep(0.05)
    return logs


@pytest.fixture
def read_anew(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the runs that were not taken from an index."""
    ids: list[int] = []
    read_cells = store.read_cells

    def spy(files: Any, disk: Any, look: Any) -> Any:
        ids.append(int(files.name))
        return read_cells(files, disk, look)

    monkeypatch.setattr(store, "read_cells", spy)
    return ids


def without_index(logs: Any) -> Frame:
    return store.read_runs(logs.path, range(10_000))


def index_files(logs: Any) -> list[Path]:
    return sorted(Path(logs.path, layout.INDEX).iterdir())


def test_unchanged_runs_are_not_read_again(many: Any, read_anew: list[int]) -> None:
    first = many.frame()
    read_anew.clear()

    again = many.frame()

    assert (again == first, read_anew) == (True, [])


def test_what_comes_from_the_index_is_what_was_read(many: Any) -> None:
    config = {"seed": 1.0, "deep": {"a": [None, True, {"b": float("inf")}]}}
    many.run(41, config, artifacts={"json/sub/a.json": b"{}"})
    many.frame()

    row = many.frame()[40]

    plain = without_index(many)[40]
    assert dict(row) == dict(plain)
    assert type(row["config.seed"]) is float
    assert many.frame() == without_index(many)


def test_a_changed_config_is_noticed(many: Any, read_anew: list[int]) -> None:
    many.frame()
    read_anew.clear()
    Path(many.path, "7", layout.CONFIG).write_text("seed: 70\n")

    assert (many.frame()["config.seed"][6], read_anew) == (70, [7])


def test_a_change_that_keeps_size_and_time_is_noticed(many: Any) -> None:
    many.frame()
    config = Path(many.path, "7", layout.CONFIG)
    before = config.stat()
    config.write_bytes(config.read_bytes().replace(b"seed: 7", b"seed: 8"))
    os.utime(config, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert config.stat().st_size == before.st_size

    assert many.frame() == without_index(many)


def test_a_new_attempt_is_noticed(many: Any) -> None:
    many.frame()
    many.events(7, 2, [{**many.started, "attempt": 2}, many.failed])

    assert many.frame()["info.attempt"][5:8] == [1, 2, 1]


def test_a_resumed_run_is_one_curve_from_the_index_too(many: Any, read_anew: list[int]) -> None:
    lines = [{"step": 0, "loss": 1}, {"step": 1, "loss": 2}, {"step": 1, "loss": 3}]
    many.metrics(7, "train", lines)
    began = {**many.started, "attempt": 2, "positions": {"train": len(json.dumps(lines[0])) * 2 + 2}}
    many.events(7, 2, [began, many.completed])
    time.sleep(0.05)
    many.frame()
    read_anew.clear()

    assert many.frame()[6]["train.loss"] == [1, 3]
    assert many.frame().cells("train.loss")[6].last() == 3
    assert runs(many.path, all_attempts=True)[6]["train.loss"] == [1, 2, 3]
    assert read_anew == []
    assert many.frame() == without_index(many)


def test_what_is_added_to_the_history_from_outside_is_noticed(many: Any) -> None:
    many.frame()
    with Path(many.path, "7", layout.events_file(0)).open("a") as file:
        file.write(json.dumps({**many.started, "hostname": "elsewhere"}) + "\n")

    assert many.frame() == without_index(many)


READ = InputLogged(at=Moment(time="", local=""), path="data", resolved="/data", size=7, sha256="0" * 64)


def test_what_a_child_says_after_the_end_of_its_run_is_noticed(many: Any) -> None:
    history = History(many.path / "7", 1)
    many.frame()
    child = os.fork()
    if not child:
        history.happened(READ)
        os._exit(0)
    os.waitpid(child, 0)

    assert many.frame()[6]["info.inputs"] == [{"path": "data", "resolved": "/data", "size": 7, "sha256": "0" * 64}]


def test_what_another_process_notes_after_the_end_of_a_run_is_noticed(many: Any) -> None:
    many.frame()
    note(many.path / "7", READ, fsync=False)

    assert [len(row.get("info.inputs", [])) for row in many.frame()][5:8] == [0, 1, 0]


def test_a_run_that_goes_on_is_read_each_time(many: Any, read_anew: list[int]) -> None:
    many.run(41, events=[many.started])
    many.frame()
    read_anew.clear()

    many.frame()

    assert read_anew == [41]


def test_a_run_as_young_as_the_index_is_read_again(
    many: Any, read_anew: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_COARSE_NS", 3_600_000_000_000)
    many.frame()
    read_anew.clear()

    many.frame()

    assert len(read_anew) == RUNS


def test_removed_runs_are_gone(many: Any) -> None:
    many.frame()
    shutil.rmtree(Path(many.path, "7"))

    assert many.frame()["info.logger.log_id"] == [*range(1, 7), *range(8, RUNS + 1)]


def test_a_moved_log_directory_keeps_its_index(many: Any, tmp_path: Path) -> None:
    many.frame()
    moved = many.path.rename(tmp_path / "elsewhere")

    row = store.read_runs(moved)[6]

    assert row["info.logger.metrics_dir"] == f"{moved}/7/metrics"
    assert row["train.loss"] == [1.0 / 7]


def test_runs_that_mlxp_made_are_where_they_were_moved_to(many: Any, tmp_path: Path) -> None:
    for log_id in range(1, RUNS + 1):
        shutil.rmtree(many.path / str(log_id))
        many.mlxp_run(log_id, {"seed": log_id}, {"status": "COMPLETE", "logger": {"log_dir": "/gone/1"}})
    time.sleep(0.05)
    many.frame()
    moved = many.path.rename(tmp_path / "elsewhere")

    assert store.read_runs(moved)["info.logger.log_dir"] == [f"{moved}/{log_id}" for log_id in range(1, RUNS + 1)]


@pytest.mark.parametrize("damage", ["torn", "foreign", "emptied", "another version", "removed"])
def test_a_damaged_index_is_made_anew(many: Any, read_anew: list[int], damage: str) -> None:
    expected = many.frame()
    segment = next(file for file in index_files(many) if file.suffix == ".segment")
    manifest = Path(many.path, layout.INDEX, "manifest.json")
    match damage:
        case "torn":
            segment.write_bytes(segment.read_bytes()[:-7])
        case "foreign":
            segment.write_bytes(b"\x93\x90\x90\x80")
        case "emptied":
            manifest.write_text("")
        case "another version":
            manifest.write_text(manifest.read_text().replace('"format":"3 ', '"format":"2 '))
        case _:
            shutil.rmtree(manifest.parent)
    read_anew.clear()

    assert many.frame() == expected
    assert len(read_anew) == RUNS
    read_anew.clear()
    assert many.frame() == expected
    assert read_anew == []


def packed(*cells: bytes, rows: int = RUNS) -> bytes:
    """A column as an index keeps it, whose rows all have the first of these cells."""
    return msgspec.msgpack.encode(["B", bytes(rows), cells])


@pytest.mark.parametrize(
    "column",
    [
        b"B",
        packed(b"\x00\x01", rows=RUNS - 1),
        packed(b"\x09\x01"),
        packed(b"\x00\xc1"),
        packed(b"\x01\x01"),
        packed(),
    ],
    ids=["no column", "too few rows", "no kind", "no msgpack", "no metric", "no cell"],
)
def test_a_column_that_somebody_forged_is_told(many: Any, column: bytes) -> None:
    """With the right check sum: nothing tells it from ours until the column is asked for."""
    many.frame()
    manifest = Path(many.path, layout.INDEX, "manifest.json")
    named = json.loads(manifest.read_text())
    file = manifest.with_name(named["segments"][0]["file"])
    segment = segments.from_bytes(file.read_bytes())
    forged = segments.to_bytes(evolve(segment, columns={**segment.columns, "config.lr": msgspec.Raw(column)}))
    file.write_bytes(forged)
    named["segments"][0]["crc32"] = zlib.crc32(forged)
    manifest.write_text(json.dumps(named))

    frame = many.frame()

    assert frame["config.seed"] == list(range(1, RUNS + 1))
    with pytest.raises(LogDirError, match=re.escape(f"it can be deleted ({layout.INDEX} in the log directory)")):
        frame["config.lr"]


def test_a_directory_that_cannot_be_written_has_its_index_in_the_users_cache(
    many: Any, read_anew: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(index, "_ELSEWHERE_NS", 1)
    Path(many.path, layout.OURS).write_text("a file in the way")
    many.frame()
    read_anew.clear()

    many.frame()

    assert read_anew == []
    assert list((tmp_path / "cache/mlxp_fn/index").glob("*/manifest.json"))


def test_runs_are_read_where_no_index_can_be_written(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    Path(many.path, layout.OURS).write_text("a file in the way")

    assert len(many.frame()) == RUNS


def test_a_small_directory_has_no_index(logs: Any) -> None:
    logs.run(1)
    logs.frame()

    assert not Path(logs.path, layout.OURS).exists()


def test_segments_do_not_pile_up(many: Any) -> None:
    for start in range(100, 500, 50):
        for log_id in range(start, start + 50):
            many.run(log_id, {"seed": log_id})
        time.sleep(0.02)
        many.frame()

    manifest = json.loads(Path(many.path, layout.INDEX, "manifest.json").read_text())
    assert len(manifest["segments"]) <= 4
    assert many.frame() == without_index(many)


def test_a_frame_from_an_index_can_be_pickled(many: Any) -> None:
    many.frame()

    frame = pickle.loads(pickle.dumps(many.frame()))

    assert frame[6]["train.loss"] == [1.0 / 7]


def test_cells_that_an_index_cannot_keep_are_read_each_time(many: Any, read_anew: list[int]) -> None:
    many.run(41, {"huge": 2**70})
    time.sleep(0.02)
    many.frame()
    read_anew.clear()

    assert (many.frame()["config.huge"][40], read_anew) == (2**70, [41])


READS = """
import sys, warnings
from mlxp_fn.effects import index, store
index._COARSE_NS = 1
for _ in range(20):
    seeds = store.read_runs(sys.argv[1])["config.seed"]
    assert seeds[:6] == [1, 2, 3, 4, 5, 6], seeds
    assert len(seeds) == 40, len(seeds)
"""


def test_processes_use_one_index_at_once(many: Any) -> None:
    readers = [subprocess.Popen([sys.executable, "-c", READS, str(many.path)]) for _ in range(4)]
    for number in range(10):
        for log_id in range(7, RUNS + 1):
            file = Path(many.path, str(log_id), layout.CONFIG)
            new = file.with_suffix(".new")
            new.write_text(f"seed: {number * 1000 + log_id}\n")
            new.replace(file)

    assert [reader.wait() for reader in readers] == [0, 0, 0, 0]
    assert many.frame()["config.seed"][6:] == [9000 + log_id for log_id in range(7, RUNS + 1)]
