"""Ratios of CPU time against MLXP 1.0.5, measured side by side: python tests/benchmarks/run.py [--quick]

One row, `encode and write alone`, is no measure of MLXP: it is the floor that `log_metrics` stands on.

MLXP is installed from PyPI into a temporary environment unless --mlxp-python names an interpreter
that has it. It prints a table and fails nothing: what cannot be measured is said in its row.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from measure import ChildFailedError, interleaved
from workloads import Benchmark, Library, benchmarks

MLXP = "mlxp==1.0.5"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mlxp-python", type=os.path.abspath, help="an interpreter that has MLXP 1.0.5")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--only", default="", help="the rows whose names hold this text")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        mlxp_python = arguments.mlxp_python or interpreter_with_mlxp(place / "environment")
        mlxp = Library(module="mlxp", python=mlxp_python, place=place / "mlxp")
        ours = Library(module="mlxp_fn", python=sys.executable, place=place / "mlxp_fn")
        mlxp.set_up()
        ours.set_up()
        print(f"{'CPU time, median':<32}{'the other':>12}{'mlxp_fn':>12}{'ratio':>8}")
        for benchmark in benchmarks(mlxp, ours, runs=300):
            if arguments.only in benchmark.name:
                print(row(benchmark, repetitions=3 if arguments.quick else 7), flush=True)


def interpreter_with_mlxp(environment: Path) -> str:
    """Make an environment with MLXP and return its interpreter."""
    print(f"Installing {MLXP} into a temporary environment", file=sys.stderr)
    venv.create(environment, with_pip=True)
    python = environment / "bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", MLXP], check=True)
    return str(python)


def row(benchmark: Benchmark, repetitions: int) -> str:
    """A line of the table."""
    try:
        theirs, ours = interleaved(benchmark.measurements(), repetitions)
    except ChildFailedError as error:
        return f"{benchmark.name:<32}not measured: {error}"
    ratio = f"{theirs / ours:.1f}" if ours > 0 else "-"
    return f"{benchmark.name:<32}{with_unit(theirs):>12}{with_unit(ours):>12}{ratio:>8}"


def with_unit(seconds: float) -> str:
    """A duration in the unit in which it is easy to read; below zero the noise was larger than the work."""
    if seconds <= 0:
        return "~0"
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


if __name__ == "__main__":
    main()
