"""Scripts of the user's, run in processes of their own that have our terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

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
