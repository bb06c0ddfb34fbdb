"""Log directories that somebody has damaged, or made to do harm: each run that cannot be read is named, once, with
the reason, and all others are read, with an index and without one, as often as one asks."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mlxp_fn import layout
from mlxp_fn.effects import index, store
from mlxp_fn.effects.indexed_runs import WORTH_KEEPING
from mlxp_fn.results.frame import Frame

HEALTHY = WORTH_KEEPING + 3
"""So many that an index is written."""

FIRST = 100
"""The id of the first run that something is done to."""

Damage = Callable[[Path], object]


def put(file: str, make: Damage) -> Damage:
    """Put something else in the place of a file or folder of the run; of the run itself by ``."""

    def damage(run_dir: Path) -> None:
        path = run_dir / file if file else run_dir
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        make(path)

    return damage


def born_with(**facts: Any) -> Damage:
    def damage(run_dir: Path) -> None:
        record = run_dir / layout.BIRTH
        record.write_text(json.dumps({**json.loads(record.read_text()), **facts}))

    return damage


def nothing(path: Path) -> None:
    """Leave nothing there."""


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def broken(path: Path) -> None:
    path.symlink_to("gone")


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def text(content: str) -> Damage:
    return lambda path: path.write_text(content)


def binary(path: Path) -> None:
    path.write_bytes(b"\x7fELF\x00\xff\n" * 100)


LOOP = "Too many levels of symbolic links"

NAMED: list[tuple[Damage, str]] = [
    (put("metadata/run.json", os.mkfifo), "metadata/run.json: not a regular file"),
    (put("metadata/run.json", endless), "metadata/run.json: not a regular file"),
    (put("metadata/run.json", loop), f"metadata/run.json: {LOOP}"),
    (put("metadata/run.json", Path.mkdir), "metadata/run.json: Is a directory"),
    (
        put("metadata/run.json", text("{")),
        "metadata/run.json: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ),
    (put("metadata/run.json", nothing), "there is no metadata/info.yaml"),
    (put("metadata/config.yaml", os.mkfifo), "metadata/config.yaml: not a regular file"),
    (put("metadata/config.yaml", loop), f"metadata/config.yaml: {LOOP}"),
    (
        put("metadata/config.yaml", text("seed: [")),
        "metadata/config.yaml, line 2, column 1: did not find expected node content",
    ),
    (
        put("metadata/config.yaml", text("a: !!bool maybe\n")),
        "metadata/config.yaml: a value is not what its tag says ('maybe')",
    ),
    (put("metadata/config.yaml", text("- 1\n")), "config is no mapping but list"),
    (put("metadata/events", nothing), "there is no metadata/events/0.jsonl"),
    (put("metadata/events", broken), "there is no metadata/events/0.jsonl"),
    (put("metadata/events", loop), f"metadata/events: {LOOP}"),
    (put("metadata/events/0.jsonl", os.mkfifo), "metadata/events/0.jsonl: not a regular file"),
    (put("metadata/events/1.jsonl", endless), "metadata/events/1.jsonl: not a regular file"),
    (put("metadata/events/1.jsonl", binary), "metadata/events/1.jsonl holds no events"),
    (put("metadata", loop), f"metadata/events: {LOOP}"),
    (put("metadata", Path.mkdir), "there is no metadata/config.yaml"),
    (put("metrics", loop), f"metrics: {LOOP}"),
    (put("metrics/.keys/train.yaml", os.mkfifo), "metrics/.keys/train.yaml: not a regular file"),
    (put("artifacts", loop), f"artifacts: {LOOP}"),
    (put("", loop), f"metadata/events: {LOOP}"),
    (put("", broken), "a link that leads nowhere"),
    (put("", binary), "not a directory"),
    (born_with(config={"deep": json.loads("[" * 200 + "]" * 200)}), "nested more than 100 times"),
    (born_with(config=3), "metadata/run.json: Expected `object`, got `int` - at `$.config`"),
    (born_with(format=2), "metadata/run.json: format 2, of a newer mlxp_fn; here is 1"),
]
"""What is done to a run, and the reason for which it is not read."""

READ: list[Damage] = [
    put("metadata/config.yaml", nothing),
    put("metadata/config.yaml", broken),
    put("metrics", nothing),
    put("metrics/.keys", binary),
    put("metrics/train.json", os.mkfifo),
    put("metrics/train.json", endless),
    put("artifacts/.keys/mlxp_fn.json", os.mkfifo),
    put("artifacts/.keys/mlxp_fn.json", endless),
    put("artifacts/.keys/mlxp_fn.json", binary),
    put("artifacts/text", loop),
    born_with(id=10**30),
    born_with(config={"\ud800": "\udfff", "k" * 100_000: 1, "huge": 10**4000}),
    born_with(config={f"key{number}": number for number in range(3000)}),
]
"""What is done to a run that is read all the same."""

SILENT: list[Damage] = [
    put("", Path.mkdir),
    put("", lambda run_dir: (run_dir / ".metadata.tmp").mkdir(parents=True)),
    put("metadata", binary),
    put("metadata", broken),
]
"""What is no run, or none yet."""


@pytest.fixture
def hostile(logs: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Healthy runs, and others of which each has been dealt with in its own way."""
    monkeypatch.setattr(index, "_COARSE_NS", 1)
    for log_id in range(1, HEALTHY + 1):
        logs.run(log_id, {"seed": log_id}, {"train": [{"loss": 1.0}]})
    for log_id, damage in enumerate([*(damage for damage, _ in NAMED), *READ, *SILENT], FIRST):
        run_dir = logs.run(log_id, {"seed": log_id}, {"train": [{"loss": 1.0}]}, artifacts={"text/a.txt": b"x"})
        damage(run_dir)
    time.sleep(0.05)
    return logs


HOW = pytest.mark.parametrize("ids", [None, range(10_000)], ids=["with an index", "without"])


def read(logs: Any, ids: Any = None) -> tuple[Frame, list[str]]:
    """The runs, and what was said while they were read."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        frame = store.read_runs(logs.path, ids)
    return frame, [str(warning.message) for warning in said]


@HOW
def test_each_run_that_cannot_be_read_is_named_once_with_the_reason(hostile: Any, ids: Any) -> None:
    reasons = [f"{log_id} ({reason})" for log_id, (_, reason) in enumerate(NAMED, FIRST)]

    for _ in range(3):
        (said,) = read(hostile, ids)[1]
        named = said.removeprefix(f"cannot read these runs of {hostile.path}: ")
        assert re.split(r", (?=\d+ \()", named) == reasons


@HOW
def test_all_others_are_read_to_the_last_cell(hostile: Any, ids: Any) -> None:
    others = [*range(1, HEALTHY + 1), *range(FIRST + len(NAMED), FIRST + len(NAMED) + len(READ))]

    for _ in range(3):
        frame, _ = read(hostile, ids)
        assert frame["info.logger.log_id"] == others
        assert frame[5]["train.loss"] == [1.0]
        assert [len(dict(row.cells)) > 10 for row in frame] == [True] * len(others)
        assert frame.diff()[:1] == ["config.seed"]


@pytest.mark.parametrize("name", ["050", "9" * 19, "9" * 255])
def test_runs_whose_names_are_no_ids_are_named(logs: Any, name: str) -> None:
    for log_id in range(1, HEALTHY + 1):
        logs.run(log_id)
    logs.run(50).rename(logs.path / name)

    for _ in range(2):
        frame, said = read(logs)
        assert len(frame) == HEALTHY
        assert said == [
            f"cannot read these runs of {logs.path}: {name} (an id has at most 18 digits, and no zero first)"
        ]


def test_a_run_beside_one_whose_name_has_a_zero_first_is_read(logs: Any) -> None:
    logs.run(50, {"seed": 1})
    shutil.copytree(logs.path / "50", logs.path / "050")

    frame, said = read(logs)

    assert (frame["config.seed"], len(said)) == ([1], 1)


def test_keys_that_yaml_holds_for_equal_have_their_own_columns(logs: Any) -> None:
    logs.mlxp_run(1, {1: "one"}, {"status": "COMPLETE"})
    logs.mlxp_run(2, {True: "yes"}, {"status": "COMPLETE"})
    logs.mlxp_run(3, {"1": "text"}, {"status": "COMPLETE"})

    frame, _ = read(logs)

    assert (frame["config.1"], frame["config.True"]) == (["one", None, "text"], [None, "yes", None])


@pytest.mark.parametrize("damage", [os.mkfifo, endless, loop, Path.mkdir], ids=lambda damage: damage.__name__)
def test_an_index_that_is_no_file_is_none(logs: Any, damage: Damage) -> None:
    for log_id in range(1, HEALTHY + 1):
        logs.run(log_id)
    (logs.path / layout.INDEX).mkdir(parents=True)
    damage(logs.path / layout.INDEX / "manifest.json")

    assert read(logs)[1] == read(logs)[1] == []
    assert len(read(logs)[0]) == HEALTHY


@pytest.fixture
def logs_of_nobody(logs: Any) -> Iterator[Any]:
    """A log directory of somebody whom permissions hold back, as they do not hold back root."""
    folder = Path(tempfile.mkdtemp())
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield evolve(logs, path=folder)
    finally:
        if was_root:
            os.seteuid(0)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("", "metadata/events: Permission denied"),
        ("metadata", "metadata/events: Permission denied"),
        ("metadata/run.json", "metadata/run.json: Permission denied"),
        ("metadata/events/1.jsonl", "metadata/events/1.jsonl: Permission denied"),
        ("metrics", "metrics: Permission denied"),
    ],
)
def test_a_run_without_permission_is_named(logs_of_nobody: Any, file: str, reason: str) -> None:
    logs = logs_of_nobody
    logs.run(1, {"seed": 1})
    forbidden = logs.run(2, {"seed": 2}, {"train": [{"loss": 1.0}]}) / file
    mode = forbidden.stat().st_mode
    forbidden.chmod(0)

    frame, said = read(logs)

    forbidden.chmod(mode)
    assert (frame["config.seed"], said) == ([1], [f"cannot read these runs of {logs.path}: 2 ({reason})"])
