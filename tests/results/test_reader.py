"""MLXP's reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mlxp_fn.errors import InvalidKeyError, LogDirError, QueryError
from mlxp_fn.reader import Reader, runs


def test_filter_gives_the_runs_for_which_the_query_holds(logs: Any, sweep: Any) -> None:
    results = Reader(logs.path).filter(query_string="info.status == 'COMPLETE' & config.optimizer.lr <= 0.05")

    assert results[:]["info.logger.log_id"] == [4, 5, 6]


def test_empty_query_gives_all(logs: Any, sweep: Any) -> None:
    assert len(Reader(logs.path).filter()) == len(Reader(logs.path)) == 6


def test_filter_may_give_a_pandas_frame_with_everything(logs: Any, sweep: Any) -> None:
    made = Reader(logs.path).filter("config.seed == 1", result_format="pandas")

    assert made["train.epoch"].tolist() == [[0, 1, 2], [0, 1, 2]]


def test_unknown_format_is_refused(logs: Any) -> None:
    with pytest.raises(InvalidKeyError, match="unknown result_format 'polars'; there are datadict, pandas"):
        Reader(logs.path).filter(result_format="polars")


def test_bad_query_is_refused(logs: Any) -> None:
    with pytest.raises(QueryError):
        Reader(logs.path).filter("config.seed = 1")


def test_fields_are_all_columns_and_their_types(logs: Any) -> None:
    logs.run(1, {"seed": 1}, {"train": [{"loss": 1.0}]}, artifacts={"text/a.txt": b""})

    fields = Reader(logs.path).fields

    assert (fields.index.name, list(fields.columns)) == ("Fields", ["Type"])
    assert fields["Type"]["config.seed"] == "<class 'int'>"
    assert fields["Type"]["train.loss"] == "METRIC"
    assert fields["Type"]["artifact.text."] == "Artifact"


def test_searchable_are_the_fields_a_query_may_name(logs: Any, sweep: Any) -> None:
    names = list(Reader(logs.path).searchable.index)

    assert "config.seed" in names
    assert all(name.startswith(("config.", "info.")) for name in names)


def test_reader_shows_the_runs_as_they_were_when_it_was_made(logs: Any) -> None:
    logs.run(1)
    reader = Reader(logs.path)
    logs.run(2)

    assert (len(reader), len(Reader(logs.path))) == (1, 2)


def test_parser_of_ones_own_is_asked(logs: Any, sweep: Any) -> None:
    class Parser:
        def parse(self, query: str) -> Callable[[Mapping[str, Any]], bool]:
            return lambda row: bool(re.search(query, row["info.status"])) and row["config.seed"] == 2

    assert len(Reader(logs.path, parser=Parser()).filter("COMP.*")) == 2


def test_nothing_is_written(logs: Any, sweep: Any) -> None:
    before = sorted(logs.path.rglob("*"))

    Reader(logs.path, refresh=True).filter("config.seed == 1")

    assert sorted(logs.path.rglob("*")) == before


def test_runs_is_relative_to_the_working_directory(logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.run(1)
    monkeypatch.chdir(logs.path.parent)

    assert len(runs()) == len(runs("logs")) == len(Reader("./logs/")) == 1


def test_missing_directory_is_an_error() -> None:
    with pytest.raises(LogDirError, match="nowhere"):
        Reader("nowhere")


def test_reader_tells_where_it_reads(logs: Any) -> None:
    logs.run(1)

    assert repr(Reader(logs.path)) == f"Reader({str(logs.path)!r}): 1 runs"
