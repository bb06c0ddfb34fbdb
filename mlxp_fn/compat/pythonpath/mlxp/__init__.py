"""What `import mlxp` finds in compatibility mode: it puts the modules of `mlxp_fn.compat` in its own place."""

import sys
from importlib import import_module

try:
    from mlxp_fn.compat.finder import install
except ImportError as error:
    raise ImportError(
        f"compatibility mode is on (by PYTHONPATH), and {sys.executable} cannot import mlxp_fn: {error}; install "
        "it there, or name the Python that has it"
    ) from error

install()
del sys.modules[__name__]
import_module(__name__)
