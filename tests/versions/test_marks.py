"""The mark that a process which runs from a copy is given in its environment."""

import pytest

from mlxp_fn.versions.marks import Mark, mark_text, parse_mark


def test_a_mark_is_read_as_it_was_written_with_names_of_odd_bytes():
    mark = Mark(process=7, copy="/caf\udce9/ü", root="/two\nlines", info={"branch": None, "altered": ["é.py"]})

    assert parse_mark(mark_text(mark)) == mark


@pytest.mark.parametrize("text", ["", "{", "[]", '{"copy": 3}', "\udcff", '{"process": 1, "copy": "/c"}', "NaN"])
def test_what_is_no_mark_is_none(text):
    assert parse_mark(text) is None
