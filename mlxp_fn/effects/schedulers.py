"""The commands of schedulers, called: submit, ask, cancel. What they print is understood by the dialect."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from attrs import frozen

from mlxp_fn.effects.environment import SUBMISSION
from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.dialects import Dialect, JobState, filled

_OF_A_JOB = re.compile(r"(?:SLURM|SLURMD|OAR|PBS|LSB|SGE)_(?!CONF$)\w+|JOB_ID")
"""What an environment has of the job it is in; a new job is not to take it for its own."""

PATIENCE = 10.0
"""Seconds after which a scheduler that is only asked counts as not there."""

FRESH = 3.0
"""Seconds for which an answer is not asked for again."""


@frozen(kw_only=True)
class JobSeen:
    """What a scheduler says of a job: our state for it, its own word and reason, and the script it was given."""

    state: JobState | None
    word: str
    reason: str
    script: str


def submit(dialect: Dialect, command: Sequence[str]) -> str:
    """The id of a new job. Raises `SubmissionError` with what the scheduler said where it refuses.

    In a session of its own: Ctrl-C does not end it between taking a job and saying so.
    """
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            start_new_session=True,
            env=_environment(),
        )
    except OSError as error:
        raise SubmissionError(f"cannot call {command[0]}: {error.strerror}") from error
    found = re.search(dialect.job_id, done.stdout.strip(), re.MULTILINE)
    if done.returncode or not found:
        said = " ".join((done.stderr.strip() or done.stdout.strip() or "it said nothing").split())
        raise SubmissionError(f"{command[0]} refused (status {done.returncode}): {said}")
    return found[1]


def array_limit(dialect: Dialect) -> int:
    """How many tasks an array may have on this cluster."""
    answer = _asked(dialect.array_limit) if dialect.array_limit else None
    found = re.search(dialect.array_limit_pattern, answer or "")
    return max(1, int(found[1])) if found else 1000


def jobs_seen(dialect: Dialect, ids: Iterable[str] | None) -> Mapping[str, JobSeen]:
    """What the scheduler says of jobs, in one call for all; of all of the user's where `ids` is None.

    Empty where none answers. An answer is kept for some seconds.
    """
    wanted = None if ids is None else tuple(sorted(set(ids)))
    key = (dialect.name, wanted)
    known = _answers.get(key)
    if known and time.monotonic() - known[0] < FRESH:
        return known[1]
    command = dialect.known if wanted is None else filled(dialect.state, wanted)
    # One id that is not known any more makes some schedulers refuse to tell of the others.
    answer = _asked(command) if wanted != () else ""
    if answer is None and wanted is not None:
        everything = jobs_seen(dialect, None)
        seen = {identity: everything[identity] for identity in wanted if identity in everything}
    else:
        seen = dict(_lines(dialect, answer or ""))
    _answers[key] = (time.monotonic(), seen)
    return seen


_answers: dict[tuple[str, tuple[str, ...] | None], tuple[float, Mapping[str, JobSeen]]] = {}


def _lines(dialect: Dialect, answer: str) -> Iterator[tuple[str, JobSeen]]:
    for line in answer.splitlines():
        identity, bar, rest = line.strip().partition("|")
        word, _, rest = rest.partition("|")
        reason, _, script = rest.partition("|")
        if bar:
            state = dialect.state_of(word, reason)
            yield identity, JobSeen(state=state, word=word, reason=reason, script=script)


def cancel(dialect: Dialect, ids: Sequence[str]) -> None:
    """Take jobs back. Raises `SubmissionError` where the scheduler refuses."""
    try:
        done = subprocess.run(
            filled(dialect.cancel, ids), capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise SubmissionError(f"cannot call {dialect.cancel[0]}: {error.strerror}") from error
    if done.returncode:
        raise SubmissionError(f"{dialect.cancel[0]} refused: {' '.join(done.stderr.split())}")


def _asked(command: Sequence[str]) -> str | None:
    """What a command prints; None where it cannot be called, fails or is silent for long."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout


def _environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if name != SUBMISSION and not _OF_A_JOB.fullmatch(name)
    }


@contextmanager
def interruptions() -> Iterator[Callable[[], str | None]]:
    """Ctrl-C and SIGTERM stop nothing half way: the name of the one that came is asked for between two steps."""
    came: list[str] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(signal.Signals(number).name)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield lambda: came[0] if came else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
