"""A true terminal around a command."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def received(command: Sequence[str | Path], *, status: int | None = 0, **options: Any) -> str:
    """What a terminal receives of a command, which ends with `status`, unless that is None.

    Its stdout and stderr are that terminal where `options`, which are Popen's, say nothing else.
    """
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, **{"stdout": theirs, "stderr": theirs, **options}) as process:
        os.close(theirs)
        chunks = []
        try:
            while chunk := os.read(ours, 65536):
                chunks.append(chunk)
        except OSError:  # what Linux says at the end of a terminal
            pass
    os.close(ours)
    seen = b"".join(chunks).decode()
    assert status in (None, process.returncode), seen
    return seen
