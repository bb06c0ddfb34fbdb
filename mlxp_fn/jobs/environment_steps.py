"""Which steps of a script make the environment of its launches, and are repeated in every job."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from mlxp_fn.jobs.trace import Step

ENVIRONMENT_WORDS = (
    *("source", ".", "module", "ml", "conda", "mamba", "micromamba", "spack", "pyenv", "deactivate", "export"),
    *("unset", "ulimit", "umask", "set", "shopt", "alias"),
)
"""Commands that may change what a later command inherits."""

_MAKES_ENVIRONMENT = re.compile(
    r"(?:activate|conda\.sh|mamba\.sh|\.bashrc|\.bash_profile|\.profile|/bash)['\"]?(?:\s|$)|/etc/"
)
_HOOK = re.compile(r"\b(?:conda|mamba|micromamba|pyenv|direnv|spack)\b")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")


def assigned_names(text: str) -> tuple[str, ...]:
    """The names that are assigned before a command, for it alone."""
    names = []
    for word in _words(text):
        found = _ASSIGNMENT.match(word)
        if not found:
            break
        names.append(found[1])
    return tuple(names)


def _words(text: str) -> Iterable[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def is_assignment(text: str) -> bool:
    """Whether a command begins with an assignment."""
    return bool(_ASSIGNMENT.match(text))


def makes_environment(step: Step) -> bool:
    """Whether a step is one of those that a job repeats before its launch."""
    word = step.text.split(maxsplit=1)[0] if step.text.split() else ""
    if word in ("source", "."):
        return bool(_MAKES_ENVIRONMENT.search(step.text))
    if word == "eval":
        return bool(_HOOK.search(step.text))
    if word == "trap":
        return True
    if word in ("declare", "typeset"):
        return bool(re.match(r"\S+ -\w*x", step.text))
    found = _ASSIGNMENT.match(step.text)
    if found:
        # An assignment to a variable that is exported already changes the environment.
        return any(re.match(rf"declare -\w*x\w* {found[1]}=", value) for value in step.values)
    return word in ENVIRONMENT_WORDS
