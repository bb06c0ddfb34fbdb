"""Processes that each do one piece of work, forked from this one, and the signals that come meanwhile."""

from __future__ import annotations

import os
import pickle
import select
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.effects.printed import flush
from mlxp_fn.errors import LaunchError, MlxpError


@frozen
class _Worker:
    """A process at work: its number, a handle on its end, and the file that its result will be in."""

    place: int
    process: int
    handle: int
    file: str


class Processes:
    """Does each piece of work in a fork of this process, which ends with it: nothing of it is left here."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mlxp-")
        self._workers: dict[int, _Worker] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *error: object) -> None:
        """Forget the results; nobody is at work any more."""
        self._folder.cleanup()

    def start(self, place: int, work: Callable[[], Any], run_dir: str | None) -> None:
        """Fork; what the work prints goes into files of its run, where it has one.

        Raises `LaunchError` where the system has no room for another process.
        """
        file = f"{self._folder.name}/{place}"
        flush()
        try:
            process = os.fork()
        except OSError as error:
            raise LaunchError(f"no process can be started for {run_dir or 'a run'}: {error.strerror}") from error
        if not process:
            _work(work, file, run_dir)
        handle = os.pidfd_open(process)
        self._workers[handle] = _Worker(place, process, handle, file)

    def ended(self, patience: float) -> Iterator[tuple[int, Any]]:
        """The results of those that have ended; a text says how a process without one did."""
        poll = select.poll()
        for handle in self._workers:
            poll.register(handle, select.POLLIN)
        for handle, _ in poll.poll(patience * 1000):
            worker = self._workers.pop(handle)
            os.close(handle)
            status = os.waitstatus_to_exitcode(os.waitpid(worker.process, 0)[1])
            yield worker.place, _result(worker, status)

    def interrupt(self, number: int) -> None:
        """Send a signal to all, once each."""
        for worker in self._workers.values():
            with suppress(ProcessLookupError):
                os.kill(worker.process, number)


def _result(worker: _Worker, status: int) -> Any:
    try:
        return pickle.loads(Path(worker.file).read_bytes())
    except FileNotFoundError:
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        return f"the process {worker.process} of the run {how}"


def _work(work: Callable[[], Any], file: str, run_dir: str | None) -> NoReturn:
    """In the fork: work, leave the result, and end without a step back into what the parent was doing."""
    try:
        # Ctrl-C reaches the parent alone, which passes it on once.
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)  # an event loop of the parent would take our signals for its own
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if run_dir:
            _print_into(run_dir)
        content = pickle.dumps(_done(work))
        unfinished = f"{file}.{os.getpid()}"
        Path(unfinished).write_bytes(content)
        os.replace(unfinished, file)
    except BaseException as error:  # nothing may escape into the parent's code, which this process shares
        traceback.print_exception(error)
        flush()
        os._exit(1)
    flush()
    os._exit(0)


def _done(work: Callable[[], Any]) -> Any:
    """What the work gives, or the error that kept it from beginning."""
    try:
        return work()
    except MlxpError as error:
        return error


def _print_into(run_dir: str) -> None:
    for descriptor, name in ((1, layout.STDOUT), (2, layout.STDERR)):
        file = os.open(f"{run_dir}/{name}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.dup2(file, descriptor)
        os.close(file)
    sys.stdout = open(1, "w", buffering=1, closefd=False, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115


class Received:
    """The signals that asked this process to leave."""

    def __init__(self) -> None:
        self.first: int | None = None
        self._waiting: list[int] = []

    def take(self) -> int | None:
        """One that nobody has taken yet."""
        return self._waiting.pop(0) if self._waiting else None

    def note(self, number: int, frame: FrameType | None) -> None:
        """A handler of signals."""
        self.first = self.first or number
        self._waiting.append(number)


@contextmanager
def received_signals() -> Iterator[Received]:
    """Collect the signals that ask to leave, as long as the context lasts; outside of the main thread none come."""
    import threading

    received = Received()
    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    numbers = [
        number
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) not in (signal.SIG_IGN, None)
    ]
    before = {number: signal.signal(number, received.note) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
