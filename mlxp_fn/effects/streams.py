"""What a run prints, kept in `log.stdout` and `log.stderr` as well."""

from __future__ import annotations

import ctypes
import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.files import cannot
from mlxp_fn.effects.printed import flush
from mlxp_fn.errors import LaunchError

_PATIENCE = 2.0
"""Seconds for the last of what was printed; who holds the stream longer is a process that the task left behind."""


@contextmanager
def copied_to(run_dir: Path) -> Iterator[None]:
    """Copy stdout and stderr to files until the context ends, whoever prints: C libraries and children too.

    `tee` does the copying, in a process of its own: what this one had printed before a `kill -9` is in the file.
    A stream that goes into that very file already, by a scheduler's doing, is left as it is.
    """
    with ExitStack() as stack:
        stack.enter_context(_copied(1, run_dir / layout.STDOUT))
        stack.enter_context(_copied(2, run_dir / layout.STDERR))
        stack.enter_context(_a_line_at_a_time())
        yield


@contextmanager
def _copied(descriptor: int, path: Path) -> Iterator[None]:
    if _leads_to(descriptor, path):
        yield
        return
    if not _copying.acquire(blocking=False):
        raise LaunchError(
            "log_streams_to_file: true copies what the whole process prints, and does so for the run of another "
            "thread; run them in processes, with jobs=…, or without this setting"
        )
    original = os.dup(descriptor)
    try:
        _flush()
        tee = _tee(path, original)
        _lead_to(tee, descriptor)
        try:
            yield
        finally:
            _flush()
            os.dup2(original, descriptor)
            _wait_a_little(tee)
    finally:
        os.close(original)
        _copying.release()


_copying = threading.RLock()
"""Held by the thread whose runs have their streams copied."""


def _leads_to(descriptor: int, path: Path) -> bool:
    """Whether the stream is that very file; makes the file if there is none."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666))
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError as error:
        raise cannot("write", path, error) from error


def _tee(path: Path, original: int) -> subprocess.Popen[bytes]:
    """A process that appends to a file and passes on what it reads.

    In a session of its own it outlives Ctrl-C and the end of a terminal until it has read all; SIGPIPE stays
    ignored, as it is in Python, so that the file goes on when nobody reads the rest (`| head`).
    """
    try:
        return subprocess.Popen(
            ["tee", "-a", str(path)],
            stdin=subprocess.PIPE,
            stdout=original,
            start_new_session=True,
            restore_signals=False,
        )
    except FileNotFoundError as error:
        raise LaunchError("log_streams_to_file: true needs the program `tee`; install coreutils") from error


def _lead_to(tee: subprocess.Popen[bytes], descriptor: int) -> None:
    if tee.stdin:
        os.dup2(tee.stdin.fileno(), descriptor)
        tee.stdin.close()


def _wait_a_little(tee: subprocess.Popen[bytes]) -> None:
    try:
        tee.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        return


@contextmanager
def _a_line_at_a_time() -> Iterator[None]:
    """Let go of each line when it is printed, as on a terminal: for a pipe Python and C would gather kilobytes."""
    c = ctypes.CDLL(None)
    c.setvbuf(ctypes.c_void_p.in_dll(c, "stdout"), None, _LINE_BUFFERED, 0)
    gathering = [
        stream
        for stream in dict.fromkeys((sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__))
        if isinstance(stream, io.TextIOWrapper) and not stream.line_buffering
    ]
    for stream in gathering:
        stream.reconfigure(line_buffering=True)
    try:
        yield
    finally:
        for stream in gathering:
            with suppress(OSError, ValueError):  # the task may have closed it
                stream.reconfigure(line_buffering=False)


_LINE_BUFFERED = 1
"""C's _IOLBF."""


def _flush() -> None:
    """Write out what Python and C have gathered, to where their streams lead now."""
    flush()
    ctypes.CDLL(None).fflush(None)
