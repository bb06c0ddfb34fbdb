"""Hydra's own node: what a config may say under `hydra`, checked, and what `${hydra:...}` reads of it.

Jobs are launched by this library, so most of it has no effect; scripts written for Hydra may still set it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlxp_fn.config.default_items import GroupItem
from mlxp_fn.config.syntax import Override
from mlxp_fn.errors import ConfigError
from mlxp_fn.tree.paths import MISSING, is_missing

HYDRA_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "hydra/output": ("default",),
    "hydra/launcher": ("basic",),
    "hydra/sweeper": ("basic",),
    "hydra/help": ("default",),
    "hydra/hydra_help": ("default",),
    "hydra/hydra_logging": ("default", "disabled", "hydra_debug", "none"),
    "hydra/job_logging": ("default", "disabled", "none", "stdout"),
    "hydra/env": ("default",),
}
"""The groups of Hydra's own configuration and their options."""

HYDRA_ITEMS = tuple(
    GroupItem(group=group, option="default" if "default" in options else options[0])
    for group, options in HYDRA_OPTIONS.items()
)
"""What stands before every primary config."""

HYDRA_FILES: Mapping[str, str] = {
    f"{group}/{option}": "" for group, options in HYDRA_OPTIONS.items() for option in options
}
HYDRA_FOLDERS = frozenset({"hydra", *HYDRA_OPTIONS})

_OPEN: Mapping[str, Any] = {}
"""A node that may hold any keys."""

_NODE: Mapping[str, Any] = {
    "mode": None,
    "searchpath": [],
    "run": {"dir": "outputs"},
    "sweep": {"dir": "multirun", "subdir": MISSING},
    "hydra_logging": _OPEN,
    "job_logging": _OPEN,
    "sweeper": _OPEN,
    "launcher": _OPEN,
    "callbacks": _OPEN,
    "env": _OPEN,
    "help": _OPEN,
    "hydra_help": _OPEN,
    "output_subdir": ".hydra",
    "overrides": {"hydra": [], "task": []},
    "job": {
        "name": MISSING,
        "chdir": None,
        "override_dirname": "",
        "id": MISSING,
        "num": MISSING,
        "config_name": None,
        "env_set": _OPEN,
        "env_copy": [],
        "config": _OPEN,
    },
    "runtime": {
        "version": MISSING,
        "version_base": MISSING,
        "cwd": MISSING,
        "config_sources": [],
        "output_dir": MISSING,
        "choices": _OPEN,
    },
    "verbose": None,
}
_MODES = ("RUN", "MULTIRUN")
_INTEGERS = ("job.num",)
_BOOLEANS = ("job.chdir",)


def checked_node(given: Any, *, open_to_more: bool = False) -> dict[str, Any]:
    """Hydra's node with its defaults.

    Raises `ConfigError` for a wrong type and, unless `open_to_more`, for a key that is not Hydra's.
    """
    if given is None:
        return dict(_NODE)
    if not isinstance(given, dict):
        raise ConfigError(f"hydra is a mapping of Hydra's settings, not {given!r}")
    return _checked(given, _NODE, "", open_to_more)


def hydra_values(
    node: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    config_name: str,
    choices: Mapping[str, Any],
    overrides: Sequence[Override],
) -> dict[str, Any]:
    """What `${hydra:...}` reads: the node, what is known of the process, and what was composed."""
    task = [override.text for override in overrides if not is_hydra(override)]
    own = [override.text for override in overrides if is_hydra(override)]
    job = {
        **node["job"],
        "config_name": config_name,
        "override_dirname": ",".join(sorted(task)),
        **given.get("job", {}),
    }
    if node["job"]["name"] != MISSING:
        # What was set by hand beats the name that the process has.
        job["name"] = node["job"]["name"]
    runtime = {**node["runtime"], **given.get("runtime", {}), "choices": dict(choices)}
    known = {"job": job, "runtime": runtime, "overrides": {"task": task, "hydra": own}}
    return {**node, **given, **known}


_INSTEAD: Mapping[str, str] = {
    "callbacks": "call it in the task",
    "launcher": "run the script here, or submit it with mlxpsub",
    "sweeper": "write the sweep on the command line, key=a,b, or as mlxp_fn.sweep in Python",
    "help": "write what --help shows as the docstring of the task",
    "job.chdir": "change the directory in the task",
    "job.env_set": "set the variables where the script is started",
    "job.env_copy": "set the variables where the script is started",
}
"""What would silently do nothing, and how it is done here. Hydra's output directories are off, as in MLXP."""


def refuse_without_effect(node: Mapping[str, Any]) -> None:
    """Raise `ConfigError` where Hydra is asked for something that a launch here does not do."""
    for key, instead in _INSTEAD.items():
        part, _, name = key.partition(".")
        given, default = (node[part][name], _NODE[part][name]) if name else (node[part], _NODE[part])
        if given and given != default:
            raise ConfigError(f"hydra.{key} has no effect here; {instead}")


def is_hydra(override: Override) -> bool:
    """Whether an override is for Hydra's own configuration."""
    key = override.key
    return key == "hydra" or key.startswith(("hydra.", "hydra/"))


def search_path(node: Mapping[str, Any]) -> tuple[str, ...]:
    """The entries of `hydra.searchpath`. Raises `ConfigError` where they are no texts with a known scheme."""
    given = node.get("searchpath") or []
    if not isinstance(given, list) or not all(isinstance(entry, str) for entry in given):
        raise ConfigError(f"hydra.searchpath is a list of file:///directory, not {given!r}")
    for entry in given:
        scheme, colon, _ = entry.partition("://")
        if colon and scheme not in ("file", "pkg", "structured") and "${" not in scheme:
            raise ConfigError(
                f"hydra.searchpath: there is no scheme {scheme!r} in {entry!r}; write file:///directory"
            )
    return tuple(given)


def _checked(given: Mapping[str, Any], known: Mapping[str, Any], where: str, open_to_more: bool) -> dict[str, Any]:
    if known is _OPEN:
        return dict(given)
    checked = dict(known)
    for key, value in given.items():
        full = f"{where}{key}"
        if key not in known and not open_to_more:
            raise ConfigError(f"hydra.{full} is no setting of Hydra's; there are {', '.join(known)}")
        checked[key] = _checked_value(value, known[key], full, open_to_more) if key in known else value
    return checked


def _checked_value(value: Any, known: Any, full: str, open_to_more: bool) -> Any:
    if value is None or is_missing(value) or (isinstance(value, str) and "${" in value):
        return value
    if isinstance(known, Mapping):
        if not isinstance(value, Mapping):
            raise ConfigError(f"hydra.{full} is a mapping, not {value!r}")
        return _checked(value, known, f"{full}.", open_to_more)
    if full == "verbose" and isinstance(value, (bool, str, list)):
        return value
    if isinstance(known, list) != isinstance(value, list) or isinstance(value, Mapping):
        raise ConfigError(f"hydra.{full} cannot be {value!r}")
    if full == "mode" and str(value).rpartition(".")[2] not in _MODES:
        raise ConfigError(f"hydra.mode is one of {', '.join(_MODES)}, not {value!r}")
    if full in _INTEGERS and not str(value).lstrip("-").isdecimal():
        raise ConfigError(f"hydra.{full} is an integer, not {value!r}")
    if full in _BOOLEANS and str(value).lower() not in ("true", "false", "yes", "no", "on", "off", "0", "1"):
        raise ConfigError(f"hydra.{full} is true or false, not {value!r}")
    return value
