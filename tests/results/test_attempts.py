"""Runs that went on after they had died read as one curve."""

from __future__ import annotations

import json
from typing import Any

import pytest

import mlxp_fn as mlxp
from mlxp_fn.errors import InvalidKeyError
from mlxp_fn.results.cells import ABSENT


def steps(first: int, end: int, attempt: int, column: str = "step") -> list[dict[str, Any]]:
    return [{column: step, "loss": attempt * 100 + step} for step in range(first, end)]


def resume(logs: Any, attempts: list[list[dict[str, Any]]], **settings: Any) -> None:
    """Run 1, each attempt of which logged these lines into `train`."""
    written = b""
    logs.run(1, metrics={"train": [line for lines in attempts for line in lines]})
    for number, lines in enumerate(attempts, 1):
        more = {"positions": {"train": len(written)}} if number > 1 else {}
        logs.events(1, number, [{**logs.started, "attempt": number, **more, **settings}, logs.completed])
        written += b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def test_a_step_that_was_logged_again_shows_the_later_row_in_the_earlier_one_s_place(logs: Any) -> None:
    resume(logs, [steps(0, 4, 1), steps(2, 6, 2)])

    row = logs.frame()[0]

    assert row["train.step"] == [0, 1, 2, 3, 4, 5]
    assert row["train.loss"] == [100, 101, 202, 203, 204, 205]
    assert row.metrics("train", "step", "loss")["loss"] == [100, 101, 202, 203, 204, 205]


def test_every_way_to_read_a_metric_sees_one_curve(logs: Any) -> None:
    # The later attempt has not come as far as the first: what that logged there is still shown.
    resume(logs, [steps(0, 5, 1), steps(2, 4, 2)])
    frame = logs.frame()

    assert frame.cells("train.loss")[0].last() == 104
    assert frame.cells("train.loss")[0].at(2) == 202
    assert len(mlxp.where("last(train.loss) == 104 & count(train.loss) == 5 & max(train.loss) == 203")(frame)) == 1
    assert frame.toPandas(lazy=False)["train.loss"][0] == [100, 101, 202, 203, 104]
    assert mlxp.aggregate(mlxp.Mean("train.loss"), last=(max, "train.loss"))(frame)[0]["last"] == 104


def test_all_attempts_are_shown_when_that_is_asked_for(logs: Any) -> None:
    resume(logs, [steps(0, 4, 1), steps(2, 4, 2)])
    everything = [100, 101, 102, 103, 202, 203]

    assert mlxp.runs(logs.path, all_attempts=True)[0]["train.loss"] == everything
    assert mlxp.Reader(logs.path, all_attempts=True).filter()[0]["train.loss"] == everything
    assert mlxp.runs(logs.path, all_attempts=True).cells("train.loss")[0].last() == 203


def test_the_settings_of_the_last_attempt_name_the_step_columns(logs: Any) -> None:
    attempts = [steps(0, 3, 1, "batch"), steps(1, 3, 2, "batch")]

    resume(logs, attempts)
    assert logs.frame()[0]["train.loss"] == [100, 101, 102, 201, 202]
    assert mlxp.runs(logs.path, step_columns=["batch"])[0]["train.loss"] == [100, 201, 202]

    resume(logs, attempts, step_columns=["batch"])
    assert logs.frame()[0]["train.loss"] == [100, 201, 202]
    assert mlxp.Reader(logs.path, step_columns=["step"]).filter()[0]["train.loss"] == [100, 101, 102, 201, 202]


def test_a_text_is_no_list_of_step_columns(logs: Any) -> None:
    with pytest.raises(InvalidKeyError, match=r"step_columns is a list of names, such as \['batch'\]"):
        mlxp.runs(logs.path, step_columns="batch")


def test_a_step_is_all_the_columns_that_say_it(logs: Any) -> None:
    first = [{"epoch": 0, "iter": 0}, {"epoch": 0, "iter": 1}, {"epoch": 1, "iter": 0}]
    second = [{"epoch": 1, "iter": 0, "again": True}, {"epoch": 1, "iter": 1}]
    resume(logs, [first, second])

    assert logs.frame()[0].metrics("train", "epoch", "iter") == {"epoch": [0, 0, 1, 1], "iter": [0, 1, 0, 1]}


def test_rows_without_a_step_and_repeated_rows_are_all_shown(logs: Any) -> None:
    resume(logs, [[{"loss": 1}, {"loss": 1}], [{"loss": 1}, {"step": 1, "loss": 2}, {"step": 1, "loss": 3}]])

    assert logs.frame()[0]["train.loss"] == [1, 1, 1, 2, 3]


def test_a_log_that_a_later_attempt_began_is_of_one_attempt(logs: Any) -> None:
    resume(logs, [[], steps(0, 2, 2) * 2])

    assert logs.frame()[0]["train.loss"] == [200, 201, 200, 201]
    assert logs.frame().cells("train.loss")[0].last() == 201


def test_a_metric_of_hidden_rows_alone_has_no_values(logs: Any) -> None:
    resume(logs, [[{"step": 0, "old": 1}], [{"step": 0, "new": 2}]])
    frame = logs.frame()

    assert (frame[0]["train.old"], frame.cells("train.old")[0].last()) == ([], ABSENT)


@pytest.mark.parametrize("place", [-7, 3, 50, 10**30])
def test_a_place_that_cannot_be_tears_no_line(logs: Any, place: int) -> None:
    resume(logs, [steps(0, 4, 1)])
    logs.events(1, 2, [{**logs.started, "attempt": 2, "positions": {"train": place}}])

    assert logs.frame()[0]["train.loss"] == [100, 101, 102, 103]


def test_an_attempt_records_where_it_began(tmp_path: Any) -> None:
    def task(ctx: Any) -> None:
        for step in range(3 * ctx.info.attempt):
            ctx.logger.log_metrics({"batch": step, "attempt": ctx.info.attempt}, "fold/train")
        if ctx.info.attempt == 1:
            # A line that its process did not live to finish.
            with open(f"{ctx.logger.metrics_dir}/fold/train.json", "a") as file:
                file.write('{"batch": 3,')
            raise ValueError

    settings = {"step_columns": ["batch"], "logger": {"forced_log_id": 1}}
    with pytest.raises(ValueError):
        mlxp.run(task, parent_log_dir=tmp_path, settings=settings)
    mlxp.run(task, parent_log_dir=tmp_path, settings=settings)

    starts = [json.loads(open(tmp_path / f"1/metadata/events/{n}.jsonl").readline()) for n in (1, 2)]
    assert [start["positions"] for start in starts] == [None, {"fold/train": 3 * len('{"batch":0,"attempt":1}\n')}]
    assert mlxp.runs(tmp_path)[0].metrics("fold/train", "batch", "attempt") == {
        "batch": [0, 1, 2, 3, 4, 5],
        "attempt": [2, 2, 2, 2, 2, 2],
    }


@pytest.mark.parametrize("columns", ["batch", [1], None])
def test_step_columns_are_a_list_of_names(tmp_path: Any, columns: Any) -> None:
    with pytest.raises(mlxp.MlxpError, match="step_columns"):
        mlxp.run(print, parent_log_dir=tmp_path / "logs", settings={"step_columns": columns})
    assert not (tmp_path / "logs").exists()
