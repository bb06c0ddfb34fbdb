"""Which steps of a script make the environment of its launches, and are repeated in every job."""

from __future__ import annotations

import re

from mlxp_fn.jobs.shell_text import assigned
from mlxp_fn.jobs.trace import Step

ENVIRONMENT_WORDS = (
    *("source", ".", "module", "ml", "conda", "mamba", "micromamba", "spack", "pyenv", "deactivate", "export"),
    *("unset", "ulimit", "umask", "set", "shopt", "alias"),
)
"""Commands that may change what a later command inherits."""

_HOOK = re.compile(r"\b(?:conda|mamba|micromamba|pyenv|direnv|spack)\b")


_MAKES_DIRECTORY = re.compile(r"mkdir\s(?:.*\s)?(?:-\w*p\w*|--parents)\s")


def makes_directory(text: str) -> bool:
    """Whether a command makes a directory that may be there already: a job repeats it for its own."""
    return bool(_MAKES_DIRECTORY.match(text))


def makes_environment(step: Step) -> bool:
    """Whether a step is one of those that a job repeats before its launch."""
    word = step.text.split(maxsplit=1)[0] if step.text.split() else ""
    if word == "eval":
        return bool(_HOOK.search(step.text))
    if word == "trap":
        return True
    if word in ("declare", "typeset"):
        return bool(re.match(r"\S+ -\w*x", step.text))
    if names := assigned(step.text):
        # An assignment to a variable that is exported already changes the environment.
        return not set(names).isdisjoint(step.exported)
    return word in ENVIRONMENT_WORDS or makes_directory(step.text)
