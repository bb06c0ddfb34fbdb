"""What code versions cost a launch: python tests/benchmarks/versions.py [--quick]

In a repository of 1,000 files of which nothing has changed since the copy was made: what finding the version takes
beyond git's own status, what the second start of the script takes, and what versions add to each further job of a
sweep. CPU time of all processes, git's included; medians of repetitions that take turns.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Command, Measurement, interleaved

FILES = 1_000
MAIN = """
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    pass

if __name__ == "__main__":
    task()
"""
FIND = """
import sys
import mlxp_fn.launcher
from mlxp_fn.launching.version_manager import make_version
from mlxp_fn import GitVM
if sys.argv[1] == "find":
    GitVM(".work_dir", code_dir=".", log_dir="logs").version
"""
VERSIONED = "+mlxp.use_version_manager=true"
FURTHER_JOBS = 49


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    repetitions = 5 if parser.parse_args().quick else 25
    with tempfile.TemporaryDirectory() as directory:
        project = repository(Path(directory) / "project")
        launched(project, VERSIONED).cpu_seconds()  # makes the copy
        measured = rows(project)
        found = dict(zip(measured, interleaved(list(measured.values()), repetitions), strict=True))
    status, finding, plain, versioned, job, versioned_job = found.values()
    print(f"{'CPU time, median':<52}{'ms':>8}")
    for name, seconds in (
        ("git status, 1,000 files", status),
        ("finding the version, beyond git status", finding - status),
        ("a launch", plain),
        ("a launch with versions, the second start included", versioned),
        ("a further job of a sweep", job),
        ("a further job of a sweep with versions", versioned_job),
    ):
        print(f"{name:<52}{seconds * 1e3:8.1f}")


def rows(project: Path) -> dict[str, Measurement]:
    """What is measured, in the order in which `main` takes it apart."""
    nothing, status, idle, find = (
        Command(arguments=arguments, directory=project, environment={})
        for arguments in (
            ["true"],
            ["git", "status", "--porcelain"],
            [sys.executable, "-c", FIND, "idle"],
            [sys.executable, "-c", FIND, "find"],
        )
    )
    sweep = f"+seed={','.join(map(str, range(FURTHER_JOBS + 1)))}"
    return {
        "status": Measurement(work=status, idle=nothing),
        "finding": Measurement(work=find, idle=idle),
        "launch": Measurement(work=launched(project), idle=nothing),
        "versioned": Measurement(work=launched(project, VERSIONED), idle=nothing),
        "job": Measurement(work=launched(project, sweep), idle=launched(project), count=FURTHER_JOBS),
        "versioned job": Measurement(
            work=launched(project, VERSIONED, sweep), idle=launched(project, VERSIONED), count=FURTHER_JOBS
        ),
    }


def repository(path: Path) -> Path:
    """A repository of so many files in folders, with a script."""
    for number in range(FILES - 3):
        file = path / f"package{number % 20}/module{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"NUMBER = {number}\n" * 20)
    (path / "configs").mkdir()
    (path / "configs/config.yaml").write_text("lr: 0.1\n")
    (path / "main.py").write_text(MAIN)
    (path / ".gitignore").write_text("__pycache__/\nlogs/\n")
    who = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "a commit"]):
        subprocess.run(["git", "-C", path, *words], check=True)
    return path


def launched(project: Path, *overrides: str) -> Command:
    """Launch the task, in a log directory without runs."""

    def fresh() -> None:
        shutil.rmtree(project / "logs", ignore_errors=True)

    arguments = [sys.executable, "main.py", *overrides]
    return Command(arguments=arguments, directory=project, environment={}, fresh=fresh)


if __name__ == "__main__":
    main()
