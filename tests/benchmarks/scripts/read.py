"""The last loss of two thirds of the runs in a log directory, or all accuracies, as `$LIBRARY` reads them."""

import os
import sys
from importlib import import_module

mlxp = import_module(os.environ["LIBRARY"])
logs, wanted, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
runs = mlxp.Reader(logs).filter(query_string=f"config.seed <= {wanted}")
if what == "last":
    assert [runs[index]["train.loss"][-1] for index in range(len(runs))] == [0.5] * wanted
else:
    assert [set(runs[index]["train.accuracy"]) for index in range(len(runs))] == [{0.9}] * wanted
