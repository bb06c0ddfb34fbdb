"""`mlxp demo`: the whole way from one function to an answer, in a project that can be kept."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mlxp_fn.cli.new import rendered

AXES = ("optimizer.lr=0.03,0.3", "model.hidden=8,32")
SEEDS = 3
"""How many seeds a demo runs each setting with."""


@click.command(name="demo", short_help="Run and read a sweep in a small project.")
@click.argument("directory", metavar="[DIR]", default="mlxp-demo", type=click.Path(path_type=Path))
def command(directory: Path) -> None:
    """Write a small project into DIR (./mlxp-demo), run a sweep of 12 runs in it and read them.

    Called again it adds 12 runs with other seeds; files that you have edited stay as they are.
    """
    from mlxp_fn.effects.projects import python_as_typed, run_script, write_project
    from mlxp_fn.effects.screen import put

    check_extras()
    project = write_project(directory)
    python = python_as_typed(directory)
    sweep = (*AXES, seeds_after(_seeds_in(directory / "logs")))
    put(f"{rendered(project)}\n\n$ cd {shlex.quote(str(directory))}")
    for script, arguments in (("main.py", sweep), ("read.py", ())):
        put(f"$ {shlex.join([python, script, *arguments])}")
        run_script(directory, script, *arguments)
        put("")
    put(_next_commands(directory, python))


def check_extras() -> None:
    """Raise `MissingExtraError` where a package that the demo needs is not installed."""
    from importlib.util import find_spec

    from mlxp_fn.errors import MissingExtraError

    missing = [name for name in ("sklearn", "matplotlib") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"the demo needs {' and '.join(missing)}; install with: pip install 'mlxp-fn[demo]'"
        )


def seeds_after(used: Iterable[Any]) -> str:
    """The override that gives a demo seeds no run had yet.

    >>> seeds_after([])
    'seed=1,2,3'
    >>> seeds_after([1, 2, 3, "x"])
    'seed=4,5,6'
    """
    first = 1 + max((seed for seed in used if isinstance(seed, int)), default=0)
    return "seed=" + ",".join(str(seed) for seed in range(first, first + SEEDS))


def _seeds_in(logs: Path) -> list[Any]:
    import mlxp_fn as mlxp

    if not logs.is_dir():
        return []
    return [run.get("config.seed") for run in mlxp.runs(logs)]


def _next_commands(directory: Path, python: str) -> str:
    there, mlxp = shlex.quote(str(directory)), shlex.quote(str(Path(python).with_name("mlxp")))
    return f"""Three commands worth trying next:
  cd {there} && {python} main.py optimizer.lr=1 model.hidden=8,64 seed=1,2,3
  cd {there} && {mlxp} ls --sort -test.accuracy
  cd {there} && {mlxp} report"""
