"""The table of meanings, row by row, as it stands in the documentation."""

from __future__ import annotations

import pytest

from mlxp_fn.results import query_meaning
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.query_columns import compile_query
from mlxp_fn.results.query_parser import parse

RUN = {
    "config.lr": 0.1,
    "config.name": "resnet50",
    "config.none": None,
    "config.layers": [64, 32],
    "config.model.width": 8,
    "config.model.depth": 2,
    "info.start": "2026-11-23T10:00:00.000000Z",
    "train.loss": [0.5, 0.25, 0.75],
    "train.diverged": [1.0, float("nan")],
    "train.note": ["a", 1],
}
READ_AT = "2026-11-25T10:00:00.000000Z"

ROWS = [
    [cell.strip() for cell in line[1:-1].split(" | ")]
    for line in (query_meaning.__doc__ or "").splitlines()
    if line.startswith("| ") and not line.startswith(("| what", "| --"))
]


def test_the_table_is_found() -> None:
    assert len(ROWS) > 30


@pytest.mark.parametrize(("_what", "holding", "not_holding"), ROWS, ids=[row[1] for row in ROWS])
def test_row(_what: str, holding: str, not_holding: str) -> None:
    frame = Frame({name: [value] for name, value in RUN.items()}, read_at=READ_AT)

    for text, expected in ((holding, True), (not_holding, False)):
        query = parse(text)
        assert query_meaning.matches(query, RUN, READ_AT) is expected, text
        assert compile_query(query)(frame) == ([0] if expected else []), text
