"""Segments of an index: what is stored comes back, wherever the runs lie then."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlxp_fn.effects.artifacts import FILES
from mlxp_fn.effects.metric_files import DISK
from mlxp_fn.results.attempts import Resumed
from mlxp_fn.results.cells import ABSENT, Artifact, ArtifactRefs, MetricRef
from mlxp_fn.results.coded import placed
from mlxp_fn.results.indexed import IndexedColumns
from mlxp_fn.results.segments import from_bytes, from_columns, merged, to_bytes
from mlxp_fn.results.stored_cells import (
    REFUSED,
    NotStorable,
    Openers,
    Stored,
    decoded,
    encoded,
    placed_artifacts,
    placed_id,
    placed_metric,
    placed_path,
    stored_column,
)
from mlxp_fn.results.transposed import transposed

OPENERS = Openers(DISK, FILES)

names = st.sampled_from(["config.seed", "config.lr", "info.status", "train.loss"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
storable = values.filter(lambda value: is_storable(value))


def is_storable(value: Any) -> bool:
    try:
        encoded(value)
    except NotStorable:
        return False
    return True


@given(values)
def test_a_value_comes_back_as_it_was_or_is_refused(value: Any) -> None:
    if is_storable(value):
        assert repr(decoded(encoded(value), OPENERS)) == repr(value)


@given(st.text(alphabet="ab/"), st.text(alphabet="ab", min_size=1))
def test_references_follow_their_run(path: str, key: str) -> None:
    resumed = Resumed((7, 9), ("step",))
    file, folder = f"metrics/{path}", f"artifacts/{path}"
    cells = {
        placed_metric(file, key, DISK): MetricRef(f"/logs/1/{file}", key, DISK),
        placed_metric(file, key, DISK, resumed): MetricRef(f"/logs/1/{file}", key, DISK, resumed),
        placed_artifacts([(key, folder, "json", 7, "00")], FILES): ArtifactRefs(
            (
                Artifact(
                    name=key,
                    path=f"/logs/1/{folder}",
                    type="json",
                    size=7,
                    sha256="00",
                    root="/logs/1/artifacts",
                    store=FILES,
                ),
            )
        ),
        placed_path("/metrics"): "/logs/1/metrics",
        placed_id(): 1,
    }
    for cell, expected in cells.items():
        again = decoded(encoded(cell), OPENERS)
        assert (placed(cell, "/logs/1"), placed(again, "/logs/1")) == (expected, expected)
        moved = "7" if expected == 1 else repr(expected).replace("/logs/1", "/elsewhere/7")
        assert repr(placed(again, "/elsewhere/7")) == moved


def test_an_index_leads_to_no_file_outside_of_a_run() -> None:
    artifacts = placed_artifacts([("a", "artifacts/../..", "json", 7, "00")], FILES)

    assert decoded(encoded(placed_metric("metrics/../x", "b", DISK)), OPENERS) is ABSENT
    assert decoded(encoded(artifacts), OPENERS).at("/logs/1") == ArtifactRefs(())


def stored(rows: list[dict[str, Any]]) -> dict[str, Stored]:
    return {name: stored_column(cells) for name, cells in transposed(rows).items()}


@given(st.lists(st.dictionaries(names, values), max_size=20))
def test_a_column_is_stored_as_its_cells_are_each(rows: list[dict[str, Any]]) -> None:
    for cells in transposed(rows).values():
        column = stored_column(cells)

        stored = [column.cells[code] for code in column.codes]
        assert stored == [encoded(cell) if is_storable(cell) else REFUSED for cell in cells]


@given(st.lists(st.dictionaries(names, storable), min_size=1, max_size=20), st.data())
def test_rows_survive_writing_merging_and_reading(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(rows)))
    parts = [
        from_columns(range(start, end), [b""] * (end - start), stored(rows[start:end]))
        for start, end in ((cut, len(rows)), (0, cut))
    ]
    segment = from_bytes(to_bytes(merged([(part, range(len(part))) for part in parts])))

    columns = IndexedColumns([(segment, range(len(rows)))], [], range(len(rows)), ["/logs/1"] * len(rows), OPENERS)

    assert list(segment.ids) == list(range(len(rows)))
    for name in columns:
        assert repr(list(columns[name])) == repr([row.get(name, ABSENT) for row in rows])
