"""Two processes of one user that answer each other, a line of JSON at a time, over a socket in a private folder."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from mlxp_fn import jsonl
from mlxp_fn.effects.environment import SUBMISSION
from mlxp_fn.errors import SubmissionError

_STEP = 0.05


@contextmanager
def connected(address: str) -> Iterator[tuple[Iterator[bytes], Callable[[Any], None]]]:
    """The lines that come from `address`, and what sends one back."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.connect(address)
        with channel.makefile("rwb") as file:

            def reply(message: Any) -> None:
                file.write(jsonl.encode(message) + b"\n")
                file.flush()

            yield iter(file.readline, b""), reply


class Composer:
    """A script that was started to compose: what it is asked, it answers, until the context ends."""

    def __init__(self, file: Any, complaints: BinaryIO) -> None:
        self._file = file
        self._complaints = complaints

    def ask(self, question: Any) -> Any:
        """Its answer. Raises `SubmissionError` with what it printed, where it ends instead."""
        try:
            self._file.write(jsonl.encode(question) + b"\n")
            self._file.flush()
            line = self._file.readline()
        except OSError:
            line = b""
        if not line:
            raise SubmissionError(f"the script ended while it composed its jobs: {_said(self._complaints)}")
        return jsonl.decode(line)


@contextmanager
def composer(words: Sequence[str], cwd: str, environment: Mapping[str, str]) -> Iterator[Composer]:
    """Start a script that launches a task; it composes and does not run.

    Raises `SubmissionError` where it cannot be started, or launches nothing.
    """
    with tempfile.TemporaryDirectory(prefix="mlxpsub-") as folder, tempfile.TemporaryFile() as complaints:
        address = str(Path(folder, "socket"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            listening.bind(address)
            listening.listen(1)
            listening.settimeout(_STEP)
            process = _started(words, cwd, {**environment, SUBMISSION: address}, complaints)
            try:
                with _accepted(listening, process, words, complaints) as channel, channel.makefile("rwb") as file:
                    yield Composer(file, complaints)
            finally:
                _end(process)


def _started(
    words: Sequence[str], cwd: str, environment: Mapping[str, str], complaints: BinaryIO
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            words,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            start_new_session=True,
        )
    except OSError as error:
        raise SubmissionError(f"cannot start {words[0]} in {cwd}: {error.strerror}") from error


def _accepted(
    listening: socket.socket, process: subprocess.Popen[bytes], words: Sequence[str], complaints: BinaryIO
) -> socket.socket:
    while True:
        try:
            return _blocking(listening.accept()[0])
        except TimeoutError:
            if process.poll() is not None:
                said = _said(complaints)
                raise SubmissionError(
                    f"{' '.join(words)} launched no task"
                    + (f", and ended with status {process.returncode}: {said}" if process.returncode else "")
                ) from None


def _blocking(channel: socket.socket) -> socket.socket:
    channel.settimeout(None)
    return channel


def _said(complaints: BinaryIO) -> str:
    complaints.seek(0)
    return complaints.read().decode(errors="replace").strip() or "it said nothing"


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
