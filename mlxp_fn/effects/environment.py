"""The machine and the process: who runs, where, since when."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from mlxp_fn.effects.printed import flush
from mlxp_fn.errors import LaunchError, SettingsError
from mlxp_fn.records import Moment, Started


def started(at: Moment, attempt: int, file: str, work_dir: str) -> Started:
    """The event that says that this process begins an attempt now."""
    return Started(
        at=at,
        attempt=attempt,
        hostname=os.uname().nodename,
        boot_id=boot_id(),
        pid_namespace=pid_namespace(),
        process_id=os.getpid(),
        process_start=process_seen(os.getpid())[1],
        executable=sys.executable,
        current_file_path=file,
        work_dir=work_dir,
    )


def working_directory() -> str:
    """Where this process stands. Raises `LaunchError` where that directory has been removed."""
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise LaunchError("the working directory has been removed; change to another one") from error


@contextmanager
def standing_in(directory: str) -> Iterator[None]:
    """Change into a directory, and back at the end, from wherever the process went meanwhile."""
    before = working_directory()
    if directory != before:
        os.chdir(directory)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):  # a task may have removed where it stood
            os.chdir(before)


def interpreter() -> str:
    """The path of the Python that runs this process."""
    return sys.executable


def end_forked(error: BaseException | None) -> NoReturn:
    """End a process that a task forked and that came out of the task: the run is its parent's."""
    if error and not isinstance(error, SystemExit):
        import traceback  # costs every start, and few tasks fork

        traceback.print_exception(error)
    flush()
    code = error.code if isinstance(error, SystemExit) else bool(error)
    os._exit(code if isinstance(code, int) else bool(code))


SUBMISSION = "MLXPSUB_ADDRESS"
"""The variable that tells a script that it is to compose and not to run: where `mlxpsub` listens."""


def submission_address() -> str | None:
    """Where `mlxpsub` listens, if this process was started to compose jobs for it."""
    return os.environ.get(SUBMISSION)


def scheduler_job() -> dict[str, str] | None:
    """What this process is told of the scheduler's job that it is in; None outside of any."""
    from mlxp_fn.jobs.job_variables import job_of

    return job_of(os.environ, os.uname().nodename)


def rank(variable: str | None) -> int:
    """Which of a job's processes this is, by a variable that the settings name, or by RANK beside WORLD_SIZE.

    Nothing else is taken for a rank. Raises `SettingsError` where the variable holds no number.
    """
    if variable is None and "WORLD_SIZE" not in os.environ:
        return 0
    name = variable or "RANK"
    text = os.environ.get(name, "0")
    if not text.isdecimal():
        raise SettingsError(f"the variable {name} tells which process this is: a number from 0, not {text!r}")
    return int(text)


def full_errors() -> bool:
    """Whether the user asked for whole tracebacks, by MLXP's variable or Hydra's."""
    return any(os.environ.get(name, "0") not in ("", "0") for name in ("MLXP_FULL_ERROR", "HYDRA_FULL_ERROR"))


def boot_id() -> str:
    """Which start of the machine this is; empty where the system does not tell."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return ""


def pid_namespace() -> str:
    """Where numbers of processes mean what they mean here; empty where the system does not tell."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def process_seen(process_id: int) -> tuple[bool, int | None]:
    """Whether a process has that number now, and when it began, in ticks since the machine did.

    A process that has ended and that nobody has waited for is none. Others' may be hidden: they have no start.
    """
    if process_id <= 0:  # which would mean others
        return False, None
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        return False, None
    except PermissionError:
        pass
    state = _process_state(process_id)
    return (True, None) if state is None else (state[0] not in (b"Z", b"X"), state[2])


def lineage() -> list[tuple[int, int | None]]:
    """This process, its parent, and so on: the number of each and when it began, as far as the system tells."""
    found = []
    process_id = os.getpid()
    while process_id > 0:
        state = _process_state(process_id)
        found.append((process_id, state and state[2]))
        process_id = state[1] if state else 0
    return found


def _process_state(process_id: int) -> tuple[bytes, int, int] | None:
    """The state of a process, its parent, and when it began; None where that cannot be known."""
    try:
        with open(f"/proc/{process_id}/stat", "rb") as file:
            # The name, in parentheses, may hold spaces: count the fields behind it.
            state, *numbers = file.read().rpartition(b")")[2].split()
            return state, int(numbers[0]), int(numbers[18])
    except (OSError, IndexError, ValueError):
        return None
