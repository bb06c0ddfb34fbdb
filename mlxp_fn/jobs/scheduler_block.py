"""The `scheduler` block of MLXP's settings: which scheduler it names, and the script that it describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mlxp_fn.errors import SettingsError

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
    "shell_path", "shell_config_cmd", "env_cmd", "cleanup_cmd", "option_cmd", "post_cmd", "before_cmd",
)  # fmt: skip
"""What MLXP writes into the job's script; a user's own script has it already."""

_BASH = "/bin/bash"


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


def script_of(settings: Mapping[str, Any], directive: str, command: str) -> str:
    """The script that the block makes of a command; in bash, whatever shell it wants.

    >>> block = {"option_cmd": ["--time=1"], "env_cmd": "module load cuda", "before_cmd": "srun", "cleanup_cmd": ""}
    >>> print(script_of(block, "#SBATCH", "python main.py seed=1"), end="")
    #!/bin/bash
    #SBATCH --time=1
    module load cuda
    srun python main.py seed=1
    """
    shell = "".join(_lines(settings, "shell_path"))
    lines = [
        f"#!{shell if 'bash' in shell else _BASH}",
        *(f"{directive} {option}" for option in _lines(settings, "option_cmd")),
        *_lines(settings, "shell_config_cmd"),
        *_lines(settings, "env_cmd"),
        " ".join([*_lines(settings, "before_cmd"), command]),
        *_lines(settings, "post_cmd"),
        *_lines(settings, "cleanup_cmd"),
    ]
    return "".join(f"{line}\n" for line in lines)


def _lines(settings: Mapping[str, Any], key: str) -> list[str]:
    """A text, or a list of texts, as lines. Raises `SettingsError` for anything else."""
    given = settings.get(key) or []
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        raise SettingsError(f"mlxp.scheduler.{key} is a text or a list of texts, not {given!r}")
    return "\n".join(texts).splitlines()


def without_effect(settings: Mapping[str, Any], script: str) -> str | None:
    """One remark on all that the block says and the script does not; None where there is nothing.

    >>> block = {"name": "OARScheduler", "shell_path": "/bin/bash", "env_cmd": "conda activate x", "post_cmd": ""}
    >>> print(without_effect(block, "#!/bin/bash\\npython main.py"))
    mlxp.scheduler: env_cmd has no effect; jobs have what the script says, in bash: put there what is missing
    """
    vain = [key for key in _SAID_BY_THE_SCRIPT if any(line not in script for line in _lines(settings, key))]
    if not vain:
        return None
    return (
        f"mlxp.scheduler: {', '.join(vain)} {'has' if len(vain) == 1 else 'have'} no effect; jobs have what the "
        "script says, in bash: put there what is missing"
    )
