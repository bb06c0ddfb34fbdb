"""Structuring a user's own attrs class."""

import enum
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union

import attrs
import pytest

from mlxp_fn.config.typed import defaults_of, structured_as, unstructured
from mlxp_fn.errors import ConfigError


class Mode(enum.StrEnum):
    FAST = "fast"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@attrs.frozen
class Sgd:
    lr: float = 0.1
    momentum: float = 0.0


@attrs.frozen
class Adam:
    lr: float = 0.1
    beta: float = 0.9


@attrs.frozen
class Model:
    width: int


def of(kind: Any) -> type:
    return attrs.make_class("C", {"a": attrs.field(type=kind)}, frozen=True)


def value_of(kind: Any, value: Any) -> Any:
    return structured_as(of(kind), {"a": value}).a


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (int | str, 3, 3),
        (int | str, "3", "3"),
        (bool | int, True, True),
        (float | int, 3, 3),
        (int | float, 3.5, 3.5),
        (float | str, 3, 3.0),
        (Path | str, "x", "x"),
        (Path | int, "x", Path("x")),
        (Path | int | None, None, None),
        (int | list[int], [1, 2], [1, 2]),
        (list[str] | Path, "abc", Path("abc")),
        (list[str] | dict[str, int], {"a": 1}, {"a": 1}),
        (list[str] | Mode, "fast", Mode.FAST),
        (Optional[int], None, None),  # noqa: UP045
        (Union[int, list[float]], [1], [1.0]),  # noqa: UP007
        (Literal["auto"] | int, "auto", "auto"),
        (Sgd | Adam, {"momentum": 0.5}, Sgd(momentum=0.5)),
        (Sgd | Adam, {"beta": 0.5}, Adam(beta=0.5)),
        (Sgd | Adam, {"lr": 1}, Sgd(lr=1.0)),
        (Model | Sgd, {}, Sgd()),
        (Model | dict[str, int], {"depth": 3}, {"depth": 3}),
        (list[Model | int], [1, {"width": 2}], [1, Model(2)]),
    ],
)
def test_a_union_takes_what_one_of_its_members_takes(kind: Any, value: Any, expected: Any) -> None:
    found = value_of(kind, value)

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (int | str, [1], "config.a: [1] is not of type int or str"),
        (int | list[int], ["x"], "config.a[0]: 'x' is not of type int"),
        (int | float, True, "config.a: True is not of type int or float"),
        (int | None, "x", "config.a: 'x' is not of type int or None"),
        (Sgd | Adam, {"z": 1}, "config.a: {'z': 1} is not of type Sgd(lr, momentum) or Adam(lr, beta)"),
        (Sgd | Adam, {"beta": "x"}, "config.a.beta: 'x' is not of type float"),
        (Sgd | None, {"z": 1}, "config.a: unknown key z"),
        (Sgd, {"z": 1, "y": 1}, "config.a: unknown keys y, z"),
        (Callable[[int], int], "f", "'f' cannot be made into collections.abc.Callable[[int], int]"),
        (Callable[[int], int] | int, [1], "[1] cannot be made into collections.abc.Callable[[int], int]"),
        (Callable[[int], int] | Path, [1], "is not of type collections.abc.Callable[[int], int] or Path"),
        (Mode, "slow", "config.a: 'slow' is not a valid Mode"),
        (list[str], "abc", "config.a: 'abc' is not of type list[str]"),
        (list[str], {"b": 1}, "config.a: {'b': 1} is not of type list[str]"),
        (list[str], None, "config.a: None is not of type list[str]"),
        (list, "abc", "config.a: 'abc' is not of type list"),
        (tuple[str, ...], "abc", "config.a: 'abc' is not of type tuple[str, ...]"),
        (tuple[str, str], "ab", "config.a: 'ab' is not of type tuple[str, str]"),
        (set[str], "abc", "config.a: 'abc' is not of type set[str]"),
        (frozenset[str], "abc", "config.a: 'abc' is not of type frozenset[str]"),
        (Sequence[str], "abc", "config.a: 'abc' is not of type collections.abc.Sequence[str]"),
        (Annotated[list[str], "words"], "abc", "config.a: 'abc' is not of type list[str]"),
        (dict[str, list[str]], {"b": "abc"}, "config.a['b']: 'abc' is not of type list[str]"),
        (list[list[int]], [[1], "23"], "config.a[1]: '23' is not of type list[int]"),
        (dict[str, int], [1], "config.a: [1] is not of type dict[str, int]"),
        (Mapping[str, int], ["ab"], "config.a: ['ab'] is not of type collections.abc.Mapping[str, int]"),
        (dict, ["ab"], "config.a: ['ab'] is not of type dict"),
        (Model, [1], "config.a: [1] is not of type Model(width)"),
        (Model, "abc", "config.a: 'abc' is not of type Model(width)"),
        (Model, None, "config.a: None is not of type Model(width)"),
    ],
)
def test_a_value_that_no_type_takes_is_named_with_its_key(kind: Any, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        value_of(kind, value)

    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (list[str], ["abc"], ["abc"]),
        (tuple[str, ...], ["abc", "d"], ("abc", "d")),
        (tuple[int, str], [1, "d"], (1, "d")),
        (set[str], ["a", "a"], {"a"}),
        (Sequence[int], [1, 2], (1, 2)),
        (list[Mode], ["fast"], [Mode.FAST]),
        (Access, 3, Access.READ | Access.WRITE),
        (dict[str, list[int]], {"b": [1]}, {"b": [1]}),
        (Mapping[str, Model], {"b": {"width": 1}}, {"b": Model(1)}),
        (list[tuple[str, int]], [["a", 1]], [("a", 1)]),
    ],
)
def test_a_value_of_the_right_shape_is_taken(kind: Any, value: Any, expected: Any) -> None:
    assert value_of(kind, value) == expected


def test_a_collection_is_checked_every_time() -> None:
    kind = dict[str, dict[str, float]]
    assert value_of(kind, {"b": {"c": 1}}) == {"b": {"c": 1.0}}

    with pytest.raises(ConfigError, match=r"config.a\['b'\]: \[1\] is not of type dict\[str, float\]"):
        value_of(kind, {"b": [1]})


@attrs.frozen
class Tree:
    name: str
    below: "list[Tree]" = attrs.field(factory=list)


def test_a_class_may_be_made_of_itself() -> None:
    assert value_of(Tree, {"name": "a", "below": [{"name": "b"}]}) == Tree("a", [Tree("b")])

    with pytest.raises(ConfigError, match=r"config.a.below\[0\].below: 'cd' is not of type list\[.*Tree\]"):
        value_of(Tree, {"name": "a", "below": [{"name": "b", "below": "cd"}]})


def test_the_values_of_a_union_are_written_as_their_own_class_says() -> None:
    assert unstructured(of(Sgd | Path)(Sgd())) == {"a": {"lr": 0.1, "momentum": 0.0}}
    assert unstructured(of(Sgd | Path)(Path("x"))) == {"a": "x"}


@attrs.define
class Computed:
    width: int
    double: int = attrs.field(init=False)
    half: int = attrs.field(default=attrs.Factory(lambda self: self.width // 2, takes_self=True))

    def __attrs_post_init__(self) -> None:
        self.double = 2 * self.width


def test_what_the_class_computes_is_not_asked_for() -> None:
    assert defaults_of(Computed) == {"width": "???"}
    assert structured_as(Computed, {"width": 4}).half == 2
    assert structured_as(Computed, {"width": 4, "half": 3}).half == 3
