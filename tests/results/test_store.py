"""Reading log directories, whole, damaged and foreign."""

from __future__ import annotations

import json
import math
import os
import pickle
from typing import Any

import pytest

from mlxp_fn.effects.regular_files import read_bytes
from mlxp_fn.effects.store import read_runs
from mlxp_fn.errors import InvalidArtifactError, LogDirError, MissingArtifactError, MlxpError

INFO = {"status": "COMPLETE", "hostname": "node", "logger": {"log_id": 1, "log_dir": "/logs/1"}, "scheduler": None}


def test_rows_come_by_id(logs: Any) -> None:
    for log_id in (10, 9, 2):
        logs.run(log_id)

    assert logs.frame()["info.logger.log_id"] == [2, 9, 10]


def test_config_stands_in_dotted_columns(logs: Any) -> None:
    logs.run(1, {"model.width": 8, "layers": [1, 2], "name": None})

    row = logs.frame()[0]

    assert (row["config.model.width"], row["config.layers"], row["config.name"]) == (8, [1, 2], None)


def test_status_is_that_of_the_last_event(logs: Any) -> None:
    logs.run(1, events=[logs.started, logs.failed])

    row = logs.frame()[0]

    assert (row["info.status"], row["info.error.type"], row["info.end_time"]) == (
        "FAILED",
        "ValueError",
        "11:00:09",
    )


def test_later_attempts_come_after_earlier_ones(logs: Any) -> None:
    logs.run(1, events=[logs.started, logs.failed])
    logs.events(1, 2, [{**logs.started, "attempt": 2}, logs.completed])

    row = logs.frame()[0]

    assert (row["info.status"], row["info.attempt"]) == ("COMPLETE", 2)


def test_events_of_a_later_version_are_passed_over(logs: Any) -> None:
    logs.run(1, events=[logs.started, {"event": "teleported", "to": "mars"}])

    assert logs.frame()["info.status"] == ["RUNNING"]


def test_result_is_a_column(logs: Any) -> None:
    logs.run(1, events=[logs.started, {**logs.completed, "result": {"accuracy": 0.9}}])

    assert logs.frame()["info.result.accuracy"] == [0.9]


def test_nan_in_a_config_is_read(logs: Any) -> None:
    logs.run(1, {"clip": math.nan})

    assert math.isnan(logs.frame()["config.clip"][0])


def test_edited_config_is_read_again(logs: Any) -> None:
    config = logs.run(1, {"seed": 1}) / "metadata/config.yaml"
    config.write_text("seed: 2\nmodel: {rate: 1e-3}\n")

    row = logs.frame()[0]

    assert (row["config.seed"], row["config.model.rate"]) == (2, 0.001)


def test_edit_that_keeps_the_size_is_noticed(logs: Any) -> None:
    run_dir = logs.run(1, {"seed": 1})
    (run_dir / "metadata/config.yaml").write_text("seed: 2\n")
    later = os.stat(run_dir / "metadata/run.json").st_mtime_ns + 1_000_000
    os.utime(run_dir / "metadata/config.yaml", ns=(later, later))

    assert logs.frame()["config.seed"] == [2]


def test_config_that_was_only_touched_is_taken_from_the_record(logs: Any) -> None:
    run_dir = logs.run(1, {"seed": 1, "rate": 1e-9})
    later = os.stat(run_dir / "metadata/run.json").st_mtime_ns + 1_000_000
    os.utime(run_dir / "metadata/config.yaml", ns=(later, later))

    assert logs.frame()["config.rate"] == [1e-9]


def test_config_that_was_deleted_is_still_in_the_record(logs: Any) -> None:
    (logs.run(1, {"seed": 1}) / "metadata/config.yaml").unlink()

    assert logs.frame()["config.seed"] == [1]


def test_moved_directory_tells_where_it_is_now(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"loss": 1.0}]})
    moved = logs.path.rename(logs.path.with_name("elsewhere"))

    row = read_runs(moved)[0]

    assert row["info.logger.log_dir"] == f"{moved}/1"
    assert row["train.loss"] == [1.0]


def test_directory_of_a_run_that_mlxp_made_is_where_it_lies_whatever_its_record_says(logs: Any) -> None:
    logs.mlxp_run(1, {"lr": 0.1}, {"status": "COMPLETE", "logger": {"log_id": 7, "log_dir": "/etc"}})

    row = logs.frame()[0]

    assert (row["info.logger.log_id"], row["info.logger.log_dir"]) == (1, f"{logs.path}/1")


def test_only_the_runs_that_are_asked_for_are_read(logs: Any) -> None:
    for log_id in (1, 2, 3):
        logs.run(log_id, {"seed": log_id})

    assert read_runs(logs.path, {1, 3})["config.seed"] == [1, 3]


# -- what is not a run, or broken


def test_a_few_runs_are_read_without_listing_all_the_others(logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for run in (1, 2, 10):
        logs.run(run, {"a": run})
    listed = []
    real = os.listdir
    monkeypatch.setattr(os, "listdir", lambda place=".": listed.append(place) or real(place))

    assert list(read_runs(logs.path, {10, 2, 3, -1})["config.a"]) == [2, 10]
    assert listed == []


def test_directory_without_metadata_is_no_run_yet(logs: Any, recwarn: pytest.WarningsRecorder) -> None:
    logs.run(1)
    (logs.path / "2/metrics").mkdir(parents=True)

    assert len(logs.frame()) == 1
    assert not recwarn.list


@pytest.mark.parametrize("name", [".mlxp_fn", "notes", "-1", "x50", "٥٠"])
def test_other_names_are_no_runs(logs: Any, name: str) -> None:
    logs.run(50)
    (logs.path / name / "metadata").mkdir(parents=True)

    assert len(logs.frame()) == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"id": "x"}', b"\xff\xfe", b"[" * 100_000], ids=repr
)
def test_unreadable_run_is_named_and_the_others_are_read(logs: Any, content: bytes) -> None:
    logs.run(1, {"seed": 1})
    (logs.run(2) / "metadata/run.json").write_bytes(content)

    with pytest.warns(UserWarning, match=r"cannot read these runs of .*: 2 \(") as warned:
        frame = logs.frame()

    assert frame["config.seed"] == [1]
    assert len(warned) == 1


def test_damaged_events_name_the_run(logs: Any) -> None:
    logs.run(1, events=[{"event": "started", "at": 3}])

    with pytest.warns(UserWarning, match=r"1 \("):
        assert len(logs.frame()) == 0


@pytest.mark.parametrize("rest", ["", '{"loss": NaN}\n', '{"loss": 5, "it', "[1]\n\n"])
def test_the_last_value_is_the_last_of_the_values(logs: Any, rest: str) -> None:
    logs.run(1, metrics={"train": [{"loss": 1.0}]})
    path = logs.path / "1/metrics/train.json"
    path.write_text('{"loss": 2.0}{"loss": 3.0}\n' + rest)

    cell = logs.frame().cell("train.loss", 0)

    assert cell.values()[:2] == [2.0, 3.0]
    assert repr(cell.last()) == repr(cell.values()[-1])


def test_torn_last_event_is_passed_over(logs: Any) -> None:
    events = logs.run(1) / "metadata/events/1.jsonl"
    events.write_bytes(events.read_bytes()[:-20])

    assert logs.frame()["info.status"] == ["RUNNING"]


def test_missing_log_directory_is_an_error(logs: Any) -> None:
    with pytest.raises(LogDirError, match="there is no log directory .*nowhere; name the one"):
        read_runs(logs.path / "nowhere")


# -- metrics


def test_metrics_are_listed_without_being_read(logs: Any) -> None:
    run_dir = logs.run(1, metrics={"train": [{"loss": 1.0}]})
    (run_dir / "metrics/train.json").write_bytes(b"not read")

    assert "train.loss" in logs.frame().keys()  # noqa: SIM118
    assert "METRIC" in repr(logs.frame())


def test_metric_is_the_list_of_its_present_values(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"loss": 1.0}, {"acc": 0.5}, {"loss": None}, {"loss": 0.5}]})

    assert logs.frame()[0]["train.loss"] == [1.0, None, 0.5]


def test_nan_and_infinity_are_read(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"loss": math.nan}, {"loss": math.inf}, {"loss": 1}]})

    assert str(logs.frame()[0]["train.loss"]) == "[nan, inf, 1]"


def test_damaged_lines_lose_nothing_but_themselves(logs: Any) -> None:
    run_dir = logs.run(1, metrics={"train": [{"loss": 1.0}]})
    (run_dir / "metrics/train.json").write_bytes(b'{"loss": 1}\n{"lo{"loss": 2}\n3\n{"loss": 4}\n{"loss": ')

    assert logs.frame()[0]["train.loss"] == [1, 2, 4]


def test_line_that_is_no_text_loses_only_itself(logs: Any) -> None:
    run_dir = logs.run(1, metrics={"train": [{"loss": 1.0}]})
    (run_dir / "metrics/train.json").write_bytes(b'{"loss": 1}\n{"lo\x97s": 2}\n\xff\n{"loss": 4}\n')

    assert logs.frame()[0]["train.loss"] == [1, 4]
    assert logs.frame().cells("train.loss")[0].last() == 4


def test_metric_file_that_cannot_be_read_is_an_error_of_ours(logs: Any) -> None:
    run_dir = logs.run(1, metrics={"train": [{"loss": 1.0}]})
    row, cell = logs.frame()[0], logs.frame().cells("train.loss")[0]
    (run_dir / "metrics/train.json").unlink()
    (run_dir / "metrics/train.json").mkdir()

    with pytest.raises(LogDirError, match=r"cannot read .*train\.json: Is a directory"):
        row["train.loss"]
    with pytest.raises(LogDirError, match="Is a directory"):
        cell.last()


def test_log_in_a_folder_bears_its_path(logs: Any) -> None:
    logs.run(1, metrics={"fold/train": [{"loss": 1.0}]})

    assert logs.frame()[0]["fold/train.loss"] == [1.0]


@pytest.mark.parametrize("keys", [None, b"{", b"- loss\n", b""], ids=repr)
def test_lost_list_of_keys_is_made_again_from_the_log(logs: Any, keys: bytes | None) -> None:
    run_dir = logs.run(1, metrics={"train": [{"loss": 1.0}, {"acc": 0.5}]})
    path = run_dir / "metrics/.keys/train.yaml"
    path.unlink() if keys is None else path.write_bytes(keys)

    frame = logs.frame()

    assert (frame[0]["train.loss"], frame[0]["train.acc"]) == ([1.0], [0.5])


@pytest.mark.parametrize("key", ["true", "é", "with space", "a: b", "1e3", "#", "'", "null"])
def test_odd_keys_are_read(logs: Any, key: str) -> None:
    logs.run(1, metrics={"train": [{key: 7}]})

    assert logs.frame()[0][f"train.{key}"] == [7]


def test_metric_log_cannot_hide_the_config(logs: Any) -> None:
    logs.run(1, {"seed": 1}, metrics={"config": [{"seed": 9}]})

    assert logs.frame()[0]["config.seed"] == 1


@pytest.mark.parametrize("count", [1, 2, 100, 5000])
def test_last_is_found_from_the_end(logs: Any, count: int) -> None:
    logs.run(1, metrics={"train": [{"rare": 7, "loss": -1}, *({"loss": step} for step in range(count))]})
    frame = logs.frame()

    assert frame.cells("train.loss")[0].last() == count - 1
    assert frame.cells("train.rare")[0].last() == 7


def test_last_line_may_be_longer_than_a_block(logs: Any) -> None:
    logs.run(1, metrics={"train": [{"loss": 1}, {"loss": 2, "text": "x" * 20_000}]})

    assert logs.frame().cells("train.loss")[0].last() == 2


def test_file_that_is_longer_than_it_says_is_read_to_its_end() -> None:
    content = read_bytes("/proc/self/status")

    assert content is not None
    assert content.startswith(b"Name:")
    assert content.endswith(b"\n")


def test_last_of_a_file_that_is_gone_is_absent(logs: Any) -> None:
    run_dir = logs.run(1, metrics={"train": [{"loss": 1}]})
    cell = logs.frame().cells("train.loss")[0]
    (run_dir / "metrics/train.json").unlink()

    assert (repr(cell.last()), cell.values()) == ("ABSENT", [])


def test_frame_can_be_pickled_with_its_references(logs: Any) -> None:
    logs.run(1, {"seed": 1}, metrics={"train": [{"loss": 1.0}]}, artifacts={"text/a.txt": b"x"})

    copy = pickle.loads(pickle.dumps(logs.frame()))

    assert copy == logs.frame()
    assert copy[0]["train.loss"] == [1.0]


# -- artifacts


def test_artifacts_stand_by_type_and_folder(logs: Any) -> None:
    logs.run(1, artifacts={"text/a.txt": b"hello", "text/best/b.txt": b"you"})
    row = logs.frame()[0]

    found = row["artifact.text."]["a.txt"]

    assert (found.size, found.load(), found.file) == (5, "hello", f"{logs.path}/1/artifacts/text/a.txt")
    assert row["artifact.text..best"]["b.txt"].load() == "you"


def test_artifacts_of_mlxp_are_found(logs: Any) -> None:
    run_dir = logs.mlxp_run(1, {}, INFO)
    (run_dir / "artifacts/pickle/sub").mkdir(parents=True)
    (run_dir / "artifacts/pickle/sub/ck.pkl").write_bytes(b"\x80\x05K\x07.")

    found = logs.frame()[0]["artifact.pickle..sub"]["ck.pkl"]

    assert (found.file, found.size) == (f"{run_dir}/artifacts/pickle/sub/ck.pkl", None)
    assert found.load() == 7


def test_unknown_type_of_artifact_is_never_loaded(logs: Any) -> None:
    logs.run(1, artifacts={"mine/a.bin": b"x"})

    with pytest.raises(InvalidArtifactError, match=r"call load\(loader=function\)"):
        logs.frame()[0]["artifact.mine."]["a.bin"].load()


def test_own_function_loads_an_unknown_type(logs: Any) -> None:
    logs.run(1, artifacts={"mine/a.bin": b"x"})

    assert logs.frame()[0]["artifact.mine."]["a.bin"].load(lambda path: open(path).read()) == "x"


def test_artifact_that_is_gone_is_missing(logs: Any) -> None:
    run_dir = logs.run(1, artifacts={"text/a.txt": b"x"})
    found = logs.frame()[0]["artifact.text."]["a.txt"]
    (run_dir / "artifacts/text/a.txt").unlink()

    with pytest.raises(MissingArtifactError):
        found.load()


def test_what_a_record_makes_up_is_not_shown(logs: Any) -> None:
    run_dir = logs.run(1, artifacts={"text/a.txt": b"x"})
    (logs.path / "x.txt").write_text("secret")
    records = {"text/../../../x.txt": {"size": 1}, "../x": {"size": 1}, "text/b.txt": {"size": 1}}
    (run_dir / "artifacts/.keys/mlxp_fn.json").write_text(json.dumps(records))

    row = logs.frame()[0]

    assert [name for name in row if name.startswith("artifact")] == ["artifact.text."]
    assert list(row["artifact.text."]) == ["a.txt"]


@pytest.mark.parametrize("record", [None, b"", b"[]", b'{"text/a.txt": 3}', b"\xff"], ids=repr)
def test_artifact_is_found_though_its_record_is_lost(logs: Any, record: bytes | None) -> None:
    path = logs.run(1, artifacts={"text/a.txt": b"x"}) / "artifacts/.keys/mlxp_fn.json"
    path.unlink() if record is None else path.write_bytes(record)

    found = logs.frame()[0]["artifact.text."]["a.txt"]

    assert (found.load(), found.size, found.sha256) == ("x", None, None)
    with pytest.raises(InvalidArtifactError, match="no SHA-256 was recorded"):
        found.verify()


def test_artifact_that_was_never_finished_is_not_shown(logs: Any) -> None:
    run_dir = logs.run(1, artifacts={"text/a.txt": b"x", "text/.recorded": b"y"})
    (run_dir / "artifacts/text/.12-34-tmp-b.txt").write_text("ha")

    assert list(logs.frame()[0]["artifact.text."]) == [".recorded", "a.txt"]


@pytest.mark.parametrize("link", ["artifacts/text/a.txt", "artifacts/text"])
def test_link_out_of_the_artifacts_is_not_followed(logs: Any, link: str) -> None:
    run_dir = logs.run(1, artifacts={"text/a.txt": b"x"})
    (logs.path / "secret").mkdir()
    (logs.path / "secret/a.txt").write_text("secret")
    found = logs.frame()[0]["artifact.text."]["a.txt"]
    (run_dir / "artifacts/text").rename(run_dir / "artifacts/old")
    (run_dir / link).parent.mkdir(exist_ok=True)
    (run_dir / link).symlink_to(logs.path / "secret" if link.endswith("text") else logs.path / "secret/a.txt")

    with pytest.raises(InvalidArtifactError, match="is a link out of .*/1/artifacts; it is not followed"):
        found.load()


def test_artifact_that_was_changed_is_told_from_what_was_logged(logs: Any) -> None:
    run_dir = logs.run(1, artifacts={"text/a.txt": b"x"})
    found = logs.frame()[0]["artifact.text."]["a.txt"]
    found.verify()
    (run_dir / "artifacts/text/a.txt").write_text("y")

    with pytest.raises(InvalidArtifactError, match=r"text/a\.txt is not what was logged: its SHA-256 is a1fce43"):
        found.verify()


# -- runs of MLXP 1.0.5


def test_run_of_mlxp_is_read(logs: Any) -> None:
    logs.mlxp_run(1, {"model": {"width": 8}, "seed": 1}, INFO)
    logs.metrics(1, "train", [{"loss": 1.0}])

    row = logs.frame()[0]

    assert (row["config.model.width"], row["info.status"], row["info.logger.log_id"]) == (8, "COMPLETE", 1)
    assert row["train.loss"] == [1.0]


def test_numbers_of_mlxp_are_read_as_it_read_them(logs: Any) -> None:
    (logs.mlxp_run(1, {}, INFO) / "metadata/config.yaml").write_text("lr: 1e-3\n")

    assert logs.frame()["config.lr"] == [0.001]


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "a: &x [*x]", "!!python/object/apply:os.abort []", "\x00"])
def test_bad_yaml_names_the_run(logs: Any, text: str) -> None:
    logs.run(1)
    (logs.mlxp_run(2, {}, INFO) / "metadata/config.yaml").write_text(text)

    with pytest.warns(UserWarning, match=r": 2 \("):
        assert len(logs.frame()) == 1


def test_run_of_mlxp_without_config_is_named(logs: Any) -> None:
    (logs.mlxp_run(1, {}, INFO) / "metadata/config.yaml").unlink()

    with pytest.warns(UserWarning, match=r"1 \(there is no metadata/config.yaml\)"):
        logs.frame()


def test_errors_are_ours(logs: Any) -> None:
    with pytest.raises(MlxpError):
        read_runs(logs.path / "nowhere")


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(logs: Any) -> None:
    logs.run(1)
    logs.run(2)
    path = logs.path / "1/metadata/run.json"
    path.unlink()
    os.mkfifo(path)

    with pytest.warns(UserWarning, match=r"1 \(.*not a regular file"):
        frame = logs.frame()

    assert frame["info.logger.log_id"] == [2]


def test_a_run_without_its_first_events_is_named(logs: Any) -> None:
    logs.run(1)
    (logs.path / "1/metadata/events/0.jsonl").unlink()

    with pytest.warns(UserWarning, match=r"1 \(there is no metadata/events/0.jsonl\)"):
        assert len(logs.frame()) == 0


@pytest.mark.parametrize("log_name", ["../secret", "a/../../secret", "/secret"])
def test_a_history_leads_to_no_file_outside_of_its_run(logs: Any, log_name: str) -> None:
    products = {"metrics": {log_name: ["loss"], "train": ["loss"]}, "artifacts": False}
    run_dir = logs.run(
        1, metrics={"train": [{"loss": 1}]}, events=[logs.started, {**logs.completed, "products": products}]
    )
    (run_dir / "secret.json").write_text('{"loss": 666}\n')

    row = logs.frame()[0]

    assert row["train.loss"] == [1]
    assert all(666 not in row[name] for name in row if name.endswith(".loss"))
