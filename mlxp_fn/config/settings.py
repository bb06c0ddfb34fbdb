"""MLXP's settings as a record: what `mlxp.yaml` and `+mlxp.key=value` say, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlxp_fn.config.typed import structured_as
from mlxp_fn.errors import SettingsError
from mlxp_fn.nearest import nearest
from mlxp_fn.records import (
    LOGGER_NAMES,
    VERSION_MANAGER_NAMES,
    LoggerSettings,
    Settings,
    VersionManagerSettings,
    default_settings,
    names_of,
)

_PARTS = {"logger": LoggerSettings, "version_manager": VersionManagerSettings}
_DEFAULT_NAMES = {"logger": LOGGER_NAMES, "version_manager": VERSION_MANAGER_NAMES}


def structured(plain: Mapping[str, Any]) -> Settings:
    """The record of settings that `plain` describes; what it leaves out has MLXP's default.

    Raises `SettingsError` for an unknown key or a value of the wrong kind.

    >>> structured({"logger": {"parent_log_dir": "elsewhere"}}).logger.parent_log_dir
    'elsewhere'
    """
    if plain == default_settings():
        return Settings()
    _refuse_unknown(plain, names_of(Settings), "mlxp")
    parts = {name: _structured_part(name, plain[name]) for name in _PARTS if name in plain}
    flags = {key: value for key, value in plain.items() if key not in _PARTS}
    settings: Settings = structured_as(Settings, {**flags, **parts}, "mlxp", SettingsError)
    return settings


def with_logger(plain: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Plain settings in which some of the logger's are others.

    >>> with_logger({"logger": {"fsync": True}}, forced_log_id=7)
    {'logger': {'fsync': True, 'forced_log_id': 7}}
    """
    return {**plain, "logger": {**plain.get("logger", {}), **changes}}


def _structured_part(name: str, plain: Any) -> Any:
    if not isinstance(plain, Mapping):
        raise SettingsError(f"the setting mlxp.{name} is a mapping of settings, not {plain!r}")
    kind = _PARTS[name]
    known = [key for key in names_of(kind) if key != "options"]
    options = {key: value for key, value in plain.items() if key not in known}
    # Only a class of the user's own can have arguments that we do not know.
    if plain.get("name", _DEFAULT_NAMES[name][0]) in _DEFAULT_NAMES[name]:
        _refuse_unknown(plain, known, f"mlxp.{name}")
    return {**{key: plain[key] for key in known if key in plain}, "options": options}


def _refuse_unknown(plain: Mapping[str, Any], known: Any, where: str) -> None:
    for key in plain:
        if key not in known:
            near = nearest(key, known)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise SettingsError(f"unknown setting {where}.{key}; {hint}")
