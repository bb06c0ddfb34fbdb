"""What a run was made with, read back from its directory."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from msgspec import Struct

from mlxp_fn import layout
from mlxp_fn.config.yaml_text import parse_yaml
from mlxp_fn.effects.run_dirs import read_birth
from mlxp_fn.errors import LaunchError
from mlxp_fn.records import Birth


class RunRecord(Struct, frozen=True, kw_only=True):
    """The record of a birth, the config with its values and with its interpolations, and the settings."""

    birth: Birth
    config: Any
    unresolved: Any
    settings: Any


def read_record(run_dir: Path) -> RunRecord:
    """The record of a run. Raises `LaunchError` where its config was edited.

    `OSError`, `ValueError` or `msgspec.MsgspecError` say what is missing or cannot be read.
    """
    birth = read_birth(run_dir)
    config = (run_dir / layout.CONFIG).read_bytes()
    settings = _parsed((run_dir / layout.SETTINGS).read_bytes(), layout.SETTINGS)
    if hashlib.sha256(config).hexdigest() != birth.config_sha256:
        raise LaunchError(f"{run_dir / layout.CONFIG} was edited after the run was made; make a new run instead")
    values, unresolved = _parsed(config, layout.CONFIG), run_dir / layout.CONFIG_UNRESOLVED
    return RunRecord(
        birth=birth,
        config=values,
        unresolved=_parsed(unresolved.read_bytes(), unresolved.name) if unresolved.exists() else values,
        settings=settings,
    )


def _parsed(content: bytes, name: str) -> Any:
    return parse_yaml(content.decode("utf-8", "surrogatepass"), name) or {}
