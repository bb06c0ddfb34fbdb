"""What submitting costs: python tests/benchmarks/submit.py [--runs N] [--here]

CPU time of `mlxpsub --array` for each run that it submits, to a stand-in for Slurm that takes everything, beside
that of a bare loop that makes the same folders and files; medians, measured in turns. With --here the Slurm of this
machine is called, and what its commands use is in the figure; its jobs are held, and cancelled afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from measure import Command

MAIN = """
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    pass

if __name__ == "__main__":
    task()
"""
CONFIG = "seed: 0\nlr: 0.1\noptimizer: {name: sgd, momentum: 0.9, betas: [0.9, 0.999]}\n"
SCRIPT = "#!/bin/bash\n#SBATCH --time=10\n\npython main.py 'seed=range({})'\n"
STAND_INS = {"sbatch": "echo $$", "scontrol": "echo MaxArraySize = 10001", "scancel": ":"}
BARE = """
import os, pathlib, sys

origin, copies = pathlib.Path("logs/2"), int(sys.argv[1])
folders = [str(path.relative_to(origin)) for path in sorted(origin.rglob("*")) if path.is_dir()]
contents = [(str(path.relative_to(origin)), path.read_bytes()) for path in origin.rglob("*") if path.is_file()]
for copy in range(copies):
    os.mkdir(f"copies/{copy}")
    for folder in folders:
        os.mkdir(f"copies/{copy}/{folder}")
    for name, content in contents:
        file = os.open(f"copies/{copy}/{name}", os.O_WRONLY | os.O_CREAT)
        os.write(file, content)
        os.close(file)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000, help="how many are submitted at once")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--here", action="store_true", help="call the Slurm of this machine")
    arguments = parser.parse_args()
    runs = arguments.runs
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        set_up(place, {} if arguments.here else STAND_INS, runs)
        # Each time in a new folder: some file systems are slow to use the place of deleted files again.
        figures = [measured(place, place / str(number), runs) for number in range(arguments.repetitions)]
    submitted, bare, seconds = (statistics.median(column) for column in zip(*figures, strict=True))
    print(f"{f'mlxpsub --array, CPU time for each of {runs} runs':<52}{submitted / runs * 1e3:8.2f} ms")
    print(f"{'a bare loop that makes the same folders and files':<52}{bare / runs * 1e3:8.2f} ms")
    print(f"{'all of them, from the command to the prompt':<52}{seconds:8.2f} s")


def set_up(place: Path, commands: Mapping[str, str], runs: int) -> None:
    """Write a project, its script, and the stand-ins for a scheduler's commands."""
    (place / "project/configs").mkdir(parents=True)
    (place / "project/main.py").write_text(MAIN)
    (place / "project/configs/config.yaml").write_text(CONFIG)
    (place / "project/train.sh").write_text(SCRIPT.format(runs))
    (place / "bin").mkdir()
    for name, text in commands.items():
        (place / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (place / "bin" / name).chmod(0o755)


def measured(place: Path, project: Path, runs: int) -> tuple[float, float, float]:
    """The CPU time of the submission and of the bare loop, and how long the submission took."""
    shutil.copytree(place / "project", project)
    (project / "copies").mkdir()
    path = f"{Path(sys.executable).parent}:{place / 'bin'}:{os.environ['PATH']}"
    begin = time.perf_counter()
    submitted = Command(
        arguments=["mlxpsub", "--array", "--hold", "--yes", "train.sh"],
        directory=project,
        environment={"PATH": path},
    ).cpu_seconds()
    seconds = time.perf_counter() - begin
    subprocess.run(["scancel", job_of(project / "logs/1")], env={**os.environ, "PATH": path}, check=False)
    bare = Command(arguments=[sys.executable, "-c", BARE, str(runs)], directory=project, environment={})
    return submitted, bare.cpu_seconds(), seconds


def job_of(run_dir: Path) -> str:
    """The array that a run was submitted in."""
    last = (run_dir / "metadata/events/0.jsonl").read_text().splitlines()[-1]
    return str(json.loads(last)["job_id"]).partition("_")[0]


if __name__ == "__main__":
    main()
