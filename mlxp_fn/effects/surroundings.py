"""What resolvers may ask beside the config: the environment, the clock, the working directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mlxp_fn.effects.environment import working_directory
from mlxp_fn.tree.interpolation import Surroundings


def surroundings(hydra: Mapping[str, Any] | None = None) -> Surroundings:
    """Those of this process, now."""
    return Surroundings(
        environ=dict(os.environ),
        now=datetime.now(),
        hydra=hydra or {"runtime": {"cwd": working_directory()}},
    )
