"""What a run depends on beside its config, gathered when an attempt begins."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mlxp_fn.effects import contents, machine
from mlxp_fn.effects.distributions import installed
from mlxp_fn.effects.repositories import repository
from mlxp_fn.jobs.job_variables import job_of
from mlxp_fn.jobs.masking import masked, masked_command
from mlxp_fn.records import Settings


def gathered(parent: Path, file: str, settings: Settings) -> dict[str, Any]:
    """What an attempt that begins now in this process depends on; what many runs share is stored in `parent`.

    `file` is the task's, whose repository is asked. Secrets are masked.
    """
    folder = os.path.dirname(os.path.abspath(file)) if os.path.isfile(file) else os.getcwd()
    facts, shared = _of_this_process(folder)
    for digest, text in shared:
        contents.keep(parent, digest, text, fsync=settings.logger.fsync)
    return {
        "command": _command(tuple(sys.orig_argv), settings.mask),
        **facts,
        "cpus": machine.usable_processors(),
        "scheduler": job_of(os.environ, os.uname().nodename),
        "variables": {
            name: masked(name, os.environ[name], settings.mask)
            for name in settings.environment_variables
            if name in os.environ
        },
    }


@cache
def _of_this_process(folder: str) -> tuple[Mapping[str, Any], tuple[tuple[str, bytes], ...]]:
    """What does not change while it lives, its code being in `folder`, and the contents that this refers to."""
    hardware = machine.hardware()
    shared = {"packages": contents.as_content(installed()), "hardware": contents.as_content(hardware)}
    facts = {
        "user": machine.user(),
        "python": machine.python(),
        "os": machine.system(),
        "gpu": _gpu(hardware.get("gpus")),
        "git": repository(folder),
    }
    return facts | {name: digest for name, (digest, _) in shared.items()}, tuple(shared.values())


@lru_cache(maxsize=1)
def _command(arguments: tuple[str, ...], patterns: tuple[str, ...]) -> str:
    return shlex.join(masked_command(arguments, patterns))


def _gpu(gpus: Any) -> str | None:
    """The models in a few words, `8 x NVIDIA H100`; None where there are none, or nobody could say."""
    models = [gpu["model"] for gpu in gpus or ()]
    counts = {model: models.count(model) for model in models}
    return ", ".join(model if count == 1 else f"{count} x {model}" for model, count in counts.items()) or None
