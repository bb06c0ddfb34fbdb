"""Lists that do not change, and values that are not there to be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlxp_fn.errors import MissingFieldError
from mlxp_fn.tree.interpolation import Broken
from mlxp_fn.tree.paths import MISSING, Path, dotted, is_missing


class FrozenList(tuple[Any, ...]):
    """An immutable list: a tuple that equals, and is shown as, a list with the same items."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Whether `other` is a list or tuple with the same items."""
        return tuple.__eq__(self, tuple(other) if isinstance(other, list) else other)

    def __ne__(self, other: object) -> bool:
        """Whether `other` is something else."""
        return not self == other

    __hash__ = tuple.__hash__

    def __getitem__(self, index: Any) -> Any:
        """An item, or a list of several."""
        found = tuple.__getitem__(self, index)
        return FrozenList(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> FrozenList:
        """The items of this list and then of another."""
        return FrozenList((*self, *other))

    def __radd__(self, other: Any) -> FrozenList:
        """The items of another list and then of this one."""
        return FrozenList((*other, *self))

    def __repr__(self) -> str:
        """As a list."""
        return repr([_shown(item) for item in tuple.__iter__(self)])

    def __deepcopy__(self, memo: Any) -> FrozenList:
        """Itself: nothing in it can change."""
        return self


class GuardedList(FrozenList):
    """A list with an item that is missing or broken, which says so when somebody looks at it."""

    path: Path = ()

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        if isinstance(index, slice):
            return frozen_list(list(found), self.path)
        return given(found, (*self.path, index))

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))


def is_hole(value: Any) -> bool:
    """Whether there is no value: it is missing, or its interpolation is broken."""
    return (value == MISSING) if type(value) is str else type(value) is Broken


def given(value: Any, path: Path) -> Any:
    """The value at `path`. Raises `MissingFieldError` or `InterpolationError` where there is none."""
    if isinstance(value, Broken):
        raise value.error
    if is_missing(value):
        key = dotted(path)
        raise MissingFieldError(f"the value of {key!r} is missing (???); give it with {key}=value")
    return value


def frozen_list(items: list[Any], path: Path) -> FrozenList:
    """The list at `path` of a tree; reading a hole in it is an error."""
    if not any(map(is_hole, items)):
        return FrozenList(items)
    guarded = GuardedList(items)
    guarded.path = path
    return guarded


def raw_items(items: tuple[Any, ...]) -> Iterator[Any]:
    """The items of any tuple, holes as they are."""
    return tuple.__iter__(items)


def _shown(value: Any) -> Any:
    return _Hole(value.text) if isinstance(value, Broken) else value


class _Hole(str):
    """The text of a broken interpolation, shown as a text."""

    __slots__ = ()
