"""The `scheduler` block of MLXP's settings: which scheduler it names, and what in it is without effect."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "SLURMScheduler": "slurm",
        "OARScheduler": "oar",
        "SGEScheduler": "sge",
        "LSFScheduler": "lsf",
        "MWMScheduler": "moab",
        # TORQUE or OpenPBS, whichever answers.
        "PBSScheduler": "#PBS",
        "NoScheduler": "",
    }
)
"""MLXP's names for its classes, and ours; its newest versions name a scheduler by its directive, as we can, too."""

_SAID_BY_THE_SCRIPT = (
    *("shell_path", "shell_config_cmd", "env_cmd", "cleanup_cmd", "option_cmd", "post_cmd", "before_cmd"),
)
"""What MLXP wrote into the job's script; here the user's own script has it."""


def understood_block(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The block in our words, without what is said by the script.

    >>> understood_block({"name": "SLURMScheduler", "shell_path": "/bin/bash", "option_cmd": ["--time=1"]})
    {'name': 'slurm'}
    >>> understood_block({"name": "NoScheduler", "env_cmd": ""})
    {}
    """
    kept = {key: value for key, value in settings.items() if key not in _SAID_BY_THE_SCRIPT}
    if kept.get("name") in _NAMES:
        kept["name"] = _NAMES[kept["name"]]
    return {key: value for key, value in kept.items() if (key, value) != ("name", "")}


def without_effect(settings: Mapping[str, Any]) -> str | None:
    """One remark on all that the block says in vain; None where there is nothing.

    >>> print(without_effect({"name": "OARScheduler", "env_cmd": "conda activate x", "cleanup_cmd": ""}))
    mlxp.scheduler: env_cmd has no effect; put its lines into the script, which the jobs run as it stands
    """
    vain = [key for key in _SAID_BY_THE_SCRIPT if settings.get(key)]
    if not vain:
        return None
    have, lines = ("has", "its lines") if len(vain) == 1 else ("have", "their lines")
    return (
        f"mlxp.scheduler: {', '.join(vain)} {have} no effect; put {lines} into the script, which the jobs run as "
        "it stands"
    )
