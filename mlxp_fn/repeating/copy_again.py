"""What a job's script starts where the copy of its code was deleted while the job waited: it is made again.

python -m mlxp_fn.repeating.copy_again ROOT COPY DIRECTORY RUN
"""

from __future__ import annotations

import sys
from pathlib import Path

from mlxp_fn.config.settings import structured
from mlxp_fn.effects.code_users import note_use
from mlxp_fn.effects.copying import copy_of
from mlxp_fn.effects.marks import stand_ready
from mlxp_fn.effects.submodules import fill_submodules
from mlxp_fn.effects.terminal import say
from mlxp_fn.errors import MlxpError
from mlxp_fn.launching.recorded import job_of_record


def make_again(root: str, copy: str, directory: str, run_dir: Path) -> None:
    """Make the copy of the repository at `root` that a run starts from, with the directory in it.

    Raises `VersionError` where the commit is not there any more.
    """
    allowed = structured(job_of_record(run_dir).settings).version_manager.allow
    place = Path(copy)
    made = copy_of(root, place.name, place, lambda unfinished: fill_submodules(root, unfinished, allowed))
    note_use(made, str(run_dir.parent))
    stand_ready(directory)


def main() -> int:
    """Make it again; the exit status says whether it is there."""
    root, copy, directory, run_dir = sys.argv[1:]
    say(f"the copy of the code {copy} is not there, and is made again")
    try:
        make_again(root, copy, directory, Path(run_dir))
    except MlxpError as error:
        say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
