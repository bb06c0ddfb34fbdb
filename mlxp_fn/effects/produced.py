"""What a run has produced: looked for in its directory, and told in its history.

When an attempt ends, somebody looks and tells, so that readers need not look. What is logged afterwards, or by
other processes, which may outlive the attempt, is told by whoever logs it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from mlxp_fn import layout
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.later_events import add_event
from mlxp_fn.effects.listing import files_below
from mlxp_fn.effects.regular_files import read_bytes
from mlxp_fn.effects.run_dirs import is_ours
from mlxp_fn.records import Produced, Products

_PLAIN_KEYS = re.compile(rb"(?:[A-Za-z_][A-Za-z0-9_./-]*: ''\n)*")
"""What a file of keys nearly always is; everything else is left to a YAML parser."""


def products(run_dir: Path) -> Products | None:
    """All that the run has produced so far; None where that cannot be seen, and readers have to look themselves."""
    try:
        metrics = {log_name: noted_keys(run_dir, log_name) for log_name in metric_logs(run_dir)}
        artifacts = any("/" in path for path in files_below(f"{run_dir}/{layout.ARTIFACTS}"))
    except (OSError, ValueError, MemoryError):
        return None
    whole = {log_name: tuple(keys) for log_name, keys in metrics.items() if keys is not None}
    if len(whole) < len(metrics):
        return None
    return Products(metrics=whole, artifacts=artifacts)


def tell(run_dir: Path, products: Products) -> None:
    """Add to the history what the end of the attempt may not know of. A run without a history needs no telling."""
    if is_ours(run_dir):
        add_event(run_dir, Produced(at=now(), products=products))


def metric_logs(run_dir: str | Path) -> list[str]:
    """The names of the metric logs that there are."""
    files = files_below(f"{run_dir}/{layout.METRICS}")
    return sorted(name.removesuffix(".json") for name in files if name.endswith(".json"))


def noted_keys(run_dir: str | Path, log_name: str) -> list[str] | None:
    """The keys that are noted for a log, or None where that cannot be read."""
    content = read_bytes(f"{run_dir}/{layout.metric_keys_file(log_name)}")
    if content and _PLAIN_KEYS.fullmatch(content):
        return list(dict.fromkeys(content.decode().split(": ''\n")[:-1]))
    try:
        noted = _load_yaml(content or b"")
    except yaml.YAMLError:
        return None
    return [str(key) for key in noted] if isinstance(noted, dict) else None


@lru_cache(maxsize=64)
def _load_yaml(content: bytes) -> Any:
    """A file of names, as PyYAML reads what it has written; most runs have the same, which nobody changes."""
    return yaml.load(content, Loader=yaml.CSafeLoader)
