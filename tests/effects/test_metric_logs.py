"""What is logged is what is read: by us, by Python's json, by MLXP."""

import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import attrs
import numpy as np
import pytest
import yaml

from mlxp_fn import jsonl
from mlxp_fn.effects import metric_logs
from mlxp_fn.effects.metric_files import DISK
from mlxp_fn.effects.metric_logs import MetricLog, MetricLogs
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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float16(0.1), "0.0999755859375"),
        (np.float32(0.1), "0.10000000149011612"),
        (np.float64(0.1), "0.1"),
        (np.longdouble("0.5"), "0.5"),
        (np.longdouble("inf"), "Infinity"),
        (np.longdouble("nan"), "NaN"),
        (np.int64(-3), "-3"),
        (np.uint64(2**64 - 1), "18446744073709551615"),
        (np.bool_(True), "true"),
        (np.str_("é"), '"é"'),
        (np.array(2), "2"),
        (np.array(0.1, np.float32), "0.10000000149011612"),
        (np.array(False), "false"),
        ([np.float64(0.5), {"a": np.array(1)}], '[0.5,{"a":1}]'),
    ],
)
def test_scalars_of_numpy_become_numbers(log, tmp_path, value, text):
    log.append({"value": value})

    assert lines(tmp_path) == [f'{{"value":{text}}}']


class Tensor:
    """What a torch tensor and a jax array show of themselves to whoever imports neither."""

    def __init__(self, value, shape=()):
        self.value, self.shape, self.dtype = value, shape, "bfloat16"

    def item(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.5"), (3, "3"), (True, "true"), (math.nan, "NaN")])
def test_scalars_of_torch_and_jax_become_numbers_by_protocol(log, tmp_path, value, text):
    log.append({"value": Tensor(value)})

    assert lines(tmp_path) == [f'{{"value":{text}}}']


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Tensor(0.5, shape=(1,)), "JSON cannot hold a value of type Tensor"),
        (Tensor(1j), r"JSON cannot hold a value of type Tensor \(bfloat16\)"),
        (Tensor(RuntimeError("a meta tensor has no data")), "has no number: a meta tensor has no data"),
    ],
)
def test_a_tensor_that_is_no_number_is_named(log, tmp_path, value, reason):
    with pytest.raises(MetricsError, match=f"the metric 'bad' cannot be logged: .*{reason}"):
        log.append({"bad": value})

    assert not (tmp_path / "metrics/train.json").exists()


@pytest.mark.parametrize(
    "text",
    ["", "\x00\x1f\x7f", "\u2028\x85", "\ud800", "a\udfffb", "😀", "\ufeff", '"\\/', "NaN", "null", "é" * 5000],
)
def test_any_text_survives_as_value_and_as_key_of_a_value(log, tmp_path, text):
    log.append({"text": text, "nested": [{text: [text]}]})

    content = (tmp_path / "metrics/train.json").read_bytes()
    for read in (json.loads(content), jsonl.decode(content)):
        assert read == {"text": text, "nested": [{text: [text]}]}
    assert content.count(b"\n") == 1


def test_the_longest_integers_that_python_reads_are_logged_and_no_longer_ones(log, tmp_path):
    longest = 10**4300 - 1
    log.append({"value": longest, "nested": [-longest]})

    with pytest.raises(MetricsError, match="the metric 'value' cannot be logged: .*4300"):
        log.append({"value": longest + 1})
    (line,) = lines(tmp_path)
    assert json.loads(line) == jsonl.decode(line.encode()) == {"value": longest, "nested": [-longest]}


def test_an_integer_that_others_could_not_read_is_refused_also_where_the_limit_is_lifted(log):
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        with pytest.raises(MetricsError, match="the metric 'value' cannot be logged: .* more than 4300 digits"):
            log.append({"value": [{"a": -(10**4300)}]})
    finally:
        sys.set_int_max_str_digits(limit)


def test_values_are_nested_deeply(log, tmp_path):
    value = 0.5
    for _ in range(200):
        value = [{"a": value}]
    log.append({"value": value, "nan": math.nan})

    (line,) = lines(tmp_path)
    assert json.loads(line)["value"] == jsonl.decode(line.encode())["value"] == value


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


MORE_THAN_A_DOUBLE = np.finfo(np.longdouble).max > np.finfo(np.float64).max


@attrs.frozen
class Point:
    _x: int
    y: int


@pytest.mark.parametrize(
    "value",
    [
        object(), np.arange(3), 1j, {1, 2}, b"ab", Point(1, 2), date(2026, 1, 2),
        np.datetime64("2026-01-02"), np.datetime64("2026-01-02", "ns"), np.timedelta64(3, "ns"),
        np.array(np.datetime64("2026-01-02", "ns")), np.complex64(1), np.array(1j), np.clongdouble(1),
        np.bytes_(b"ab"), np.ma.masked, np.longdouble("1e4000") if MORE_THAN_A_DOUBLE else 1j,
    ],
)  # fmt: skip
def test_a_value_that_json_cannot_hold_is_named_and_nothing_is_written(log, tmp_path, value):
    with pytest.raises(MetricsError, match=f"the metric 'bad' cannot be logged: .* of type {type(value).__name__}"):
        log.append({"loss": 0.1, "bad": value})

    assert not (tmp_path / "metrics/train.json").exists()


@pytest.mark.parametrize("beside", [0.1, None, math.nan])
@pytest.mark.parametrize("wrapped", [lambda value: [value], lambda value: ({"a": [value]},), lambda value: value])
def test_a_set_is_refused_wherever_it_stands_and_whatever_stands_beside_it(log, wrapped, beside):
    with pytest.raises(MetricsError, match="the metric 'bad' .* of type set"):
        log.append({"beside": beside, "bad": wrapped({1, 2})})


def test_a_key_that_json_cannot_hold_is_refused_inside_a_value(log):
    with pytest.raises(MetricsError, match="the metric 'bad' cannot be logged: the key b'x' of type bytes"):
        log.append({"bad": {b"x": 1}})


@pytest.mark.parametrize("key", [1, 1.5, True, None, ("a", "b"), np.int64(1)])
def test_a_key_inside_a_value_is_text_or_refused(log, key):
    with pytest.raises(MetricsError, match="the metric 'bad' cannot be logged: the key .* is not text; write"):
        log.append({"bad": [{key: 1}]})


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


def test_keys_are_noted_for_mlxp_each_once_also_when_they_come_late(log, tmp_path):
    log.append({"loss": 0.1})
    log.append({"loss": 0.1, "acc": 1})
    log.append({"loss": 0.1, "acc": 1})
    MetricLog(tmp_path, "train").append({"loss": 0.1, "late": 1})

    assert (tmp_path / "metrics/.keys/train.yaml").read_text() == "loss: ''\nacc: ''\nlate: ''\n"


@pytest.mark.parametrize(
    "key", ["yes", "~", "12", "a: b", "a\nb", "", "é😀", "x" * 200, "y" * 2000, "\x00\x85\u2028", "'"]
)
def test_an_odd_key_is_noted_as_it_is(log, tmp_path, key):
    log.append({"loss": 0.1})
    log.append({key: 1, "acc": 1})

    assert list(yaml.safe_load((tmp_path / "metrics/.keys/train.yaml").read_bytes())) == ["loss", key, "acc"]


def test_a_key_that_is_no_unicode_does_not_break_the_file_of_keys(log, tmp_path):
    log.append({"a\ud800": 0.1, "loss": 0.1})

    assert noted(tmp_path) == {"a\\ud800", "loss"}
    assert jsonl.decode(lines(tmp_path)[0].encode()) == {"a\ud800": 0.1, "loss": 0.1}


def noted(tmp_path):
    return set(yaml.safe_load((tmp_path / "metrics/.keys/train.yaml").read_text()))


def test_threads_note_all_their_keys(tmp_path):
    logs = [MetricLog(tmp_path, "train") for _ in range(4)]

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda n: logs[n % 4].append({f"key{n}": n}), range(40)))

    assert noted(tmp_path) == {f"key{n}" for n in range(40)}


NOTE = """
import sys
from pathlib import Path
from mlxp_fn.effects import metric_logs
from mlxp_fn.effects.metric_files import DISK
from mlxp_fn.effects.metric_logs import MetricLog, MetricLogs
log, number = MetricLog(Path(sys.argv[1]), "train"), sys.argv[2]
sys.stdin.read()
for n in range(50):
    log.append({f"key_{number}_{n}": n})
"""


def test_processes_note_all_their_keys(tmp_path):
    command = [sys.executable, "-c", NOTE, tmp_path]
    writers = [subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE) for n in range(6)]
    for writer in writers:
        writer.stdin.close()

    assert [writer.wait() for writer in writers] == [0] * 6
    assert noted(tmp_path) == {f"key_{writer}_{n}" for writer in range(6) for n in range(50)}


def test_a_key_that_could_not_be_noted_is_noted_at_the_next_line(log, tmp_path):
    blocked = tmp_path / "metrics/.keys"
    blocked.parent.mkdir()
    blocked.touch()
    with pytest.raises(LogDirError, match=r"cannot open .*metrics/.keys/train.yaml: File exists"):
        log.append({"loss": 0.1})
    blocked.unlink()

    log.append({"loss": 0.2})

    assert noted(tmp_path) == {"loss"}


def test_a_key_is_noted_behind_its_first_line(log, tmp_path):
    (tmp_path / "metrics/train.json").mkdir(parents=True)

    with pytest.raises(LogDirError, match=r"cannot open .*train.json: Is a directory"):
        log.append({"loss": 0.1})

    assert not (tmp_path / "metrics/.keys").exists()


def open_logs():
    """The names of the metric files that this process has open."""
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    names = [Path(os.readlink(link)).name for link in links if os.path.lexists(link)]
    return sorted(name for name in names if name.endswith(".json"))


def test_many_logs_hold_few_files_open(tmp_path):
    logs = MetricLogs(tmp_path)

    for step in range(2):
        for n in range(300):
            logs.append(f"log{n}", {"step": step})
    held = open_logs()
    logs.close()

    assert (len(held), open_logs()) == (64, [])
    assert {path.read_bytes() for path in (tmp_path / "metrics").glob("log*.json")} == {b'{"step":0}\n{"step":1}\n'}


def test_the_log_in_use_stays_open_and_the_one_not_used_for_longest_is_closed(tmp_path):
    logs = MetricLogs(tmp_path)
    for n in range(100):
        logs.append("often", {"n": n})
        logs.append(f"once{n}", {"n": n})

    assert open_logs() == sorted(["often.json", *(f"once{n}.json" for n in range(37, 100))])


def test_threads_that_close_one_another_s_files_lose_no_line(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_logs, "MOST_OPEN", 2)
    logs = MetricLogs(tmp_path)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: logs.append(f"log{n % 7}", {"n": n}), range(4000)))

    written = [jsonl.lines((tmp_path / f"metrics/log{log}.json").read_bytes()) for log in range(7)]
    assert [sorted(line["n"] for line in rows) for rows in written] == [
        list(range(log, 4000, 7)) for log in range(7)
    ]


ROWS = [
    b'{"loss":0.5}\n',
    b'{"loss":NaN,"a":{"b":{"c":[1,{"d":2}]}},"text":"{\\"x\\": 1}, {","\xc3\xa9":[{"e":"f"},{}]}\n',
]


@pytest.mark.parametrize("behind", ROWS)
@pytest.mark.parametrize("torn", ROWS)
def test_what_was_logged_behind_a_line_that_a_killed_worker_tore_is_read(tmp_path, torn, behind):
    path = tmp_path / "train.json"
    for length in range(len(torn) - 1):
        path.write_bytes(b'{"n":1}\n' + torn[:length] + behind + b'{"n":2}\n')

        assert [repr(row) for row in DISK.lines(str(path))] == ["{'n': 1}", repr(jsonl.decode(behind)), "{'n': 2}"]
        assert repr(DISK.last(str(path), "loss")) == repr(jsonl.decode(behind)["loss"])


@pytest.mark.parametrize("torn", ROWS)
def test_nothing_is_read_of_a_line_that_is_torn_at_the_end(tmp_path, torn):
    path = tmp_path / "train.json"
    for length in range(len(torn) - 1):
        path.write_bytes(b'{"n":1,"d":0}\n' + torn[:length])

        assert DISK.lines(str(path)) == [{"n": 1, "d": 0}]
        assert DISK.last(str(path), "d") == 0
