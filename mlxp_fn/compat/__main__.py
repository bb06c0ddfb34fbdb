"""`python -m mlxp_fn.compat main.py …`: run a script in compatibility mode with this Python."""

import sys

from mlxp_fn.compat.mode import enter

if __name__ == "__main__":
    enter([sys.executable, *sys.argv[1:]])
