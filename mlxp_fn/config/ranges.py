"""The numbers of a range: a sequence that is never written out, free of the rounding of sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from attrs import field, frozen

from mlxp_fn.config.overrides import with_value
from mlxp_fn.config.syntax import Override, Range

if TYPE_CHECKING:
    from fractions import Fraction

Number = int | float


@frozen
class Numbers(Sequence[Number]):
    """The numbers that a range stands for.

    They are counted in decimals: the eighth of `range(0,1,0.1)` is 0.7, not 0.7000000000000001.

    >>> list(Numbers(Range(start=0, stop=0.4, step=0.1)))
    [0.0, 0.1, 0.2, 0.3]
    """

    range: Range
    _size: int = field(init=False, repr=False)

    @_size.default
    def _count(self) -> int:
        start, stop, step = self.range.start, self.range.stop, self.range.step
        if not step:
            raise ValueError("the step of a range cannot be 0")
        if not all(map(math.isfinite, (start, stop, step))):
            raise ValueError("a range cannot be endless")
        return max(0, math.ceil((_exact(stop) - _exact(start)) / _exact(step)))

    def __len__(self) -> int:
        """How many there are."""
        return self._size

    @overload
    def __getitem__(self, index: int) -> Number: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Number]: ...
    def __getitem__(self, index: int | slice) -> Number | Sequence[Number]:
        """One number, cast to what the range was cast to."""
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(self._size)))
        if not -self._size <= index < self._size:
            raise IndexError(index)
        number = self.exactly(index % self._size)
        return self.range.kind(number) if self.range.kind else number

    def exactly(self, place: int) -> Number:
        """The number at any place, also outside the range, before the cast."""
        number = _exact(self.range.start) + place * _exact(self.range.step)
        whole = all(isinstance(part, int) for part in (self.range.start, self.range.stop, self.range.step))
        return int(number) if whole else float(number)


@frozen
class Variants(Sequence[Override]):
    """An override with one number of its range after the other; each is made when it is asked for."""

    override: Override
    numbers: Sequence[Number]

    def __len__(self) -> int:
        """As many as there are numbers."""
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> Override: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Override]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """The override with one number, or with several."""
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self))))
        return with_value(self.override, self.numbers[index])


def _exact(number: Number) -> Fraction:
    from fractions import Fraction

    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))
