"""Remarks to the caller that are no errors."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from mlxp_fn.views.printable import printable

_PACKAGE = str(Path(__file__).parent.parent)


def warn(message: str) -> None:
    """A warning in the name of the line, outside this package, that led here; it acts upon no terminal."""
    frame, level = sys._getframe(), 1
    while frame.f_back and frame.f_code.co_filename.startswith((_PACKAGE, "<")):
        frame, level = frame.f_back, level + 1
    warnings.warn(printable(message, keep="\n"), stacklevel=level)
