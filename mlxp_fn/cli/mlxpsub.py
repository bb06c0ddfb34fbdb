"""The command line `mlxpsub`."""

from __future__ import annotations

import sys


def main() -> None:
    """Say that there is nothing here yet, and fail."""
    print(
        "mlxpsub is not built yet; `python main.py` runs a sweep on this machine, one run after another.",
        file=sys.stderr,
    )
    sys.exit(2)
