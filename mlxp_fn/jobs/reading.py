"""A user's script understood: which lines launch, in what environment, and what comes after them."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePath

from attrs import evolve, frozen

from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.environment_steps import ENVIRONMENT_WORDS, assigned_names, is_assignment, makes_environment
from mlxp_fn.jobs.launches import PythonCommand, python_command
from mlxp_fn.jobs.shell_text import HarmlessScript
from mlxp_fn.jobs.trace import UNKNOWN, Call, End, Function, Note, Refused, Step

_POSITIONAL = re.compile(r"\$(?:[0-9@*#]|\{[0-9@*#])")


@frozen(kw_only=True)
class LaunchLine:
    """One launch of the script, in exact words.

    `setup` are the lines that made its environment, `cwd` where it stood, `environment` the file of what it would
    have inherited; `tee` are the files that its output is copied to, and `after` the lines that follow it. `copy`
    is the copy of the code that it runs from, if from one, and `copy_again` begins the command that makes it again.
    """

    line: int
    command: PythonCommand
    cwd: str
    environment: str
    setup: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    tee: tuple[str, ...] = ()
    joined: bool = False
    after: tuple[str, ...] = ()
    copy: str = ""
    copy_again: tuple[str, ...] = ()


@frozen(kw_only=True)
class Reading:
    """All launches of a script in order, and what a user is told about the rest."""

    launches: tuple[LaunchLine, ...]
    notes: tuple[str, ...]


def read_script(
    notes: Sequence[Note],
    script: HarmlessScript,
    statements: Sequence[int],
    launches_task: Callable[[PythonCommand, str], bool],
) -> Reading:
    """What bash noted, understood as launches.

    `statements` are the lines at which the script's statements begin; `launches_task` tells of a Python command
    and the directory it stands in whether it is one of ours. Raises `SubmissionError`, with the line's number, for
    what is not understood.
    """
    _refuse_what_bash_could_not_follow(notes)
    return _Reader(notes, script, statements, launches_task).reading()


def _refuse_what_bash_could_not_follow(notes: Sequence[Note]) -> None:
    for note in notes:
        if isinstance(note, Refused):
            raise SubmissionError(f"line {note.line}: {note.reason}")
    last = notes[-1] if notes else None
    if not isinstance(last, End):
        raise SubmissionError("the script did not come to its end")
    if last.status:
        steps = [note for note in notes if isinstance(note, Step)]
        where = f"line {steps[-1].line}: " if steps else ""
        raise SubmissionError(f"{where}the script ends there with status {last.status}: {last.last}")


class _Reader:
    """The notes of one script, read once from the first to the last."""

    def __init__(
        self,
        notes: Sequence[Note],
        script: HarmlessScript,
        statements: Sequence[int],
        launches_task: Callable[[PythonCommand, str], bool],
    ) -> None:
        self.notes = notes
        self.script = script
        self.statements = statements
        self.launches_task = launches_task
        self.functions = {note.name: note.body for note in notes if isinstance(note, Function)}
        self.setup: list[str] = []
        self.cwd = next((note.cwd for note in notes if isinstance(note, Step)), "/")
        self.place = 0
        self.found: list[tuple[int, LaunchLine]] = []
        self.others: list[tuple[int, Call]] = []
        self.told: list[str] = []

    def reading(self) -> Reading:
        self.setup.append(f"cd -- {shlex.quote(self.cwd)} || exit")
        last: Step | None = None
        for at, note in enumerate(self.notes):
            match note:
                case Step():
                    self.place = max(self.place, self.statement_at(note.line))
                    last = note
                    self.take_step(note)
                case Call(words=words) if PurePath(words[0]).name != "tee":
                    self.take_call(note, last, self.notes[at:])
        launching = sorted({place for place, _ in self.found})
        after = {place: self.after(place, launching) for place in launching}
        launches = tuple(evolve(launch, after=after[place]) for place, launch in self.found)
        self.tell_of_others(launching, after)
        return Reading(launches=launches, notes=tuple(dict.fromkeys(self.told)))

    def statement_at(self, line: int) -> int:
        return bisect_right(self.statements, line) - 1

    def take_step(self, step: Step) -> None:
        """Keep a step that makes the environment of what comes later."""
        if not makes_environment(step):
            return
        if step.cwd != self.cwd:
            self.setup.append(f"cd -- {shlex.quote(step.cwd)} || exit")
            self.cwd = step.cwd
        self.setup += self.needed(step)
        self.setup.append(self.script.restored(step.text))

    def needed(self, step: Step) -> Iterator[str]:
        """What a text of the script needs beside the environment: variables and arguments as they were."""
        yield from step.values
        if _POSITIONAL.search(step.text):
            yield f"set -- {shlex.join(step.arguments)}"
        yield from (body for body in self.bodies_of(step.text) if body not in self.setup)

    def bodies_of(self, text: str) -> list[str]:
        """The script's own functions that a text mentions."""
        return [body for name, body in self.functions.items() if re.search(rf"\b{re.escape(name)}\b", text)]

    def take_call(self, call: Call, step: Step | None, later: Sequence[Note]) -> None:
        try:
            command = python_command(call.words)
            is_ours = command is not None and self.launches_task(command, call.cwd)
        except SubmissionError as error:
            raise SubmissionError(f"line {call.line}: {error}") from None
        if command is None or not is_ours:
            self.others.append((self.place, call))
            return
        self.refuse_unknown(call)
        tee = self.tee_of(call, later)
        text = step.text if step and step.line == call.line else ""
        for target in self.script.written(text):
            self.told.append(f"line {call.line}: the output goes to the run directory instead of {target}")
        self.told += [f"line {call.line}: {dropped} is left out" for dropped in command.dropped]
        launch = LaunchLine(
            line=call.line,
            command=command,
            cwd=call.cwd,
            environment=call.environment,
            setup=tuple(self.setup),
            prefix=assigned_names(text),
            tee=tee,
            joined="2>&1" in text,
        )
        self.found.append((self.place, launch))

    def refuse_unknown(self, call: Call) -> None:
        for word in (*call.words, call.cwd):
            found = UNKNOWN.search(word)
            if found and found[1].startswith("line:"):
                line = found[1].removeprefix("line:")
                raise SubmissionError(
                    f"line {call.line}: the launch needs what a command in line {line} prints, which mlxpsub does "
                    "not execute; give the value itself"
                )
            if found:
                raise SubmissionError(
                    f"line {call.line}: the launch needs {found[1]}, which only a job has; "
                    "give the values as a sweep: seed=1,2,3"
                )

    def tee_of(self, call: Call, later: Sequence[Note]) -> tuple[str, ...]:
        if not call.into:
            return ()
        for note in later:
            if isinstance(note, Call) and note.source == call.into and PurePath(note.words[0]).name == "tee":
                return note.words[1:]
        raise SubmissionError(
            f"line {call.line}: the output of the launch goes into a pipe; only `| tee FILE` can be kept in a job"
        )

    def after(self, place: int, launching: Sequence[int]) -> tuple[str, ...]:
        """The statements that follow a statement with launches, up to the next one, if they do anything."""
        end = min((other for other in launching if other > place), default=len(self.statements))
        following = [self.statement(number) for number in range(place + 1, end)]
        lines = [text for text in following if any(_says_something(line) for line in text.splitlines())]
        first, last = place + 1, end - 1
        steps = [
            note
            for note in self.notes
            if isinstance(note, Step) and lines and first <= self.statement_at(note.line) <= last
        ]
        if all(makes_environment(step) or is_assignment(step.text) or step.text == "wait" for step in steps):
            return ()
        values = dict.fromkeys(value for step in steps for value in self.needed(step))
        return (*dict.fromkeys((*values, *self.bodies_of("\n".join(lines)))), *lines)

    def statement(self, number: int) -> str:
        lines = self.script.restored(self.script.text).splitlines()
        begin = self.statements[number]
        end = self.statements[number + 1] if number + 1 < len(self.statements) else len(lines) + 1
        return "\n".join(lines[begin - 1 : end - 1])

    def tell_of_others(self, launching: Sequence[int], after: Mapping[int, tuple[str, ...]]) -> None:
        """Name the commands that no job will have, though the script has them."""
        for place, call in self.others:
            is_kept = any(
                first < place and (second is None or place < second) and after[first]
                for first, second in pairwise([*launching, None])
                if first is not None
            )
            if not is_kept and call.words[0] not in ENVIRONMENT_WORDS and not call.into and launching:
                self.told.append(
                    f"line {call.line}: `{shlex.join(call.words)}` is left out: a job has the launch and the "
                    "lines that make its environment"
                )


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
