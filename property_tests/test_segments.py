"""Segments of an index: what is stored comes back, wherever the runs lie then."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlxp_fn.effects.artifacts import FILES
from mlxp_fn.effects.metric_files import DISK
from mlxp_fn.results.attempts import Resumed
from mlxp_fn.results.cells import ABSENT, Artifact, ArtifactRefs, MetricRef
from mlxp_fn.results.coded import Placed
from mlxp_fn.results.indexed import IndexedColumns
from mlxp_fn.results.segments import from_bytes, from_columns, merged, to_bytes
from mlxp_fn.results.stored_cells import REFUSED, NotStorable, Openers, decoded, encoded, encoded_column
from mlxp_fn.results.transposed import transposed

OPENERS = Openers(DISK, FILES)

names = st.sampled_from(["config.seed", "config.lr", "info.status", "train.loss"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
storable = values.filter(lambda value: is_storable(value))


def is_storable(value: Any) -> bool:
    try:
        encoded(value, "/logs/1")
    except NotStorable:
        return False
    return True


@given(values)
def test_a_value_comes_back_as_it_was_or_is_refused(value: Any) -> None:
    if is_storable(value):
        assert repr(decoded(encoded(value, "/logs/1"), OPENERS)) == repr(value)


@given(st.text(alphabet="ab/"), st.text(alphabet="ab", min_size=1))
def test_references_follow_their_run(path: str, key: str) -> None:
    metric = MetricRef(f"/logs/1/metrics/{path}", key, DISK)
    resumed = MetricRef(f"/logs/1/metrics/{path}", key, DISK, Resumed((7, 9), ("step",)))
    root = "/logs/1/artifacts"
    artifact = Artifact(name=key, path=f"{root}/{path}", type="json", root=root, store=FILES)

    for cell in (metric, resumed, ArtifactRefs((artifact,))):
        placed = decoded(encoded(cell, "/logs/1"), OPENERS)
        assert isinstance(placed, Placed)
        assert placed.at("/logs/1") == cell
        assert "/elsewhere/7/" in repr(placed.at("/elsewhere/7"))


def test_an_index_leads_to_no_file_outside_of_a_run() -> None:
    assert decoded(encoded(MetricRef("/logs/1/../x", "b", DISK), "/logs/1"), OPENERS) is ABSENT


def stored(rows: list[dict[str, Any]]) -> dict[str, list[bytes]]:
    places = ["/logs/1"] * len(rows)
    return {name: encoded_column(name, cells, places, movable=True) for name, cells in transposed(rows).items()}


@given(st.lists(st.dictionaries(names, values), max_size=20))
def test_a_column_is_stored_as_its_cells_are_each(rows: list[dict[str, Any]]) -> None:
    for name, cells in transposed(rows).items():
        expected = [encoded(cell, "/logs/1") if is_storable(cell) else REFUSED for cell in cells]

        assert encoded_column(name, cells, ["/logs/1"] * len(rows), movable=True) == expected


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
