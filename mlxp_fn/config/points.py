"""The points of a sweep: what varies, as sequences that are never written out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, overload

from attrs import field, frozen

from mlxp_fn.errors import OverrideError

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

    def __mul__(self, other: Points) -> Points:
        """Every combination of this with every one of the other; the other's vary faster."""
        return Product((self, other))

    def __or__(self, other: Points) -> Points:
        """These combinations and then the other's."""
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


@frozen
class Zipped(Points):
    """Its parts place by place: all of them have the same length.

    >>> list(Zipped((Axis("a", [1, 2]), Axis("b", [3, 4]))))
    [(('a', 1), ('b', 3)), (('a', 2), ('b', 4))]
    """

    parts: tuple[Points, ...] = field()

    @parts.validator
    def _same_length(self, _: Any, parts: tuple[Points, ...]) -> None:
        if len({len(part) for part in parts}) > 1:
            sizes = ", ".join(f"{axis.name} has {len(axis)}" for part in parts for axis in part.axes())
            raise OverrideError(f"zipped axes have as many values each; here {sizes}")

    def __len__(self) -> int:
        """The length of every part."""
        return len(self.parts[0]) if self.parts else 1

    def point(self, place: int) -> tuple[Assignment, ...]:
        """The combination at a place."""
        return tuple(assignment for part in self.parts for assignment in part.point(place))

    def axes(self) -> tuple[Axis, ...]:
        """Those of all parts."""
        return tuple(axis for part in self.parts for axis in part.axes())


@frozen
class Union(Points):
    """One part after the other."""

    parts: tuple[Points, ...]

    def __len__(self) -> int:
        """The sum of the parts' lengths."""
        return sum(map(len, self.parts))

    def point(self, place: int) -> tuple[Assignment, ...]:
        """The combination at a place."""
        for part in self.parts:
            if place < len(part):
                return part.point(place)
            place -= len(part)
        raise IndexError(place)

    def axes(self) -> tuple[Axis, ...]:
        """Those of all parts."""
        return tuple(axis for part in self.parts for axis in part.axes())


def probes(points: Points) -> Iterator[int]:
    """Places that together have every value of every axis; far fewer than there are combinations.

    >>> list(probes(Product((Axis("a", range(3)), Axis("b", range(2))))))
    [0, 1, 0, 2, 4]
    """
    if not len(points):
        return
    match points:
        case Product(parts=parts):
            strides = [prod(map(len, parts[place + 1 :])) for place in range(len(parts))]
            # Short axes first: a typo in one of three options is found before a million seeds are looked at.
            for part, stride in sorted(zip(parts, strides, strict=True), key=lambda pair: len(pair[0])):
                yield from (place * stride for place in probes(part))
        case Union(parts=parts):
            before = 0
            for part in parts:
                yield from (before + place for place in probes(part))
                before += len(part)
        case _:
            yield from range(len(points))


def product_of(axes: Sequence[Points]) -> Points:
    """The product of axes, or the one axis."""
    return axes[0] if len(axes) == 1 else Product(tuple(axes))
