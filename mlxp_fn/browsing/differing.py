"""In what two runs differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlxp_fn import layout
from mlxp_fn.browsing.choice import Choice
from mlxp_fn.effects.environments import environment_of
from mlxp_fn.errors import SelectionError
from mlxp_fn.results.comparison import comparison, flat_environment
from mlxp_fn.results.frame import Frame


def difference(asked: Choice) -> Frame:
    """What is not the same in two runs: columns `key` and one for each. `SelectionError` unless two."""
    ids = asked.ids()
    if len(ids) != 2:
        raise SelectionError(f"a difference is between two runs, not {len(ids)}; mlxp compare shows more")
    environments = [_environment(asked.place / str(run)) for run in ids]
    return comparison(asked.runs(), environments, only_changed=True)


def _environment(run_dir: Path) -> dict[str, Any]:
    """What is stored of a run's packages and hardware; nothing of a run that has not begun, or that MLXP made."""
    if not (run_dir / layout.events_file(1)).exists():
        return {}
    return flat_environment(environment_of(run_dir))
