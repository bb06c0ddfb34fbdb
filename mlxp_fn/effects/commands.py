"""Other programs: what they answer, in a bounded time or in all that they need, and what this process becomes.

Not by `subprocess`, whose import takes a launch longer than a dozen of these questions.
"""

from __future__ import annotations

import os
import select
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic, sleep
from typing import NoReturn

from msgspec import Struct

from mlxp_fn.effects.printed import flush
from mlxp_fn.errors import LaunchError


def answer_of(arguments: Sequence[str], *, seconds: float, environ: Mapping[str, str] | None = None) -> str | None:
    """What a program prints; None where there is no such program, it fails, or it has not ended in time."""
    deadline = monotonic() + seconds
    reading, writing = os.pipe()
    silent = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 2)]
    try:
        process = os.posix_spawnp(
            arguments[0],
            list(arguments),
            dict(os.environ if environ is None else environ),
            file_actions=[*silent, (os.POSIX_SPAWN_DUP2, writing, 1)],
        )
    except OSError:
        os.close(reading)
        return None
    finally:
        os.close(writing)
    try:
        printed = _read(reading, deadline)
    finally:
        os.close(reading)
    return printed.decode(errors="replace") if _ended_well(process, deadline) else None


def become(command: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Replace this process by a command. Raises `LaunchError` where it cannot start."""
    flush()
    try:
        os.execvpe(command[0], list(command), environ)
    except OSError as error:
        meant = f"; did you mean python {command[0]}?" if command[0].endswith(".py") else ""
        raise LaunchError(f"cannot start {command[0]!r}: {error.strerror}{meant}") from error


class Completed(Struct, frozen=True):
    """How a program ended, and what it printed."""

    status: int
    stdout: bytes
    stderr: bytes


def completed(arguments: Sequence[str], environ: Mapping[str, str], given: bytes = b"") -> Completed:
    """Run a program to its end, with `given` as its input. Raises `OSError` where it cannot be started."""
    channels = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
    try:
        with open(channels[0], "wb", closefd=False) as file:
            file.write(given)
        os.lseek(channels[0], 0, os.SEEK_SET)
        actions = [(os.POSIX_SPAWN_DUP2, channel, number) for number, channel in enumerate(channels)]
        process = os.posix_spawnp(arguments[0], list(arguments), environ, file_actions=actions)
        status = _end_of(process)
        return Completed(status, *(_content(channel) for channel in channels[1:]))
    finally:
        for channel in channels:
            os.close(channel)


def _end_of(process: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    except ChildProcessError:  # who ignores SIGCHLD is told of no status
        return 0
    except BaseException:
        import signal

        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)
        raise


def _content(channel: int) -> bytes:
    with open(channel, "rb", closefd=False) as file:
        file.seek(0)
        return file.read()


def _read(descriptor: int, deadline: float) -> bytes:
    """What comes until the end or the deadline."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    blocks = []
    while (left := deadline - monotonic()) > 0:
        if poll.poll(left * 1000):
            blocks.append(os.read(descriptor, 1 << 16))
            if not blocks[-1]:
                break
    return b"".join(blocks)


def _ended_well(process: int, deadline: float) -> bool:
    try:
        while True:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                return status == 0
            if monotonic() > deadline:
                break
            sleep(0.0005)
    except ChildProcessError:  # who ignores SIGCHLD is told of no status
        return True
    import signal  # the rare case; its enumerations cost a millisecond

    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    # Not waited for: what hangs in a driver does not even die of this.
    return False
