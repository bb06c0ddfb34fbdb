"""The machine and the process: who runs, where, since when."""

from __future__ import annotations

import os
import sys

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
