"""Whether a repeated run came out as the run that it repeats: metric by metric, artifact by artifact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import zip_longest
from math import isclose, isfinite
from typing import Any

from attrs import frozen

from mlxp_fn.results.cells import ABSENT, Artifact, MetricRef, artifacts_of

Cells = Mapping[str, Any]
"""A run as a row of a frame: cells by the names of their columns."""


class Sameness(StrEnum):
    """How a repeated value compares with the first one."""

    IDENTICAL = "identical"
    WITHIN = "within tolerance"
    DIFFERENT = "different"


@frozen(kw_only=True)
class Finding:
    """How one metric, artifact or result came out; where it differs, the first row that does, from 0, and both
    values there, which are ABSENT where there is none.
    """

    name: str
    sameness: Sameness
    row: int | None = None
    was: Any = None
    now: Any = None


@frozen(kw_only=True)
class Change:
    """Something that a run depended on and that was not the same when it was repeated."""

    what: str
    was: Any
    now: Any


@frozen(kw_only=True)
class Verdict:
    """Whether `repeated`, a run's id, came out as `origin` did.

    `by` says which differences are tolerated; `changes` are what in code, packages, hardware, data and environment
    was not what it was.
    """

    origin: int
    repeated: int
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    by: str

    @property
    def replicated(self) -> bool:
        """Whether nothing is different, of something that was compared."""
        return any(finding.name != STATUS for finding in self.findings) and not self.different

    @property
    def different(self) -> tuple[Finding, ...]:
        """What came out otherwise."""
        return tuple(finding for finding in self.findings if finding.sameness is Sameness.DIFFERENT)


STATUS = "info.status"
"""How a run ended is compared first."""


def findings(
    one: Cells, other: Cells, tolerance: float | None = None, alike: Sequence[Cells] = ()
) -> Iterator[Finding]:
    """How status, results, metrics and artifacts of a repeated run compare with those of the first.

    Numbers may differ by `tolerance`, of the larger or absolutely; without one, row by row, by as much as the
    values of `one` and of the runs `alike`, of the same config but for the seed, lie apart.

    >>> one, other = ({"info.status": "COMPLETE", "info.result": result} for result in (1.0, 1.5))
    >>> [found.sameness.value for found in findings(one, other)]
    ['identical', 'different']
    >>> [found.sameness.value for found in findings(one, other, tolerance=0.5)]
    ['identical', 'within tolerance']
    """
    names = dict.fromkeys((STATUS, *filter(_is_compared, one), *filter(_is_compared, other)))
    for name in names:
        yield _compared(name, one, other, tolerance, alike)
    files, others = artifacts_of(one), artifacts_of(other)
    for path in dict.fromkeys((*files, *others)):
        was, now = (digest(found[path]) if path in found else ABSENT for found in (files, others))
        yield _finding(f"artifacts/{path}", was == now, was, now)


def _is_compared(name: str) -> bool:
    return not name.startswith(("config.", "info.", "artifact.")) or name.startswith("info.result")


def _compared(name: str, one: Cells, other: Cells, tolerance: float | None, alike: Sequence[Cells]) -> Finding:
    was, now = one.get(name, ABSENT), other.get(name, ABSENT)
    if not isinstance(was, MetricRef) and not isinstance(now, MetricRef):
        if is_same(was, now):
            return _finding(name, True, was, now)
        spread = _spread([was, *(cells.get(name, ABSENT) for cells in alike)])
        near = name != STATUS and _is_near(was, now, tolerance, spread)
        return Finding(name=name, sameness=Sameness.WITHIN if near else Sameness.DIFFERENT, was=was, now=now)
    curves = [_curve(was), _curve(now), *(_curve(cells.get(name, ABSENT)) for cells in alike)]
    sameness = Sameness.IDENTICAL
    for row, (before, after, *others) in enumerate(zip_longest(*curves, fillvalue=ABSENT)):
        if is_same(before, after):
            continue
        if not _is_near(before, after, tolerance, _spread([before, *others])):
            return Finding(name=name, sameness=Sameness.DIFFERENT, row=row, was=before, now=after)
        sameness = Sameness.WITHIN
    return Finding(name=name, sameness=sameness)


def _curve(cell: Any) -> list[Any]:
    """The value in each row of a log, ABSENT where a row has none."""
    return [line.get(cell.key, ABSENT) for line in cell.lines()] if isinstance(cell, MetricRef) else []


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same to the last bit and of the same types; NaN is the same as NaN.

    >>> is_same([0.5, float("nan")], [0.5, float("nan")]), is_same(1, 1.0), is_same(0.0, -0.0)
    (True, False, False)
    """
    return repr(one) == repr(other)


def _is_near(one: Any, other: Any, tolerance: float | None, spread: float) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pairs = zip_longest(one, other, fillvalue=ABSENT)
        return all(is_same(*pair) or _is_near(*pair, tolerance, 0.0) for pair in pairs)
    if not (_is_number(one) and _is_number(other)):
        return False
    if tolerance is None:
        return bool(abs(one - other) <= spread)
    return isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def _spread(values: Iterable[Any]) -> float:
    """How far numbers lie apart; without any two nothing is near."""
    numbers = [value for value in values if _is_number(value)]
    return max(numbers) - min(numbers) if len(numbers) > 1 else -1.0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _finding(name: str, same: bool, was: Any, now: Any) -> Finding:
    if same:
        return Finding(name=name, sameness=Sameness.IDENTICAL)
    return Finding(name=name, sameness=Sameness.DIFFERENT, was=was, now=now)


def digest(artifact: Artifact) -> str:
    """The SHA-256 of what is in the file now: a record may be of what somebody has replaced."""
    return artifact.store.sha256(artifact)


def differing_facts(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Change, ...]:
    """What is not the same in two flat mappings of facts, in the order of their names.

    >>> found = differing_facts({"package.numpy": "1", "os": "x"}, {"package.numpy": "2", "os": "x"})
    >>> [change.what for change in found]
    ['package.numpy']
    """
    return tuple(
        Change(what=name, was=one.get(name), now=other.get(name))
        for name in sorted({*one, *other})
        if not is_same(one.get(name), other.get(name))
    )
