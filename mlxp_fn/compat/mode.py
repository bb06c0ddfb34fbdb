"""Entering compatibility mode: a command is started in an environment in which `import mlxp` finds us.

The environment is all there is to it, so that it reaches whatever the command starts: `python -m`, debuggers,
workers of every kind and the jobs of a scheduler that passes the environment on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from mlxp_fn.effects.commands import become

FOLDER = str(Path(__file__).with_name("pythonpath"))
"""What holds the one package `mlxp` that stands for MLXP."""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of compatibility mode: our folder comes before all others in which Python looks for modules.

    >>> environment({"PYTHONPATH": "/code"})["PYTHONPATH"].endswith("pythonpath:/code")
    True
    """
    others = [path for path in environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != FOLDER]
    return {**environ, "PYTHONPATH": os.pathsep.join([FOLDER, *others])}


def enter(command: Sequence[str]) -> NoReturn:
    """Become this command in compatibility mode. Raises `LaunchError` where there is no such program."""
    become(command, environment(os.environ))
