"""`mlxp new`: a project to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlxp_fn.effects.projects import Project


@click.command(name="new", short_help="Write a small project to start from.")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
def command(directory: Path) -> None:
    """Write a small project into DIR, and run nothing."""
    from mlxp_fn.effects.projects import python_as_typed, write_project
    from mlxp_fn.effects.screen import put

    project = write_project(directory)
    put(rendered(project))
    there = "" if directory == Path() else f"cd {shlex.quote(str(directory))} && "
    put(f"\nNext:\n  {there}{python_as_typed(directory)} main.py seed=1,2,3")


def rendered(project: Project) -> str:
    """Which files were written, and which were there already."""
    lines = []
    if project.written:
        lines.append(f"Wrote {', '.join(project.written)} into {project.directory}")
    if project.kept:
        lines.append(f"Kept {', '.join(project.kept)} as they are in {project.directory}")
    return "\n".join(lines)
