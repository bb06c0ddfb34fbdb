"""The points of a sweep: what varies, as sequences that are never written out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, overload

from attrs import field, frozen

Assignment = tuple[str, Any]
"""The name of an axis, and one of its values."""


class Points(Sequence[tuple[Assignment, ...]]):
    """Combinations of values of axes, in order; made one at a time, when asked for."""

    @overload
    def __getitem__(self, index: int) -> tuple[Assignment, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[Assignment, ...]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """The combination at a place."""
        if isinstance(index, slice):
            return tuple(self.point(at) for at in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.point(index % len(self))

    @abstractmethod
    def point(self, place: int) -> tuple[Assignment, ...]:
        """The combination at a place from 0 to the length."""

    @abstractmethod
    def axes(self) -> tuple[Axis, ...]:
        """All axes in it."""

    def probes(self) -> Iterator[int]:
        """Places that together have every value of every axis; far fewer than there are combinations.

        >>> list(Product((Axis("a", range(3)), Axis("b", range(2)))).probes())
        [0, 1, 0, 2, 4]
        """
        return iter(range(len(self)))

    def __mul__(self, other: Points) -> Points:
        """Every combination of this with every one of the other; the other's vary faster."""
        return Product((self, other))

    def __or__(self, other: Points) -> Points:
        """These combinations and then the other's."""
        from mlxp_fn.config.joined_points import Union  # a launch needs none

        return Union((self, other))


@frozen
class Axis(Points):
    """One key and the values that it takes."""

    name: str
    values: Sequence[Any]

    def __len__(self) -> int:
        """How many values there are."""
        return len(self.values)

    def point(self, place: int) -> tuple[Assignment, ...]:
        """The value at a place."""
        return ((self.name, self.values[place]),)

    def axes(self) -> tuple[Axis, ...]:
        """Itself."""
        return (self,)


@frozen
class Product(Points):
    """Every combination of its parts; the last varies fastest.

    >>> list(Product((Axis("a", [1, 2]), Axis("b", [3, 4]))))[1]
    (('a', 1), ('b', 4))
    """

    parts: tuple[Points, ...]
    _sizes: tuple[int, ...] = field(init=False, repr=False)

    @_sizes.default
    def _measured(self) -> tuple[int, ...]:
        return tuple(map(len, self.parts))

    def __len__(self) -> int:
        """The product of the parts' lengths."""
        return prod(self._sizes)

    def point(self, place: int) -> tuple[Assignment, ...]:
        """The combination at a place."""
        found: tuple[Assignment, ...] = ()
        for part, size in zip(reversed(self.parts), reversed(self._sizes), strict=True):
            place, within = divmod(place, size)
            found = (*part.point(within), *found)
        return found

    def axes(self) -> tuple[Axis, ...]:
        """Those of all parts."""
        return tuple(axis for part in self.parts for axis in part.axes())

    def probes(self) -> Iterator[int]:
        """Those of its parts, the others standing at their first place."""
        if not len(self):
            return
        strides = [prod(self._sizes[place + 1 :]) for place in range(len(self.parts))]
        # Short axes first: a typo in one of three options is found before a million seeds are looked at.
        for part, stride in sorted(zip(self.parts, strides, strict=True), key=lambda pair: len(pair[0])):
            yield from (place * stride for place in part.probes())
