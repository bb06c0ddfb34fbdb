"""Shell code that completes the arguments of one script, for bash, zsh and fish.

The scripts of a shell share one set of functions and a list of what is to be completed, so that several scripts
can be installed, and other programs that the same Python runs are completed as they were before.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import PurePath

from mlxp_fn.views.shell_functions import BASH, FISH, ZSH

_FUNCTIONS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def install_script(shell: str, script: str, python: str) -> str:
    """What a shell evaluates to complete the arguments of `script`, which `python` runs; both are full paths."""
    names = dict.fromkeys(("python", "python3", PurePath(python).name, PurePath(script).name))
    quote = _quoting(shell)
    call = " ".join(["_mlxp_add", *map(quote, (script, python, *names))])
    return f"{_FUNCTIONS[shell].strip()}\n\n{call}"


def uninstall_script(shell: str, script: str) -> str:
    """What a shell evaluates to complete the arguments of `script` no more.

    >>> print(uninstall_script("bash", "/my/main.py"))
    ! declare -F _mlxp_remove >/dev/null || _mlxp_remove /my/main.py
    """
    there = {
        "bash": "! declare -F _mlxp_remove >/dev/null || ",
        "zsh": "(( ! $+functions[_mlxp_remove] )) || ",
        "fish": "functions -q _mlxp_remove; and ",
    }
    return f"{there[shell]}_mlxp_remove {_quoting(shell)(script)}"


def _quoting(shell: str) -> Callable[[str], str]:
    return _quoted_for_fish if shell == "fish" else shlex.quote


def _quoted_for_fish(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
