"""CPU time of child processes, user and system, and the median of interleaved repetitions."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from attrs import frozen


class ChildFailedError(RuntimeError):
    """A measured process did not end with status 0."""


@frozen(kw_only=True)
class Command:
    """A process to measure; `fresh` puts its directory back into the state it must find."""

    arguments: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    fresh: Callable[[], None] = lambda: None

    def cpu_seconds(self) -> float:
        """Run it and return what it and its children used."""
        self.fresh()
        child = subprocess.Popen(
            self.arguments,
            cwd=self.directory,
            # Forbidden bytecode would have a checkout compiled at every start, and an installed package not.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        errors = child.stderr.read() if child.stderr else b""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise ChildFailedError(errors.decode(errors="replace").strip().rpartition("\n")[2])
        return usage.ru_utime + usage.ru_stime


@frozen(kw_only=True)
class Measurement:
    """`work` does `count` times what `idle` does not do."""

    work: Command
    idle: Command
    count: int = 1


def interleaved(measurements: Sequence[Measurement], repetitions: int) -> list[float]:
    """The seconds of each: medians over repetitions, which take turns so that noise falls on all alike.

    Raises `ChildFailedError` where one of the processes fails.
    """
    seconds: list[list[float]] = [[] for _ in measurements]
    for _ in range(repetitions):
        for measurement, collected in zip(measurements, seconds, strict=True):
            difference = measurement.work.cpu_seconds() - measurement.idle.cpu_seconds()
            collected.append(difference / measurement.count)
    return [median(collected) for collected in seconds]
