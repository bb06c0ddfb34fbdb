"""What a task came to: the event of its end, and its recording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from mlxp_fn import jsonl
from mlxp_fn.config.yaml_writer import writable
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.history import History
from mlxp_fn.effects.signals import Preemption
from mlxp_fn.errors import LogDirError, MetricsError, Preempted
from mlxp_fn.launching.tracebacks import formatted
from mlxp_fn.records import Completed, Failed, Interrupted, TaskError


def end_of(result: Any, error: BaseException | None, preemption: Preemption) -> Completed | Failed | Interrupted:
    """The end of a task that returned `result` or raised `error`.

    A task that has seen that it is to leave, and left, was interrupted; one that never looked has its result.
    """
    match error:
        case None | SystemExit() if preemption.seen:
            return Interrupted(at=now(), signal=preemption.signal or "")
        case None:
            return Completed(at=now(), result=_recordable(result))
        case Preempted():
            return Interrupted(at=now(), signal=error.signal)
        case SystemExit(code=None | 0):
            return Completed(at=now())
        case KeyboardInterrupt():
            return Interrupted(at=now(), signal="SIGINT")
        case _:
            kind = type(error)
            name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
            return Failed(
                at=now(), error=TaskError(type=name, message=_text(error), traceback=writable(formatted(error)))
            )


def record(history: History, end: Completed | Failed | Interrupted) -> LogDirError | None:
    """Record how the attempt ended; returns the error of a disk that did not take it all.

    Where the event itself does not fit, it is tried without the products, for which readers can look, and then a
    run that FAILED in few words: the end of a block may hold it.
    """
    unwritten = _unwritten(history, end)
    if history.info.end != end.at:
        unwritten = _unwritten(history, replace(end, products=None))
    if unwritten and history.info.end != end.at:
        _unwritten(history, Failed(at=end.at, error=_in_few_words(end, unwritten)))
    return unwritten


def _unwritten(history: History, end: Completed | Failed | Interrupted) -> LogDirError | None:
    try:
        history.happened(end)
    except LogDirError as error:
        return error
    return None


def worth_showing(error: BaseException | None, unwritten: LogDirError | None) -> Iterator[BaseException]:
    """What a user is to be told: a disk that is full for the task and for its record is full once."""
    if error:
        yield error
    if unwritten and not isinstance(error, LogDirError):
        yield unwritten


def _in_few_words(end: Completed | Failed | Interrupted, unwritten: LogDirError) -> TaskError:
    if isinstance(end, Failed):
        return TaskError(type=end.error.type, message=end.error.message[:200])
    return TaskError(type=f"{LogDirError.__module__}.{LogDirError.__qualname__}", message=str(unwritten))


def let_go(error: MemoryError) -> None:
    """Give back what the frames of an error hold: without memory its end could not be recorded either."""
    trace = error.__traceback__
    while trace:
        with suppress(RuntimeError):  # this one still runs
            trace.tb_frame.clear()
        trace = trace.tb_next


def _text(error: BaseException) -> str:
    try:
        return writable(str(error))
    except Exception as unprintable:  # of the user's `__str__`
        return f"(its text cannot be had: {type(unprintable).__name__})"


def _recordable(result: Any) -> Any:
    """What JSON holds of a result: itself as it would be read back, or None."""
    try:
        return jsonl.decode(jsonl.encode(result))
    except MetricsError:
        return None
