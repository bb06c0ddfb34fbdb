"""The commands of schedulers, called: submit, ask, cancel. What they print is understood by the dialect."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import FrameType

from attrs import frozen

from mlxp_fn.effects.environment import SUBMISSION
from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.dialects import DIALECTS, Dialect, JobState, Listed, filled, latest_of, listed
from mlxp_fn.jobs.job_variables import OF_A_JOB

MOST_TASKS = 1000
"""How many tasks an array has at most where the cluster does not say."""

PATIENCE = 10.0
"""Seconds after which a scheduler that is only asked counts as not there."""

FRESH = 3.0
"""Seconds for which an answer is not asked for again."""

LONG_AGO = 30 * 86400
"""Seconds after which nobody asks what became of a job."""


@frozen(kw_only=True)
class JobSeen:
    """What a scheduler says of a job, and our state for it."""

    state: JobState | None
    job: Listed


def submit(dialect: Dialect, command: Sequence[str], script: str) -> list[str]:
    """The ids that are printed for a new job: one, or one for each task of an array.

    Raises `SubmissionError` with what the scheduler said where it refuses. In a session of its own: Ctrl-C does not
    end it between taking a job and saying so.
    """
    directory = os.getcwd() if dialect.given == "path" else os.path.dirname(script)
    try:
        with open(script if dialect.given == "stdin" else os.devnull, "rb") as given:
            done = subprocess.run(
                command,
                stdin=given,
                cwd=directory,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                start_new_session=True,
                # Some believe PWD rather than to look where they are.
                env={**_environment(), "PWD": directory},
            )
    except OSError as error:
        raise SubmissionError(f"cannot call {command[0]}: {error.strerror}") from error
    found: list[str] = re.findall(dialect.job_id, done.stdout.strip(), re.MULTILINE)
    if done.returncode or not found:
        said = " ".join((done.stderr.strip() or done.stdout.strip() or "it said nothing").split())
        raise SubmissionError(f"{command[0]} refused (status {done.returncode}): {said}")
    return found


def surroundings(dialect: Dialect) -> dict[str, str]:
    """The variables that the scripts of its jobs are to set, for the scheduler does not, or says something else."""
    carried = {name: os.environ[name] for name in dialect.carried if os.environ.get(name)}
    if dialect.given != "path" and dialect.submit_directory:
        carried[dialect.submit_directory] = os.getcwd()
    return carried


def answers(dialect: Dialect) -> bool:
    """Whether its commands are here, and are its own where others have the same names."""
    if shutil.which(dialect.submit[0]) is None:
        return False
    return not dialect.told_by or bool(re.search(dialect.told_pattern, _told(dialect.told_by)))


def refuse_absent(dialect: Dialect) -> None:
    """Raises `SubmissionError` where the command that submits is not here."""
    command = dialect.submit[0]
    if shutil.which(command) is None:
        raise SubmissionError(
            f"there is no {command} on PATH: submit where {dialect.name} is; --dry-run shows what it would be"
        )


def refuse_another(dialect: Dialect) -> None:
    """Raises `SubmissionError` where the command that is here under its name is another scheduler's."""
    place = shutil.which(dialect.submit[0])
    if place is None or answers(dialect):
        return
    others = [each for each in DIALECTS.values() if each.submit[0] == dialect.submit[0] and answers(each)]
    whose = f"{others[0].name}'s" if others else "another scheduler's"
    instead = f", or write {others[0].directive} directives" if others else ""
    raise SubmissionError(
        f"the script is for {dialect.name} ({dialect.directive}), but {place} is {whose}; put the directory of "
        f"{dialect.name}'s {dialect.submit[0]} first in PATH{instead}"
    )


@cache
def _told(command: tuple[str, ...]) -> str:
    """What a command says of itself, on whichever stream and with whichever status."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
            text=True, errors="replace", check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def array_limit(dialect: Dialect) -> int:
    """How many tasks an array may have on this cluster."""
    if not dialect.array_limit:
        return MOST_TASKS
    found = re.search(dialect.array_limit_pattern, _asked(dialect.array_limit) or "")
    return max(1, int(found[1])) if found else MOST_TASKS


def jobs_seen(dialect: Dialect) -> Mapping[str, JobSeen]:
    """What the scheduler says of all of the user's jobs, by their ids; empty where none answers."""
    return _answer(dialect, dialect.known, dialect.known_entry)


def job_seen(dialect: Dialect, identity: str) -> JobSeen | None:
    """What the scheduler says of one of the user's jobs, asked for all of them at once; None where nobody knows."""
    live = jobs_seen(dialect).get(identity)
    if live or not dialect.ended:
        return live
    return _answer(dialect, dialect.ended, dialect.ended_entry).get(identity)


def scripts_seen(dialect: Dialect) -> Mapping[str, JobSeen]:
    """The same with the scripts of the jobs, where it takes another question to know them."""
    if not dialect.scripts:
        return jobs_seen(dialect)
    return _answer(dialect, dialect.scripts, dialect.scripts_entry)


def _answer(dialect: Dialect, command: Sequence[str], entry: str) -> Mapping[str, JobSeen]:
    """One question for all jobs; its answer is kept for some seconds."""
    known = _answers.get((dialect.name, tuple(command)))
    if known and time.monotonic() - known[0] < FRESH:
        return known[1]
    since = str(int(time.time()) - LONG_AGO)
    words = [word.replace("{user}", _asker()).replace("{since}", since) for word in command]
    jobs = {dialect.identity(job.job, job.task): job for job in listed(entry, _asked(words) or "")}
    latest = latest_of({identity: job.again for identity, job in jobs.items() if job.again})
    seen = {}
    for identity, job in jobs.items():
        last = jobs.get(latest.get(identity, identity), job)
        seen[identity] = JobSeen(state=dialect.state_of(last.word, last.reason), job=last)
    _answers[dialect.name, tuple(command)] = (time.monotonic(), seen)
    return seen


_answers: dict[tuple[str, tuple[str, ...]], tuple[float, Mapping[str, JobSeen]]] = {}


def _asker() -> str:
    """The name of who asks; the number of one who has none here, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def cancel(dialect: Dialect, ids: Sequence[str]) -> None:
    """Take jobs back. Raises `SubmissionError` where the scheduler refuses, or would take an id for an option."""
    for identity in ids:
        if not identity or identity.startswith("-"):
            raise SubmissionError(f"{identity!r} is no job of {dialect.name}; the record of its run was altered")
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
    """Without what it has of a job that it is in itself: a new job is not to take that for its own."""
    return {
        name: value for name, value in os.environ.items() if name != SUBMISSION and not OF_A_JOB.fullmatch(name)
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
