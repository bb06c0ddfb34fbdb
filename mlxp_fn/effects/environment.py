"""The machine and the process: who runs, where, since when."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from mlxp_fn.errors import LaunchError
from mlxp_fn.records import Moment, Started


def started(at: Moment, attempt: int, file: str, work_dir: str) -> Started:
    """The event that says that this process begins an attempt now."""
    return Started(
        at=at,
        attempt=attempt,
        hostname=os.uname().nodename,
        process_id=os.getpid(),
        process_start=_start_ticks(os.getpid()),
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


def end_forked(error: BaseException | None) -> NoReturn:
    """End a process that a task forked and that came out of the task: the run is its parent's."""
    if error and not isinstance(error, SystemExit):
        import traceback  # costs every start, and few tasks fork

        traceback.print_exception(error)
    sys.stdout.flush()
    sys.stderr.flush()
    code = error.code if isinstance(error, SystemExit) else bool(error)
    os._exit(code if isinstance(code, int) else bool(code))


def full_errors() -> bool:
    """Whether the user asked for whole tracebacks, by MLXP's variable or Hydra's."""
    return any(os.environ.get(name, "0") not in ("", "0") for name in ("MLXP_FULL_ERROR", "HYDRA_FULL_ERROR"))


def is_running(hostname: str, process_id: int, process_start: int | None) -> bool | None:
    """Whether that very process lives; None on another host, which cannot be asked."""
    if hostname != os.uname().nodename:
        return None
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    # A number is given again to later processes, which began at another time.
    return process_start is None or _start_ticks(process_id) in (None, process_start)


def _start_ticks(process_id: int) -> int | None:
    """When a process began, in ticks since the machine did; None where there is no /proc."""
    try:
        with open(f"/proc/{process_id}/stat", "rb") as file:
            # The name, in parentheses, may hold spaces: count the fields behind it.
            return int(file.read().rpartition(b")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return None
