"""Composing, and the start of a script, beside hydra-core: tests/benchmarks/compose.py [--hydra-python PYTHON]

Three config groups chosen by override, 60 keys, interpolations; every value of the result is read. CPU time, in
turns, so that a busy machine slows both. Without an interpreter that has hydra-core 1.3.8, ours alone is measured.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Command, Measurement, interleaved

GROUPS = {"model": ("mlp", "cnn"), "optimizer": ("sgd", "adam"), "data": ("mnist", "cifar")}
CHOICES = ("model=mlp,cnn", "optimizer=sgd,adam", "data=mnist,cifar")

OURS = """
import sys, time
from collections.abc import Mapping
from mlxp_fn.config.sweeps import sweep_of
from mlxp_fn.effects.sources import read_sources

def read(value):
    if isinstance(value, Mapping):
        return sum(read(item) for item in value.values())
    return sum(map(read, value)) if isinstance(value, tuple) else 1

directory, jobs, choices = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
begin = time.process_time()
sweep = sweep_of(read_sources(directory), [*choices, f"seed=range({jobs // 8})", "optimizer.lr=0.01"])
leaves = [read(job.config) for job in sweep]
print((time.process_time() - begin) / len(leaves), leaves[0])
"""

HYDRAS = """
import itertools, sys, time
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

def read(value):
    if isinstance(value, dict):
        return sum(read(item) for item in value.values())
    return sum(map(read, value)) if isinstance(value, list) else 1

directory, jobs, choices = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
groups = [[f"{c.partition('=')[0]}={o}" for o in c.partition("=")[2].split(",")] for c in choices]
with initialize_config_dir(directory, version_base=None):
    compose("config")
    begin = time.process_time()
    leaves = []
    for seed, chosen in itertools.islice(enumerate(itertools.cycle(itertools.product(*groups))), jobs):
        config = compose("config", overrides=[*chosen, f"seed={seed}", "optimizer.lr=0.01"])
        leaves.append(read(OmegaConf.to_container(config, resolve=True)))
print((time.process_time() - begin) / len(leaves), leaves[0])
"""


OUR_SCRIPT = """
import mlxp_fn as mlxp

@mlxp.launch(config_path="configs")
def task(ctx):
    assert ctx.config.out

task()
"""

HYDRAS_SCRIPT = """
import hydra

@hydra.main(version_base=None, config_path="configs", config_name="config")
def task(config):
    assert config.out

task()
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hydra-python", type=os.path.abspath, help="an interpreter that has hydra-core 1.3.8")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        configs = write_configs(Path(directory) / "configs")
        ours, theirs = [], []
        for _ in range(arguments.rounds):
            ours.append(measured(sys.executable, OURS, configs, 1000))
            if arguments.hydra_python:
                theirs.append(measured(arguments.hydra_python, HYDRAS, configs, 16))
        print_starts(Path(directory), arguments.hydra_python, 3 * arguments.rounds)
    ours_ms = statistics.median(ours) * 1000
    print(f"mlxp_fn: {ours_ms:.3f} ms of CPU a job, every value read (1000 jobs: {ours_ms:.3f} s)")
    if theirs:
        theirs_ms = statistics.median(theirs) * 1000
        print(f"hydra-core: {theirs_ms:.1f} ms a job; ratio {theirs_ms / ours_ms:.0f}")


def print_starts(directory: Path, hydra_python: str | None, repetitions: int) -> None:
    """A script's whole process, a run logged by us and none by Hydra, less that of a bare interpreter."""
    scripts = {"mlxp_fn": (sys.executable, OUR_SCRIPT)}
    if hydra_python:
        scripts["hydra-core"] = (hydra_python, HYDRAS_SCRIPT)
    measurements = []
    for name, (python, text) in scripts.items():
        file = directory / f"{name.replace('-', '_')}_script.py"
        file.write_text(text)
        bare = Command(arguments=[python, "-c", "pass"], directory=directory, environment={})
        work = Command(
            arguments=[python, str(file), *(c.partition(",")[0] for c in CHOICES)],
            directory=directory,
            environment={},
        )
        measurements.append(Measurement(work=work, idle=bare))
    seconds = dict(zip(scripts, interleaved(measurements, repetitions), strict=True))
    for name, value in seconds.items():
        print(f"start of a script over bare Python, {name}: {value * 1000:.0f} ms of CPU")
    if hydra_python:
        print(f"ratio {seconds['hydra-core'] / seconds['mlxp_fn']:.1f}")


def write_configs(place: Path) -> str:
    """The config directory of a project with three groups of two options each, and 60 keys in every job."""
    defaults = "".join(f"  - {group}: {options[0]}\n" for group, options in GROUPS.items())
    own = "".join(f"  key_{number}: {number}\n" for number in range(15))
    texts = {
        "config": f"defaults:\n{defaults}  - _self_\nseed: 0\nname: ${{model.name}}-${{optimizer.name}}-${{seed}}\n"
        f"out: runs/${{name}}\ntrainer:\n{own}  width: ${{model.width}}\n",
    }
    for group, options in GROUPS.items():
        for option in options:
            lines = "".join(f"{group}_{number}: [{number}.5, text, true]\n" for number in range(11))
            texts[f"{group}/{option}"] = f"name: {option}\nlr: 1e-3\nwidth: 64\nhalf: ${{.width}}\n{lines}"
    for path, text in texts.items():
        file = place / f"{path}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return str(place)


def measured(python: str, script: str, directory: str, jobs: int) -> float:
    """Seconds of CPU a job, once the libraries are imported."""
    command = [python, "-W", "ignore", "-c", script, directory, str(jobs), *CHOICES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{python} could not compose:\n{done.stderr}")
    return float(done.stdout.split()[0])


if __name__ == "__main__":
    main()
