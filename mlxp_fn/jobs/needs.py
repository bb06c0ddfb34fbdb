"""What lines of a script need in a job: the variables, arguments and functions of the script that they name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.job_variables import OF_A_JOB
from mlxp_fn.jobs.shell_text import assigned
from mlxp_fn.jobs.trace import Step

_UNKNOWN = "\\002"
"""In a value as bash writes it: something that only a job knows."""

_DECLARES = re.compile(r"(?:local|declare|typeset|readonly|export)\s+(?:-\S+\s+)*")
_VALUE = re.compile(r"(?:declare -(\w+) )?(\w+)=")
_NAME = re.compile(r"[A-Za-z_]\w*")
_POSITIONAL = re.compile(r"\$(?:[0-9@*#]|\{[0-9@*#])")


@frozen(kw_only=True)
class Left:
    """How a launch on a line left the variables, after so many steps, some of which were repeated for it."""

    line: int
    variables: tuple[str, ...]
    steps: int
    repeated: set[int]


class Needs:
    """The steps of a script so far, its functions, and the steps that were `repeated` in the lines so far."""

    def __init__(self, functions: Mapping[str, str]) -> None:
        self.steps: list[Step] = []
        self.repeated: set[int] = set()
        self._functions = functions

    def of(self, step: Step) -> Iterator[str]:
        """Lines that give a step, the next one, what it needs."""
        yield from self._given(step.values, step.line, len(self.steps), self.repeated)
        yield from arguments(step)
        yield from self.bodies(step.text)

    def of_text(self, text: str, left: Left) -> Iterator[str]:
        """Lines that give a text what it names of variables as they were left, and its functions."""
        bodies = self.bodies(text)
        names = set(_NAME.findall("\n".join((text, *bodies))))
        named = [value for value in left.variables if name_of(value) in names]
        yield from self._given(named, left.line, left.steps, left.repeated)
        yield from bodies

    def of_prefix(self, prefix: Mapping[str, str], left: Left) -> Iterator[str]:
        """Lines for the assignments before a launch that only a job can make."""
        unknown = {name_of(value) for value in left.variables if _UNKNOWN in value}
        for word in prefix.values():
            value = word.partition("=")[2]
            if OF_A_JOB.search(value) or not unknown.isdisjoint(_NAME.findall(value)):
                yield from self.of_text(value, left)
                yield f"export {word}"

    def bodies(self, text: str) -> tuple[str, ...]:
        """The functions that a text names, and those that they name."""
        found: dict[str, str] = {}
        texts = [text]
        while texts:
            names = set(_NAME.findall(texts.pop()))
            new = {name: body for name, body in self._functions.items() if name in names and name not in found}
            found |= new
            texts += new.values()
        return tuple(found.values())

    def _given(self, values: Iterable[str], line: int, before: int, repeated: set[int]) -> Iterator[str]:
        """Assignments, evaluated again in the job where only a job knows what they come to."""
        for value in values:
            if _UNKNOWN in value:
                yield from self._again(name_of(value), line, before, repeated)
            else:
                yield _VALUE.sub(_repeatable, value, count=1)

    def _again(self, name: str, line: int, before: int, repeated: set[int]) -> Iterator[str]:
        for at in range(before - 1, -1, -1):
            step = self.steps[at]
            text = _DECLARES.sub("", step.text, count=1) if _DECLARES.match(step.text) else step.text
            if name in (assigned(text) or ()):
                # Once: of `$(mktemp -d)` there shall be one.
                if at not in repeated:
                    repeated.add(at)
                    yield from self._given(step.values, line, at, repeated)
                    yield from arguments(step)
                    yield text
                return
        raise SubmissionError(f"line {line}: only a job knows {name}; assign it on a line of its own")


def arguments(step: Step) -> tuple[str, ...]:
    """A line that gives a step its positional arguments, if it names one."""
    return (f"set -- {shlex.join(step.arguments)}",) if _POSITIONAL.search(step.text) else ()


def name_of(value: str) -> str:
    found = _VALUE.match(value)
    return found[2] if found else ""


def _repeatable(found: re.Match[str]) -> str:
    """An assignment that may come twice: to no variable that is read-only."""
    flags = (found[1] or "").replace("r", "")
    return f"declare -{flags} {found[2]}=" if flags else f"{found[2]}="
