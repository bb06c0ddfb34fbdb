"""A run repeated and compared with what it was: whether it came out the same, and what was not as it had been."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from mlxp_fn.effects.inputs import changed_inputs
from mlxp_fn.effects.recorded_environments import environment_of
from mlxp_fn.effects.remarks import warn
from mlxp_fn.effects.run_dirs import read_info
from mlxp_fn.effects.store import read_runs
from mlxp_fn.errors import LaunchError
from mlxp_fn.records import RunInfo, Status
from mlxp_fn.repeating.rerunning import Repeated, rerun
from mlxp_fn.results.cells import identity
from mlxp_fn.results.comparison import flat_environment
from mlxp_fn.results.verdicts import Cells, Change, Verdict, differing_facts, findings
from mlxp_fn.versions.recorded import recorded_code

_FACTS = ("python", "os", "gpu", "cpus", "user")
_SEED = "config.seed"
_FILE = "info.current_file_path"


def replicate(
    run_dir: str | os.PathLike[str], tolerance: float | None = None, tell: Callable[[str], Any] = warn
) -> Verdict:
    """Repeat a run from its record, and say whether it came out the same and what was not as it had been.

    Numbers may differ by `tolerance`, of the larger or absolutely; without one by as much as the completed runs of
    the same config but for the seed lie apart, and not at all where there are none. Raises `LaunchError` for a run
    that cannot be repeated or has not ended.
    """
    place = Path(run_dir).absolute()
    if tolerance is not None and not tolerance >= 0:
        raise LaunchError(f"a tolerance is a number from 0, not {tolerance!r}")
    if read_info(place).status in (Status.STARTING, Status.RUNNING):
        raise LaunchError(f"run {place.name} has not ended: there is nothing yet to compare with")
    data = tuple(Change(what=f"data {one.path}", was=one.sha256, now=one.now) for one in changed_inputs(place))
    repeated = rerun(place, tell)
    return _judged(place, repeated, tolerance, data)


def _judged(place: Path, repeated: Repeated, tolerance: float | None, data: tuple[Change, ...]) -> Verdict:
    runs = {int(row["info.logger.log_id"]): row.cells for row in read_runs(place.parent)}
    one, other = runs[repeated.origin], runs[repeated.id]
    alike = [] if tolerance is not None else [runs[run] for run in _other_seeds(one, runs)]
    seeds = {repr(cells.get(_SEED)) for cells in (one, *alike)}
    spread = f"the spread over {len(seeds)} seeds of the same config" if alike else "nothing"
    changed = differing_facts(_facts(place, read_info(place)), _facts(Path(repeated.dir), repeated.info))
    kept = (
        (Change(what="code", was=f"not to be had ({repeated.missing})", now="as it lies there"),)
        if repeated.missing
        else ()
    )
    return Verdict(
        origin=repeated.origin,
        repeated=repeated.id,
        findings=tuple(findings(one, other, tolerance, alike)),
        changes=(*kept, *changed, *data),
        by=spread if tolerance is None else f"a tolerance of {tolerance!r}",
    )


def _other_seeds(one: Cells, runs: Mapping[int, Cells]) -> Iterator[int]:
    """The completed runs of the same script and config but for the seed."""
    wanted = _but_seed(one)
    for run, cells in runs.items():
        others = cells.get(_SEED) != one.get(_SEED) and cells.get("info.status") == Status.COMPLETE.value
        if others and _but_seed(cells) == wanted:
            yield run


def _but_seed(cells: Cells) -> Any:
    config = {name: cell for name, cell in cells.items() if name.startswith("config.") and name != _SEED}
    # In a copy of the code a script has another path, and the same name.
    return identity({**config, _FILE: PurePath(str(cells.get(_FILE))).name})


def _facts(run_dir: Path, info: RunInfo) -> dict[str, Any]:
    """What a run depended on, a name for each fact that may decide on a result."""
    found, code = environment_of(run_dir), recorded_code(info)
    variables = found.get("variables")
    return {
        "code.commit": code.commit,
        "code.changed": not code.is_whole,
        "executable": python_path(info.executable),
        "hostname": info.hostname,
        **{name: found.get(name) for name in _FACTS},
        **{f"variable.{name}": value for name, value in (variables if isinstance(variables, dict) else {}).items()},
        **flat_environment(found),
    }


def python_path(executable: str) -> str:
    """A path with one name for `python`, `python3` and `python3.11`, which are one where they lie together.

    >>> python_path("/home/me/.venv/bin/python3"), python_path("/home/me/.venv/bin/python")
    ('/home/me/.venv/bin/python', '/home/me/.venv/bin/python')
    """
    return re.sub(r"(?<=/python)3?(\.[0-9]+)?$", "", executable)
