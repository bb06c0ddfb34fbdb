"""Tracebacks as a user wants them: the task's own frames, without the library's."""

from __future__ import annotations

from os.path import sep
from pathlib import PurePath
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traceback import TracebackException

from mlxp_fn.errors import MlxpError

_OURS = str(PurePath(__file__).parents[1]) + sep


def formatted(error: BaseException) -> str:
    """The traceback of `error` and its causes as text, without frames of this library."""
    from traceback import TracebackException  # most tasks return

    description = TracebackException.from_exception(error)
    _strip(description, error, seen=set())
    return "".join(description.format())


def without_our_frames(error: BaseException) -> BaseException:
    """`error`, whose traceback now begins in the code that the library called."""
    trace = _their_frames(error)
    return error.with_traceback(trace) if trace else error


def is_ours_alone(error: BaseException) -> bool:
    """Whether `error` is of our own making and no frame of anybody else's led to it: its message says it all."""
    return isinstance(error, MlxpError) and _their_frames(error) is None


def _their_frames(error: BaseException) -> TracebackType | None:
    """The traceback from the first frame on that is not ours."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename.startswith(_OURS):
        trace = trace.tb_next
    return trace


def _strip(description: TracebackException | None, error: BaseException | None, seen: set[int]) -> None:
    if description is None or error is None or id(description) in seen:
        return
    seen.add(id(description))
    theirs = [frame for frame in description.stack if not frame.filename.startswith(_OURS)]
    # An error of our own making with none of the user's frames keeps what it has.
    description.stack[:] = theirs or description.stack
    if isinstance(error, MlxpError) and error.__cause__ and _their_frames(error.__cause__) is None:
        description.__cause__ = None  # the message of ours says what the system said
    _strip(description.__cause__, error.__cause__, seen)
    _strip(description.__context__, error.__context__, seen)
