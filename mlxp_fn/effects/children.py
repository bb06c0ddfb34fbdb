"""Programs that have a process of their own and our terminal: scripts of the user's, and `mlxpsub`."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlxp_fn.effects.marks import VARIABLE
from mlxp_fn.errors import LaunchError


def status_of(argv: Sequence[str], directory: str, environ: Mapping[str, str]) -> int:
    """The exit status of a command, with further variables in its environment; negative after a signal.

    The mark that this process may have is not handed on. Raises `LaunchError` where it cannot be started.
    """
    inherited = {name: value for name, value in os.environ.items() if name != VARIABLE}
    try:
        with subprocess.Popen(argv, cwd=directory, env={**inherited, **environ}) as child:
            try:
                return child.wait()
            except KeyboardInterrupt:
                # Ctrl-C went to the child as well, which has a run to close.
                child.wait()
                raise
    except OSError as error:
        raise LaunchError(f"{argv[0]} cannot be started in {directory}: {error.strerror}") from error


def status_with_script(argv: Sequence[str], script: str, directory: str) -> int:
    """The exit status of a command that is given a script as a file, its last word; the file is gone afterwards.

    Raises `LaunchError` where it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="mlxpsub-") as folder:
        file = Path(folder, "script.sh")
        file.write_text(script, encoding="utf-8", errors="surrogateescape")
        return status_of([*argv, str(file)], directory, {})
