"""Laws of trees, sweeps and composing."""

from __future__ import annotations

import copy
import math
import pickle
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlxp_fn.config.composition import compose
from mlxp_fn.config.grids import grid, union, zipped
from mlxp_fn.config.source_files import Layer, Sources
from mlxp_fn.config.sweeps import sweep, sweep_of
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.config.yaml_writer import to_yaml
from mlxp_fn.errors import ConfigError
from mlxp_fn.tree import Config, literal

from .strategies_config import axes, plain_scalars, trees, typed, words

CHANGES = ["a=1", "+b=2", "++c.d=3", "~a", "db=pg", "+db@x=pg", "a=[1,2]", "c={d: 4}", "~c.d", "+l=extend_list(1)"]
FILES = {"config": "defaults: [{db: my}]\na: 0\nc: {d: 1, e: '${a}'}", "db/my": "p: 1", "db/pg": "p: 2"}


def fresh_sources() -> Sources:
    return Sources((Layer("configs", FILES, frozenset({"db"})),))


@given(trees)
def test_the_digest_survives_every_round_trip(tree: dict[str, Any]) -> None:
    config = Config(literal(tree))

    through_yaml = parse_yaml(to_yaml(config.unresolved()).decode("utf-8", "surrogatepass"))
    assert pickle.loads(pickle.dumps(config)).digest == config.digest
    assert Config(config.unresolved()).digest == config.digest
    assert Config(literal(config.to_dict(strict=False))).digest == config.digest
    assert Config(through_yaml).digest == config.digest


@given(trees, trees)
def test_digests_are_equal_exactly_where_typed_trees_are(one: dict[str, Any], other: dict[str, Any]) -> None:
    def sorted_types(tree: Any) -> Any:
        if isinstance(tree, dict):
            return sorted((typed(key), sorted_types(value)) for key, value in tree.items())
        return [sorted_types(item) for item in tree] if isinstance(tree, list) else typed(tree)

    same = repr(sorted_types(one)) == repr(sorted_types(other))
    assert (Config(literal(one)).digest == Config(literal(other)).digest) == same


@given(trees)
def test_a_literal_tree_means_itself(tree: dict[str, Any]) -> None:
    config = Config(literal(tree))

    assert config == tree
    assert typed(config.to_dict(strict=False)) == typed(tree)
    assert hash(config) == hash(Config(literal(dict(reversed(tree.items())))))


@given(trees, words, st.integers())
def test_evolving_changes_one_key_of_a_copy(tree: dict[str, Any], key: str, value: int) -> None:
    config = Config(literal(tree))

    changed = config.evolve({key: value})

    assert changed == {**tree, key: value}
    assert config == tree


@given(st.lists(st.sampled_from(CHANGES), max_size=4))
def test_composing_is_deterministic_and_leaves_its_inputs_alone(overrides: list[str]) -> None:
    sources, untouched = fresh_sources(), copy.deepcopy(FILES)

    outcomes = []
    for given_sources in (sources, sources, fresh_sources()):
        try:
            outcomes.append(compose(given_sources, overrides).to_dict())
        except ConfigError as error:
            outcomes.append(str(error))

    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert untouched == FILES
    assert compose(sources) == compose(fresh_sources())


@given(axes)
def test_a_sweep_has_as_many_jobs_as_its_axes_multiply_to(values: dict[str, list[int]]) -> None:
    jobs = sweep({}, values)

    assert len(jobs) == math.prod(map(len, values.values())) == len(list(jobs))
    assert [tuple(job.config[key] for key in values) for job in jobs] == list(product(*values.values()))


@given(axes)
def test_a_sweep_in_text_is_the_sweep_in_python(values: dict[str, list[int]]) -> None:
    overrides = [f"+{key}={','.join(map(str, items))}" for key, items in values.items() if items]
    kept = {key: items for key, items in values.items() if items}

    from_text = sweep_of(Sources(), overrides)

    assert [job.config for job in from_text] == [job.config for job in sweep({}, kept)]


@given(axes, axes)
def test_a_union_has_the_jobs_of_both(one: dict[str, list[int]], other: dict[str, list[int]]) -> None:
    both = union(grid(one), grid(other))

    assert len(both) == len(list(both)) == len(grid(one)) + len(grid(other))
    assert list(both) == [*grid(one), *grid(other)]


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=3))
def test_zipped_axes_go_place_by_place(columns: list[list[int]]) -> None:
    points = zipped({f"k{place}": column for place, column in enumerate(columns)})

    assert [tuple(value for _, value in point) for point in points] == list(zip(*columns, strict=True))


@given(axes)
def test_probes_have_every_value_of_every_axis(values: dict[str, list[int]]) -> None:
    points = grid(values)
    seen = {assignment for place in points.probes() for assignment in points[place]}

    everything = {(key, value) for key, items in values.items() for value in items}
    assert seen == (everything if len(points) else set())


@given(axes)
def test_minus_and_where_part_a_sweep(values: dict[str, list[int]]) -> None:
    jobs = sweep({}, values)
    key = next(iter(values))
    small = jobs.where(lambda config: config[key] < 5)

    rest = jobs.minus(small)

    assert all(job.config[key] >= 5 for job in rest)
    assert len(small) + len(rest) == len(jobs)


@given(st.lists(plain_scalars | st.lists(plain_scalars, max_size=2), min_size=1, max_size=4))
def test_the_overrides_of_a_job_make_the_same_config_again(items: list[Any]) -> None:
    jobs = sweep({"a": None}, {"a": [literal({"it": item})["it"] for item in items]})

    for job in jobs:
        again = compose(Sources(), [f"+{text}" for text in job.overrides], may_be_absent=True)
        assert again.digest == job.config.digest
        assert typed(again.to_dict(strict=False)) == typed(job.config.to_dict(strict=False))
