"""Signals that ask a run to leave: recorded, told to the task, and delivered again once the run has its end.

From the birth of a run to its recorded end no signal tears anything: before and after the task, and wherever
`held` stands, it waits.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from types import FrameType
from typing import Any

from mlxp_fn.effects.printed import flush
from mlxp_fn.errors import MlxpError, Preempted, SettingsError

ALWAYS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""The signals that end programs; a scheduler's warning comes on top."""

ECHO = 1.0
"""Seconds within which a signal that comes again is the same one: a shell or `srun` passes on what all are sent."""


class Preemption:
    """Whether a signal has asked the task to leave, and whether the task leaves by itself."""

    def __init__(self, cooperative: bool = False) -> None:
        self.cooperative = cooperative
        self.signal: str | None = None
        self.seen = False

    def asked(self) -> bool:
        """Whether to leave; who asks will ask again, so that no later signal raises."""
        self.cooperative = True
        if self.signal:
            self.seen = True
        return self.seen


class Watch:
    """Handlers of some signals for one run.

    `note` is set while the task runs, and told the name of each signal; what arrives before or after waits. It is
    an attribute, for its setting is one step, which no signal can come between.
    """

    def __init__(self, preemption: Preemption) -> None:
        self.note: Callable[[str], Any] | None = None
        self.received: list[int] = []
        self.preemption = preemption
        self._waiting: deque[int] = deque()
        self._first: dict[int, float] = {}
        self._insistent: set[int] = set()
        self._acted: set[int] = set()
        self._previous: dict[int, Any] = {}

    def settle(self) -> None:
        """Let all act that waited, and raise then if one of them wants to.

        Meanwhile others wait: if one raised between the taking and the noting of another, that were forgotten.
        """
        interruption = None
        while self.note and self._waiting and not _hold.depth:
            _hold.depth += 1
            try:
                while self._waiting:
                    interruption = self._act(self._waiting.popleft(), self.note) or interruption
            finally:
                _hold.depth -= 1
        if interruption:
            raise interruption

    def install(self, numbers: Sequence[int], warnings: Sequence[int] = ()) -> None:
        """Handle these, but for those that are ignored (under nohup) or handled by C (faulthandler).

        Warnings that are ignored are handled: a job ignores them until its task can be told.
        """
        caught = _caught()
        for number in dict.fromkeys((*numbers, *warnings)):
            previous = signal.getsignal(number)
            in_c = previous is signal.SIG_DFL and caught >> (number - 1) & 1
            ignored = previous is signal.SIG_IGN and number not in warnings
            if previous is not None and not ignored and not in_c:
                self._previous[number] = previous
                signal.signal(number, self._handle)

    def restore(self) -> None:
        """Give the signals back to whom they belonged, unless the task has given them to somebody else."""
        for number, previous in self._previous.items():
            if signal.getsignal(number) == self._handle:
                signal.signal(number, previous)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        moment = time.monotonic()
        self.received.append(number)
        self._waiting.append(number)
        if moment - self._first.setdefault(number, moment) > ECHO:
            self._insistent.add(number)
        insists = number in self._insistent and self._waiting.count(number) > 1
        if self.note is None and insists and not _hold.depth:
            raise _interruption(number)  # somebody insists, though we are at work
        self.settle()

    def _act(self, number: int, note: Callable[[str], Any]) -> BaseException | None:
        name = signal.Signals(number).name
        first = number not in self._acted
        self._acted.add(number)
        self.preemption.signal = self.preemption.signal or name
        with suppress(MlxpError):  # a full disk must not keep the task from leaving
            note(name)
        raises = number in self._insistent or (first and not self.preemption.cooperative)
        return _interruption(number) if raises else None


class _Hold:
    """How many are at work that no signal may interrupt, all in the main thread."""

    depth = 0


_hold = _Hold()

_watches: list[Watch] = []
"""Those of this process, the innermost last."""


@contextmanager
def watching(preemption: Preemption, numbers: Sequence[int], warnings: Sequence[int] = ()) -> Iterator[Watch]:
    """Handle these signals until the context ends. Only the main thread can: elsewhere, nothing is changed."""
    watch = Watch(preemption)
    if not numbers or not _in_main_thread():
        yield watch
        return
    _hook_into_forks()
    _watches.append(watch)
    try:
        watch.install(numbers, warnings)
        yield watch
    finally:
        watch.restore()
        # A forked child that left its parent's task has forgotten it already.
        with suppress(ValueError):
            _watches.remove(watch)


@contextmanager
def held() -> Iterator[None]:
    """Let no signal raise meanwhile; it acts at the end."""
    if not _in_main_thread():
        yield
        return
    _hold.depth += 1
    try:
        yield
    finally:
        _hold.depth -= 1
        for watch in reversed(_watches):
            watch.settle()


def deliver(number: int) -> None:
    """Let a signal do what it does without us, mostly end the process; return where it does not."""
    flush()
    os.kill(os.getpid(), number)


def end_by(number: int) -> None:
    """Deliver a signal at the end of a script, of which all has been said; Ctrl-C's shows no traceback.

    Python then runs what is left to do and ends by the signal itself, as shells want to see it.
    """
    try:
        deliver(number)
    except KeyboardInterrupt as interruption:
        sys.excepthook = _silent_about(interruption, sys.excepthook)
        raise


def _silent_about(told: BaseException, hook: Callable[..., Any]) -> Callable[..., Any]:
    def show(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if error is not told:
            hook(kind, error, trace)

    return show


def numbered(name: str | None) -> tuple[int, ...]:
    """The number of a signal, none for None. Raises `SettingsError` for what is no signal, or cannot be handled.

    >>> numbered("SIGUSR1") == (signal.SIGUSR1,)
    True
    """
    if name is None:
        return ()
    number = getattr(signal.Signals, name, None)
    if number is None or number in (signal.SIGKILL, signal.SIGSTOP):
        raise SettingsError(f"the setting mlxp.warning_signal is a signal such as SIGUSR1, or null, not {name!r}")
    return (number,)


def _interruption(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else Preempted(signal.Signals(number).name)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _caught() -> int:
    """The mask of the signals that this process handles, whoever does it."""
    try:
        with open("/proc/self/status", "rb") as file:
            return int(next(line for line in file if line.startswith(b"SigCgt:")).split()[1], 16)
    except (OSError, StopIteration):
        return 0


@cache
def _hook_into_forks() -> None:
    """A child of the task is ended by signals as it always was: it is no run."""
    os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    _hold.depth = 0
    for watch in reversed(_watches):
        watch.restore()
    _watches.clear()
