"""A user's script understood: which lines launch, in what environment, and what comes after them."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, takewhile
from pathlib import PurePath

from attrs import evolve, frozen

from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.environment_steps import ENVIRONMENT_WORDS, makes_directory, makes_environment
from mlxp_fn.jobs.launches import PythonCommand, python_command
from mlxp_fn.jobs.needs import Left, Needs, arguments, name_of
from mlxp_fn.jobs.shell_text import HarmlessScript, assigned, assignments
from mlxp_fn.jobs.trace import UNKNOWN, Call, End, Function, Note, Refused, Step

_TRAPS_SIGNALS = re.compile(r"trap\s.*\b(?:SIG)?(?:TERM|INT|HUP|USR[12])\b")
_DEFINES = re.compile(r"\s*(?:function\s+\w+|\w+\s*\(\s*\))")


@frozen(kw_only=True)
class LaunchLine:
    """One launch of the script, in exact words.

    `setup` are the lines that made its environment, `cwd` where it stood, `environment` the file of what it would
    have inherited; `tee` are the files that its output is copied to, and `after` the lines that follow it, which
    want the lines `after_needs` before them. `copy`
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
    after_needs: tuple[str, ...] = ()
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
        # Bash looks once more at the last command when it exits, as if that stood in line 1.
        steps = [note for note in notes if isinstance(note, Step) and note.line > 1]
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
        self.needs = Needs({note.name: script.restored(note.body) for note in notes if isinstance(note, Function)})
        self.setup: list[str] = []
        self.cwd = next((note.cwd for note in notes if isinstance(note, Step)), "/")
        self.place = 0
        self.found: list[tuple[int, LaunchLine, Left]] = []
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
                    self.take_step(note, at)
                    self.needs.steps.append(evolve(note, text=self.script.restored(note.text)))
                case Call(words=words) if PurePath(words[0]).name != "tee":
                    self.take_call(note, last, self.notes[at:])
        launching = sorted({place for place, _, _ in self.found})
        after = {place: self.after(place, launching) for place in launching}
        launches = tuple(
            evolve(launch, after=after[place], after_needs=self.needed_after(place, after[place], left))
            for place, launch, left in self.found
        )
        self.tell_of_others(launching, after)
        return Reading(launches=launches, notes=tuple(dict.fromkeys(self.told)))

    def statement_at(self, line: int) -> int:
        return bisect_right(self.statements, line) - 1

    def take_step(self, step: Step, at: int) -> None:
        """Keep a step that makes the environment of what comes later."""
        if not makes_environment(step) or (_reads_file(step) and self.launches_within(at)):
            return
        if _TRAPS_SIGNALS.match(step.text):
            self.told.append(f"line {step.line}: in a job signals go to the run, not to this trap")
        if step.cwd != self.cwd:
            self.setup.append(f"cd -- {shlex.quote(step.cwd)} || exit")
            self.cwd = step.cwd
        self.setup += (line for line in self.needs.of(step) if not _DEFINES.match(line) or line not in self.setup)
        self.setup.append(self.script.restored(step.text))

    def launches_within(self, at: int) -> bool:
        """Whether the file that a step reads launches a task itself."""
        within = takewhile(lambda note: not isinstance(note, Step), self.notes[at + 1 :])
        return any(self.launch_of(note) is not None for note in within if isinstance(note, Call))

    def launch_of(self, call: Call) -> PythonCommand | None:
        try:
            command = python_command(call.words)
            return command if command is not None and self.launches_task(command, call.cwd) else None
        except SubmissionError as error:
            raise SubmissionError(f"line {call.line}: {error}") from None

    def take_call(self, call: Call, step: Step | None, later: Sequence[Note]) -> None:
        command = self.launch_of(call)
        if command is None:
            self.others.append((self.place, call))
            return
        self.refuse_unknown(call)
        tee = self.tee_of(call, later)
        text = step.text if step and step.line == call.line else ""
        for target in self.script.written(text):
            self.told.append(f"line {call.line}: the output goes to the run directory instead of {target}")
        self.told += [f"line {call.line}: {dropped} is left out" for dropped in command.dropped]
        prefix = dict(assignments(text, command=True) or ())
        left = Left(
            line=call.line,
            variables=tuple(value for value in call.variables if name_of(value) not in prefix),
            steps=len(self.needs.steps),
            repeated=set(self.needs.repeated),
        )
        functions = "\n".join(line for line in self.setup if _DEFINES.match(line))
        needed = (*self.needs.of_text(functions, left), *self.needs.of_prefix(prefix, left))
        launch = LaunchLine(
            line=call.line,
            command=command,
            cwd=call.cwd,
            environment=call.environment,
            setup=(*self.setup, *(line for line in needed if line not in self.setup)),
            prefix=tuple(prefix),
            tee=tee,
            joined="2>&1" in text,
        )
        self.found.append((self.place, launch, left))

    def refuse_unknown(self, call: Call, files: bool = False) -> None:
        """Refuse what only a job knows; what only a scheduler tells it may stand in the names of files."""
        for word in (*call.words, call.cwd):
            found = UNKNOWN.search(word)
            if found and found[1].startswith("line:"):
                line = found[1].removeprefix("line:")
                raise SubmissionError(
                    f"line {call.line}: the launch needs what a command in line {line} prints, which mlxpsub does "
                    "not execute; give the value itself"
                )
            if found and not files:
                raise SubmissionError(
                    f"line {call.line}: the launch needs {found[1]}, which only a job has; "
                    "give the values as a sweep: seed=1,2,3"
                )

    def tee_of(self, call: Call, later: Sequence[Note]) -> tuple[str, ...]:
        if not call.into:
            return ()
        for note in later:
            if isinstance(note, Call) and note.source == call.into and PurePath(note.words[0]).name == "tee":
                self.refuse_unknown(note, files=True)
                return note.words[1:]
        raise SubmissionError(
            f"line {call.line}: the output of the launch goes into a pipe; only `| tee FILE` can be kept in a job"
        )

    def after(self, place: int, launching: Sequence[int]) -> tuple[str, ...]:
        """The statements that follow a statement with launches, up to the next one, if they do anything."""
        following = self.following(place, launching)
        if not any(map(self.acts, following)):
            return ()
        texts = map(self.statement, following)
        return tuple(text for text in texts if any(_says_something(line) for line in text.splitlines()))

    def following(self, place: int, launching: Sequence[int]) -> range:
        return range(place + 1, min((other for other in launching if other > place), default=len(self.statements)))

    def acts(self, number: int) -> bool:
        """Whether a statement does more than to define, to assign or to make an environment."""
        steps = self.steps_of(number)
        if not steps:
            text = self.statement(number)
            return any(map(_says_something, text.splitlines())) and not _DEFINES.match(text)
        return any(makes_directory(step.text) for step in steps) or not all(
            makes_environment(step) or assigned(step.text) or step.text == "wait" for step in steps
        )

    def needed_after(self, place: int, lines: Sequence[str], left: Left) -> tuple[str, ...]:
        """What the lines after a launch need of what was before them."""
        if not lines:
            return ()
        first = next((step for step in self.needs.steps if self.statement_at(step.line) > place), None)
        named = self.needs.of_text("\n".join(lines), left)
        return (*(arguments(first) if first else ()), *dict.fromkeys(named))

    def steps_of(self, number: int) -> list[Step]:
        return [step for step in self.needs.steps if self.statement_at(step.line) == number]

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
            is_kept = is_kept or makes_directory(shlex.join(call.words))
            if not is_kept and call.words[0] not in ENVIRONMENT_WORDS and not call.into and launching:
                self.told.append(
                    f"line {call.line}: `{shlex.join(call.words)}` is left out: a job has the launch and the "
                    "lines that make its environment"
                )


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _reads_file(step: Step) -> bool:
    return step.text.startswith(("source ", ". "))
