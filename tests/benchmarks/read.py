"""Reading many runs, beside MLXP 1.0.5, `stat`, DuckDB and Polars: python tests/benchmarks/read.py [--full]

CPU time of processes that take turns, medians. The quick form reads 300 runs beside MLXP, and 1,000 alone; --full
reads 1,000, which takes MLXP minutes, and 10,000; --scale adds 100,000 runs of ours, written in minutes. MLXP is
measured with --mlxp-python, DuckDB and Polars where --tables-python has them. It prints a table and fails nothing:
what cannot be measured is said in its row.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from attrs import frozen
from measure import ChildFailedError
from run import with_unit
from trees import write_mlxps, write_ours
from workloads import Library, written_by_mlxp

QUESTIONS = Path(__file__).parent / "scripts/questions.py"
LINES = 100
LONG = 10_000
"""How many lines the curves have whose aggregation must not need memory for all of them."""


@frozen(kw_only=True)
class Asked:
    """A question, who is asked, and of which directory."""

    question: str
    logs: Path
    library: str = "mlxp_fn"
    python: str = sys.executable

    def answer(self) -> tuple[float, int, str]:
        """Seconds of CPU, bytes by which the process grew, and the answer."""
        command = [self.python, "-W", "ignore", str(QUESTIONS), self.question, str(self.logs)]
        # Idle threads of numpy's spin for a while after it was imported, and have no part in any answer.
        environment = {**os.environ, "LIBRARY": self.library, "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            last = done.stderr.strip().rpartition("\n")[2]
            missing = last == f"ModuleNotFoundError: No module named {self.library!r}"
            raise ChildFailedError(f"{self.library} is not installed" if missing else last)
        seconds, grown, answer = done.stdout.strip().rpartition("\n")[2].split(" ", 2)
        return float(seconds), int(grown), answer


@frozen(kw_only=True)
class Row:
    """A comparison: another answers the same question; how often both are asked, and how often at least we are."""

    name: str
    other: Asked | None
    ours: Asked
    repetitions: int
    ours_at_least: int = 0
    same_answer: bool = True

    def text(self) -> str:
        """A line of the table."""
        try:
            other, ours = self._medians()
        except ChildFailedError as error:
            return f"{self.name:<58}not measured: {error}"
        theirs, ratio = (with_unit(other), f"{other / ours:.3g}") if self.other else ("-", "-")
        return f"{self.name:<58}{theirs:>10}{with_unit(ours):>10}{ratio:>8}"

    def _medians(self) -> tuple[float, float]:
        others, ours = [], []
        for number in range(max(self.repetitions, self.ours_at_least)):
            seconds, _, answer = self.ours.answer()
            ours.append(seconds)
            if self.other and number < self.repetitions:
                seconds, _, other_answer = self.other.answer()
                others.append(seconds)
                if self.same_answer and other_answer != answer:
                    raise ChildFailedError(f"{self.other.library} answers {other_answer[:60]}, we {answer[:60]}")
        return median(others or [0]), median(ours)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mlxp-python", type=os.path.abspath, help="an interpreter that has MLXP 1.0.5")
    parser.add_argument(
        "--tables-python", type=os.path.abspath, default=sys.executable, help="one that has DuckDB and Polars"
    )
    parser.add_argument("--full", action="store_true", help="1,000 runs beside MLXP, and 10,000 otherwise")
    parser.add_argument("--scale", action="store_true", help="100,000 runs, too")
    arguments = parser.parse_args()
    beside_mlxp, alone = (1_000, 10_000) if arguments.full else (300, 1_000)
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        print(f"{'CPU time, median':<58}{'the other':>10}{'mlxp_fn':>10}{'ratio':>8}")
        if arguments.mlxp_python:
            show(rows_beside_mlxp(place, arguments.mlxp_python, beside_mlxp, 1 if arguments.full else 3))
        show(rows_alone(place, alone))
        show(rows_beside_tables(place, arguments.tables_python, alone))
        if arguments.scale:
            show(rows_alone(place, 100_000))
        print(memory(place, 1_000 if arguments.full else 100), flush=True)


def show(rows: Iterator[Row]) -> None:
    """Print each as soon as it is measured."""
    for row in rows:
        print(row.text(), flush=True)


def rows_beside_mlxp(place: Path, python: str, runs: int, repetitions: int) -> Iterator[Row]:
    """The same directories read by MLXP and by us."""
    mlxp = Library(module="mlxp", python=python, place=place / "mlxp")
    mlxp.set_up()
    theirs = write_mlxps(place / "of_mlxp", runs, written_by_mlxp(mlxp, 1) / "1")
    ours = write_ours(place / f"ours_{runs}", runs, LINES)

    def both(name: str, question: str, logs: Path, times: int = 3) -> Row:
        other = Asked(question=question, logs=logs, library="mlxp", python=python)
        asked = Asked(question=question, logs=logs)
        return Row(name=name, other=other, ours=asked, repetitions=times, ours_at_least=9)

    yield both(f"first reading of {runs} runs, MLXP", "first", ours, repetitions)
    yield both(f"first reading of {runs} runs that MLXP wrote, MLXP", "first", theirs, repetitions)
    yield both("two conditions, MLXP", "matching", ours)
    yield both("last loss averaged by two keys, MLXP", "grouped", ours)


def rows_alone(place: Path, runs: int) -> Iterator[Row]:
    """What MLXP cannot be waited for."""
    logs = write_ours(place / f"ours_{runs}", runs, LINES if runs <= 10_000 else 1)

    def ours(name: str, question: str, other: str | None = None) -> Row:
        beside = Asked(question=other, logs=logs) if other else None
        return Row(name=name, other=beside, ours=Asked(question=question, logs=logs), repetitions=3)

    yield ours(f"first reading of {runs} runs", "first")
    yield ours(f"{runs} unchanged runs, two stats a run", "again", "stats")
    yield ours(f"{runs} runs of which one has changed", "changed")
    yield ours(f"two conditions on {runs} runs", "matching")


def rows_beside_tables(place: Path, python: str, runs: int) -> Iterator[Row]:
    """The last loss averaged by two keys, from the files to the answer, as others do it."""
    logs = write_ours(place / f"ours_{runs}", runs, LINES)
    for library in ("duckdb", "polars"):
        yield Row(
            name=f"last loss of {runs} runs averaged by two keys, {library}",
            other=Asked(question="from_files", logs=logs, library=library, python=python),
            ours=Asked(question="from_files", logs=logs),
            repetitions=3,
        )
    yield Row(
        name="the same, with no index there",
        other=None,
        ours=Asked(question="from_files_first", logs=logs),
        repetitions=3,
    )


def memory(place: Path, runs: int) -> str:
    """By how much the process grows that averages long curves."""
    logs = write_ours(place / "long", runs, LONG)
    seconds, grown, _ = Asked(question="curves", logs=logs).answer()
    done = f"{with_unit(seconds)}, {grown / 1e6:.0f} MB more memory"
    return f"{runs} curves of {LONG} lines averaged by a key: {done}"


if __name__ == "__main__":
    main()
