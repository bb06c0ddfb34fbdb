"""What a run prints, kept in `log.stdout` and `log.stderr` as well."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def copied_to(run_dir: Path) -> Iterator[None]:
    """Copy stdout and stderr to files until the context ends, whoever prints: C libraries and children too.

    `tee` does the copying in a process of its own: what was printed before a `kill -9` is in the file.
    """
    with ExitStack() as stack:
        stack.enter_context(_copied(1, run_dir / "log.stdout"))
        stack.enter_context(_copied(2, run_dir / "log.stderr"))
        yield


@contextmanager
def _copied(descriptor: int, path: Path) -> Iterator[None]:
    original = os.dup(descriptor)
    _flush()
    # In a session of its own, so that Ctrl-C does not end it before it has read all.
    tee = subprocess.Popen(
        ["tee", "-a", str(path)], stdin=subprocess.PIPE, stdout=original, start_new_session=True
    )
    stdin = tee.stdin
    if stdin is None:  # never, with PIPE; said for the type checker
        raise OSError("tee has no standard input")
    os.dup2(stdin.fileno(), descriptor)
    stdin.close()
    try:
        yield
    finally:
        _flush()
        os.dup2(original, descriptor)
        os.close(original)
        _wait_a_little(tee)


def _wait_a_little(tee: subprocess.Popen[bytes]) -> None:
    try:
        tee.wait(timeout=2)
    except subprocess.TimeoutExpired:
        # A child that the task left running still prints into it; it ends with that child.
        return


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
