"""The last loss of two thirds of the runs in a log directory; `$LIBRARY` says by which library."""

import os
import sys
from importlib import import_module

mlxp = import_module(os.environ["LIBRARY"])
runs = mlxp.Reader(sys.argv[1]).filter(query_string=f"config.seed <= {sys.argv[2]}")
losses = [runs[index]["train.loss"][-1] for index in range(len(runs))]
assert losses == [0.5] * int(sys.argv[2])
