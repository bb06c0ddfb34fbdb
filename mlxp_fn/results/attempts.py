"""A log that several attempts of a run wrote, read as one curve.

An attempt that begins at a checkpoint logs again what the one before it had logged since. Of a step that was logged
again the later rows are shown. That is all: a row is never hidden for where it stands or for having no step, and
rows that one attempt repeats are all kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

Row = Mapping[str, Any]
Step = tuple[tuple[str, Any], ...]


@frozen
class Resumed:
    """Where in its file, in bytes, each attempt after the first began to write a log, and what tells its steps."""

    starts: tuple[int, ...]
    step_columns: tuple[str, ...]


def one_curve(attempts: Sequence[Sequence[Row]], step_columns: Sequence[str]) -> list[Row]:
    """The rows of all attempts; of each step only those of the last attempt that logged it, in the place of the
    first that did.

    >>> first, second = [{"step": 0}, {"step": 1, "loss": 5}], [{"step": 1, "loss": 4}, {"step": 2}]
    >>> one_curve([first, second], ["step"])
    [{'step': 0}, {'step': 1, 'loss': 4}, {'step': 2}]
    """
    rows = [(number, step_of(row, step_columns), row) for number, attempt in enumerate(attempts) for row in attempt]
    first: dict[Step, int] = {}
    last: dict[Step, int] = {}
    for number, step, _ in rows:
        first.setdefault(step, number)
        last[step] = number
    later: dict[Step, list[Row]] = {step: [] for step in last if step and first[step] < last[step]}
    again = frozenset(later)
    for number, step, row in rows:
        if step in again and number == last[step]:
            later[step].append(row)
    curve: list[Row] = []
    for _, step, row in rows:
        curve.extend(later.pop(step, ()) if step in again else (row,))
    return curve


def step_of(row: Row, step_columns: Sequence[str]) -> Step:
    """What a row says of its step: all step columns that it has, for an `iter` may begin anew in each `epoch`.

    >>> step_of({"iter": 3, "epoch": 1, "loss": 0.5}, ["step", "iter", "epoch"])
    (('iter', 3), ('epoch', 1))
    """
    return tuple((column, row[column]) for column in step_columns if column in row and _is_step(row[column]))


def _is_step(value: Any) -> bool:
    return isinstance(value, int | float | str) and value == value


def parts(content: bytes, starts: Sequence[int]) -> list[bytes]:
    """What each attempt wrote into a file, by where the attempts after the first began.

    No line is torn: a place in the midst of one, in a file that was edited since, counts as the line's end.

    >>> parts(b"1\\n2\\n3\\n", [2, 5])
    [b'1\\n', b'2\\n3\\n', b'']
    """
    places = [0]
    for start in starts:
        place = min(max(start, places[-1]), len(content))
        if place and content[place - 1 : place] != b"\n":
            place = content.find(b"\n", place) + 1 or len(content)
        places.append(place)
    return [content[start:end] for start, end in pairwise([*places, len(content)])]
