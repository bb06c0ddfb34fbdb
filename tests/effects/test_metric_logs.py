"""What is logged is what is read: by us, by Python's json, by MLXP."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import attrs
import numpy as np
import pytest
import yaml

from mlxp_fn import jsonl
from mlxp_fn.effects.metric_logs import MetricLog
from mlxp_fn.errors import LogDirError, MetricsError
from mlxp_fn.records import Status
from mlxp_fn.tree import Config


@pytest.fixture
def log(tmp_path):
    return MetricLog(tmp_path, "train")


def lines(tmp_path):
    return (tmp_path / "metrics/train.json").read_text().splitlines()


def test_a_row_is_a_line_of_json(log, tmp_path):
    log.append({"loss": 0.1, "iter": 0, "ok": True, "note": "é\n", "none": None, "list": [1, [2]]})

    assert [json.loads(line) for line in lines(tmp_path)] == [
        {"loss": 0.1, "iter": 0, "ok": True, "note": "é\n", "none": None, "list": [1, [2]]}
    ]


def test_scalars_of_numpy_become_numbers(log, tmp_path):
    log.append(
        {"a": np.float32(0.5), "b": np.float64(0.1), "c": np.int64(3), "d": np.bool_(True), "e": np.array(2)}
    )

    assert lines(tmp_path) == ['{"a":0.5,"b":0.1,"c":3,"d":true,"e":2}']


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_a_diverged_value_survives(log, tmp_path, value):
    log.append({"loss": value, "list": [value]})

    (line,) = lines(tmp_path)
    for read in (json.loads(line), jsonl.decode(line.encode())):
        assert repr(read["loss"]) == repr(read["list"][0]) == repr(float(value))


@pytest.mark.parametrize("value", [0.1, 1e-323, 1.7976931348623157e308, -0.0, 2**64 - 1, -(2**63), 10**30])
def test_numbers_keep_every_bit(log, tmp_path, value):
    log.append({"value": value})

    read = jsonl.decode(lines(tmp_path)[0].encode())["value"]
    assert repr(read) == repr(value)


@attrs.frozen
class Point:
    _x: int
    y: int


@pytest.mark.parametrize(
    "value",
    [object(), np.arange(3), 1j, {1, 2}, b"ab", Point(1, 2), date(2026, 1, 2), np.datetime64("2026-01-02")],
)
def test_a_value_that_json_cannot_hold_is_named_and_nothing_is_written(log, tmp_path, value):
    with pytest.raises(MetricsError, match=f"the metric 'bad' is of type {type(value).__name__}"):
        log.append({"loss": 0.1, "bad": value})

    assert not (tmp_path / "metrics/train.json").exists()


@pytest.mark.parametrize("beside", [0.1, None, math.nan])
@pytest.mark.parametrize("wrapped", [lambda value: [value], lambda value: ({"a": [value]},), lambda value: value])
def test_a_set_is_refused_wherever_it_stands_and_whatever_stands_beside_it(log, wrapped, beside):
    with pytest.raises(MetricsError, match="the metric 'bad' .* of type set"):
        log.append({"beside": beside, "bad": wrapped({1, 2})})


def test_a_key_that_json_cannot_hold_is_refused_inside_a_value(log):
    with pytest.raises(MetricsError, match="the metric 'bad' cannot be logged: .* key b'x' of type bytes"):
        log.append({"bad": {b"x": 1}})


def test_a_list_that_holds_itself_is_refused(log):
    endless = [0.1]
    endless.append(endless)

    with pytest.raises(MetricsError, match="the metric 'bad' cannot be logged: .* nested too deeply, or in itself"):
        log.append({"bad": endless})


class Word(str):
    def __str__(self):
        return "another"


def test_enums_are_their_values_and_subclasses_what_they_hold(log, tmp_path):
    log.append({"status": Status.FAILED, "word": Word("word"), "config": Config({"a": {"b": (1, None)}})})

    assert lines(tmp_path) == ['{"status":"FAILED","word":"word","config":{"a":{"b":[1,null]}}}']


def test_a_key_that_is_not_text_is_refused(log, tmp_path):
    with pytest.raises(MetricsError, match="the metric key 1 is not text; write '1'"):
        log.append({1: 0.1})

    assert not (tmp_path / "metrics/train.json").exists()


def test_something_that_is_no_mapping_is_refused(log):
    with pytest.raises(MetricsError, match="metrics are a mapping of names to values, not float"):
        log.append(0.1)


def test_keys_are_noted_for_mlxp_also_when_they_come_late(log, tmp_path):
    log.append({"loss": 0.1})
    log.append({"loss": 0.1, "acc": 1})
    MetricLog(tmp_path, "train").append({"late": 1})

    assert (tmp_path / "metrics/.keys/train.yaml").read_text() == "acc: ''\nlate: ''\nloss: ''\n"


def noted(tmp_path):
    return set(yaml.safe_load((tmp_path / "metrics/.keys/train.yaml").read_text()))


def test_two_writers_of_one_log_keep_one_another_s_keys(tmp_path):
    one, two = MetricLog(tmp_path, "train"), MetricLog(tmp_path, "train")

    one.append({"loss": 0.1})
    two.append({"acc": 1})

    assert noted(tmp_path) == {"acc", "loss"}


def test_threads_note_all_their_keys(tmp_path):
    logs = [MetricLog(tmp_path, "train") for _ in range(4)]

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda n: logs[n % 4].append({f"key{n}": n}), range(40)))

    assert noted(tmp_path) == {f"key{n}" for n in range(40)}


def test_a_key_that_could_not_be_noted_is_noted_at_the_next_line(log, tmp_path):
    blocked = tmp_path / "metrics"
    blocked.touch()
    with pytest.raises(LogDirError, match=r"cannot make .*metrics/.keys: "):
        log.append({"loss": 0.1})
    blocked.unlink()

    log.append({"loss": 0.2})

    assert noted(tmp_path) == {"loss"}
