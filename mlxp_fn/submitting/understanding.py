"""A whole script understood before anything is made: every launch read, every job composed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from mlxp_fn.effects.collecting import Collected, collected, launches_task
from mlxp_fn.effects.conversation import Composer, composer
from mlxp_fn.effects.marks import VARIABLE
from mlxp_fn.effects.own_schedulers import remember
from mlxp_fn.effects.schedulers import answers, refuse_another
from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.dialects import Dialect, dialect_of
from mlxp_fn.jobs.directives import directives_of
from mlxp_fn.jobs.plan import PlannedRun
from mlxp_fn.jobs.reading import LaunchLine, read_script
from mlxp_fn.jobs.scheduler_block import understood_block, without_effect
from mlxp_fn.jobs.script import EndWarning


@frozen(kw_only=True)
class ComposedLaunch:
    """A launch, what its script said of its jobs, and whom to ask to make them."""

    launch: LaunchLine
    environment: Mapping[str, str]
    description: Mapping[str, Any]
    composer: Composer
    number: int

    @property
    def jobs(self) -> Sequence[Mapping[str, Any]]:
        """The overrides and the log directory of each."""
        jobs: Sequence[Mapping[str, Any]] = self.description["jobs"]
        return jobs

    @property
    def warning(self) -> EndWarning:
        """What its settings ask for."""
        name = self.description["warning_signal"] or ""
        seconds = self.description["warn_before"] if name else 0
        return EndWarning(seconds=seconds, signal=name.removeprefix("SIG"))

    def planned(self, run_dirs: Sequence[str]) -> Iterator[PlannedRun]:
        """Its runs in these directories."""
        for job, run_dir in zip(self.jobs, run_dirs, strict=True):
            yield PlannedRun(
                launch=self.launch,
                environment=self.environment,
                overrides=tuple(job["overrides"]),
                run_dir=run_dir,
                warning=self.warning,
            )

    def from_copy(self) -> ComposedLaunch:
        """The launch as it runs from a copy of its code, which is made now; unchanged where nobody asked for that.

        Raises `SubmissionError` where there cannot be one.
        """
        if not (moved := self._answer("copy")["moved"]):
            return self
        launch = evolve(
            self.launch,
            cwd=moved["directory"],
            command=self.launch.command.moved(moved["script"], moved["python"]),
            prefix=(*self.launch.prefix, VARIABLE),
            copy=moved["copy"],
            # From no directory of the user's, whatever lies in it.
            copy_again=(moved["python"], "-P", "-m", "mlxp_fn.repeating.copy_again", moved["root"]),
        )
        return evolve(self, launch=launch, environment={**self.environment, VARIABLE: moved["mark"]})

    def claimed(self) -> list[str]:
        """Claim a directory for each of its runs. Raises `SubmissionError` where that cannot be."""
        run_dirs: list[str] = self._answer("claim")["run_dirs"]
        return run_dirs

    def bear(self) -> None:
        """Make its runs where directories were claimed. Raises `SubmissionError` where they cannot be written."""
        self._answer("bear")

    def _answer(self, verb: str) -> Any:
        answer = self.composer.ask({verb: self.number})
        if "error" in answer:
            raise SubmissionError(f"line {self.launch.line}: {answer['error']}")
        return answer


@frozen(kw_only=True)
class Understood:
    """A script of which every launch is composed."""

    launches: tuple[ComposedLaunch, ...]
    dialect: Dialect
    directives: tuple[str, ...]
    shebang: str
    notes: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many runs there will be."""
        return sum(len(launch.jobs) for launch in self.launches)

    @property
    def log_dirs(self) -> tuple[str, ...]:
        """The directories that they will be in."""
        return tuple({job["parent"]: None for launch in self.launches for job in launch.jobs})

    @property
    def warnings(self) -> tuple[EndWarning, ...]:
        """The warnings that they are to be given."""
        return tuple({launch.warning: None for launch in self.launches})


@contextmanager
def understood(script: Path, arguments: Sequence[str] = ()) -> Iterator[Understood]:
    """Read a script and compose all of its jobs; its own processes wait, to make them, until the context ends.

    Raises `SubmissionError`, with the number of the line, for what is not understood; nothing is made then.
    """
    with collected(script, arguments) as found, ExitStack() as stack:
        reading = read_script(found.notes, found.script, found.statements, launches_task)
        if not reading.launches:
            raise SubmissionError(f"{script} launches no task: there is no line like `python main.py seed=1,2`")
        launches = tuple(_composed(reading.launches, found, stack))
        original = found.script.restored(found.script.text)
        dialect = _dialect(launches, original)
        directives = directives_of(original, dialect)
        yield Understood(
            launches=launches,
            dialect=dialect,
            directives=directives.lines,
            shebang=_shebang(original),
            notes=(*directives.notes, *reading.notes, *_overruled(launches, original)),
        )


def _composed(launches: Sequence[LaunchLine], found: Collected, stack: ExitStack) -> Iterator[ComposedLaunch]:
    """Start each script once for all launches that it would be started for in the same way."""
    environments = [found.environment(launch.environment) for launch in launches]
    groups: dict[Any, list[int]] = {}
    for place, (launch, environment) in enumerate(zip(launches, environments, strict=True)):
        key = (launch.command.here, launch.command.target, launch.cwd, frozenset(environment.items()))
        groups.setdefault(key, []).append(place)
    composed: dict[int, ComposedLaunch] = {}
    for places in groups.values():
        first, environment = launches[places[0]], environments[places[0]]
        words = (*first.command.here, *first.command.target, *first.command.arguments)
        try:
            asked = stack.enter_context(composer(words, first.cwd, environment))
            answer = asked.ask({"compose": [launches[place].command.arguments for place in places]})
        except SubmissionError as error:
            raise SubmissionError(f"line {first.line}: {error}") from error
        for number, (place, description) in enumerate(zip(places, answer["launches"], strict=True)):
            if "error" in description:
                raise SubmissionError(f"line {launches[place].line}: {description['error']}")
            composed[place] = ComposedLaunch(
                launch=launches[place],
                environment=environments[place],
                description=description,
                composer=asked,
                number=number,
            )
    return (composed[place] for place in range(len(launches)))


def _dialect(launches: Sequence[ComposedLaunch], script: str) -> Dialect:
    settings = [launch.description["scheduler"] for launch in launches]
    if any(other != settings[0] for other in settings):
        raise SubmissionError("the launches of one script name several schedulers; submit a script for each")
    block = understood_block(settings[0])
    dialect = dialect_of(block, script, answers)
    remember(block)
    refuse_another(dialect)
    return dialect


def _shebang(script: str) -> str:
    first = script.partition("\n")[0]
    return first if first.startswith("#!") and "bash" in first else "#!/bin/bash"


def _overruled(launches: Sequence[ComposedLaunch], script: str) -> Iterator[str]:
    if vain := without_effect(launches[0].description["scheduler"], script):
        yield vain
    for launch in launches:
        if launch.description.get("from_copy"):
            yield f"line {launch.launch.line}: runs from a copy of the code, made when it is submitted"
        if launch.description.get("at_a_time"):
            yield f"line {launch.launch.line}: --jobs has no effect: each run is a job, and the scheduler runs them"
        if not launch.description.get("use_logger", True):
            yield f"line {launch.launch.line}: use_logger=false is overruled: a job runs what its directory says"
