"""What is measured: the same scripts under MLXP and under mlxp_fn."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from attrs import frozen
from measure import Command, Measurement

SCRIPTS = Path(__file__).parent / "scripts"
LINES = 100
"""How many lines of metrics each run has that is read."""
CALLS, OUR_CALLS = 20_000, 200_000
"""How often `log_metrics` is called where it is measured; a start makes as much noise where a call costs less."""


@frozen(kw_only=True)
class Library:
    """A library to measure, and the interpreter it is installed for."""

    module: str
    python: str
    place: Path

    def command(self, *arguments: str, fresh: Callable[[], None] = lambda: None) -> Command:
        """Run this library's interpreter in its directory."""
        return Command(
            arguments=[self.python, *arguments],
            directory=self.place,
            environment={"LIBRARY": self.module},
            fresh=fresh,
        )

    def launched(self, *overrides: str) -> Command:
        """Launch the task, in a log directory without runs."""

        def fresh() -> None:
            shutil.rmtree(self.place / "logs", ignore_errors=True)

        return self.command("task.py", *overrides, fresh=fresh)

    def set_up(self) -> None:
        """Write the scripts and the config they are run with."""
        shutil.copytree(SCRIPTS, self.place)
        (self.place / "configs").mkdir()
        config = "seed: 1\nlr: 0.1\nmodel:\n  width: 8\ncalls: 0\nloss: 0.5\n"
        (self.place / "configs/config.yaml").write_text(config)


@frozen(kw_only=True)
class Benchmark:
    """A row of the table: how MLXP and how mlxp_fn does it, set up when `measurements` is called."""

    name: str
    measurements: Callable[[], tuple[Measurement, Measurement]]


def benchmarks(mlxp: Library, ours: Library, runs: int) -> tuple[Benchmark, ...]:
    """Every row; `runs` is how many are read."""
    alike = (
        ("import", imported),
        ("one run, whole process", launched_once),
        ("a run of a 50-run sweep", launched_often),
        ("log_metrics, 3 scalars", logged),
        ("log_metrics, one of them NaN", partial(logged, loss="nan")),
    )
    return (
        *(Benchmark(name=name, measurements=partial(_both, of, mlxp, ours)) for name, of in alike),
        Benchmark(
            name="import click; mlxp --help",
            measurements=lambda: (started(ours, "import click"), started(ours, ASK_FOR_HELP)),
        ),
        Benchmark(
            name="encode and write alone",
            measurements=lambda: (encoded_and_written(ours), logged(ours)),
        ),
        Benchmark(
            name=f"read {runs} runs, each its own",
            measurements=lambda: (
                read(mlxp, written_by_mlxp(mlxp, runs), runs),
                read(ours, written_by_us(ours, runs), runs),
            ),
        ),
        Benchmark(
            name=f"read {runs} runs of MLXP's",
            measurements=lambda: (
                read(mlxp, written_by_mlxp(mlxp, runs), runs),
                read(ours, written_by_mlxp(mlxp, runs), runs),
            ),
        ),
        Benchmark(
            name=f"read {runs} curves, diverged",
            measurements=lambda: (
                read(mlxp, written_by_mlxp(mlxp, runs, "nan"), runs, "all"),
                read(ours, written_by_us(ours, runs, "nan"), runs, "all"),
            ),
        ),
    )


def _both(
    measured: Callable[[Library], Measurement], mlxp: Library, ours: Library
) -> tuple[Measurement, Measurement]:
    return measured(mlxp), measured(ours)


def imported(library: Library) -> Measurement:
    """The import, beyond the start of Python."""
    return Measurement(
        work=library.command("-c", f"import {library.module} as mlxp; mlxp.launch, mlxp.Reader"),
        idle=library.command("-c", "pass"),
    )


ASK_FOR_HELP = "import sys; from mlxp_fn.cli.mlxp import main; sys.argv[:] = ['mlxp', '--help']; main()"


def started(library: Library, code: str) -> Measurement:
    """A line of Python, beyond the start of Python."""
    return Measurement(work=library.command("-c", code), idle=library.command("-c", "pass"))


def launched_once(library: Library) -> Measurement:
    """`python task.py`, beyond the start of Python."""
    return Measurement(work=library.launched(), idle=library.command("-c", "pass"))


def launched_often(library: Library) -> Measurement:
    """What each run of a sweep adds."""
    seeds = ",".join(str(seed) for seed in range(1, 51))
    return Measurement(work=library.launched(f"seed={seeds}"), idle=library.launched("seed=1"), count=49)


def logged(library: Library, loss: str = "0.5") -> Measurement:
    """One call."""
    calls = CALLS if library.module == "mlxp" else OUR_CALLS
    work = library.launched(f"calls={calls}", f"loss={loss}")
    return Measurement(work=work, idle=library.launched(f"loss={loss}"), count=calls)


def encoded_and_written(library: Library) -> Measurement:
    """The least that a call could cost: msgspec's encoding and one unbuffered write."""
    work, idle = (library.command("floor.py", str(calls)) for calls in (OUR_CALLS, 0))
    return Measurement(work=work, idle=idle, count=OUR_CALLS)


def read(library: Library, logs: Path, runs: int, what: str = "last") -> Measurement:
    """Open a directory nobody has read before, ask for two thirds of its runs, read a metric of each."""

    def unread() -> None:
        (logs / "database.json").unlink(missing_ok=True)
        shutil.rmtree(logs / ".mlxp_fn/index", ignore_errors=True)

    return Measurement(
        work=library.command("read.py", str(logs), str(runs * 2 // 3), what, fresh=unread),
        idle=library.command("-c", f"import {library.module} as mlxp; mlxp.Reader"),
    )


@cache
def written_by_us(library: Library, runs: int, loss: str = "0.5") -> Path:
    """A log directory of this library's."""
    logs = library.place / f"logs_of_{loss}"
    seeds = ",".join(str(seed) for seed in range(1, runs + 1))
    library.command(
        "task.py", f"calls={LINES}", f"loss={loss}", f"+mlxp.logger.parent_log_dir={logs}", f"seed={seeds}"
    ).cpu_seconds()
    return logs


@cache
def written_by_mlxp(library: Library, runs: int, loss: str = "0.5") -> Path:
    """A log directory of MLXP's: one true run, and copies of it under their own ids and seeds."""
    logs = library.place / f"logs_of_{loss}"
    place = f"+mlxp.logger.parent_log_dir={logs}"
    library.command("task.py", f"calls={LINES}", f"loss={loss}", place).cpu_seconds()
    for identity in range(2, runs + 1):
        shutil.copytree(logs / "1", logs / str(identity))
        config, info = (logs / str(identity) / "metadata" / name for name in ("config.yaml", "info.yaml"))
        config.write_text(config.read_text().replace("seed: 1", f"seed: {identity}"))
        text = info.read_text().replace(f"{logs}/1", f"{logs}/{identity}")
        info.write_text(text.replace("log_id: 1", f"log_id: {identity}"))
    return logs
