"""Points put together otherwise than by crossing: side by side, or one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import field, frozen

from mlxp_fn.config.points import Assignment, Axis, Points
from mlxp_fn.errors import OverrideError


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

    def probes(self) -> Iterator[int]:
        """Those of every part."""
        before = 0
        for part in self.parts:
            yield from (before + place for place in part.probes())
            before += len(part)
