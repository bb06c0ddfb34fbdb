"""In what two runs differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.browsing.choice import Choice
from mlxp_fn.effects.code_differences import code_difference
from mlxp_fn.effects.recorded_environments import environment_of
from mlxp_fn.effects.recorded_repositories import code_of, root_of_record
from mlxp_fn.effects.snapshots import has_commit
from mlxp_fn.errors import LogDirError, SelectionError, VersionError
from mlxp_fn.results.comparison import code_facts, comparison, flat_environment
from mlxp_fn.results.frame import Frame
from mlxp_fn.versions.differences import CodeDifference
from mlxp_fn.versions.recorded import RecordedCode


@frozen(kw_only=True)
class Difference:
    """What is not the same in two runs: `rows` with columns `key` and one for each.

    `code` is how their commits differ, None where they are the same or cannot be compared; `remarks` say why, and
    what else nobody knows of their code.
    """

    rows: Frame
    code: CodeDifference | None
    remarks: tuple[str, ...]


def difference(asked: Choice) -> Difference:
    """What is not the same in two runs. `SelectionError` unless two."""
    ids = asked.ids()
    if len(ids) != 2:
        raise SelectionError(f"a difference is between two runs, not {len(ids)}; mlxp compare shows more")
    places = [asked.place / str(run) for run in ids]
    code, remarks = _difference_of_code(places)
    facts = [{**_environment(place), **lines} for place, lines in zip(places, code_facts(code), strict=True)]
    return Difference(rows=comparison(asked.runs(), facts, only_changed=True), code=code, remarks=remarks)


def _difference_of_code(places: list[Path]) -> tuple[CodeDifference | None, tuple[str, ...]]:
    """How the code of two runs differs, as far as that can be known, and what cannot."""
    try:
        codes = {place.absolute(): code_of(place.absolute()) for place in places}
        if not any(code.commit for code in codes.values()):
            return None, ()
        remarks = tuple(remark for place, code in codes.items() if (remark := _unknown(place, code)))
        one, other = (code.commit for code in codes.values())
        if one is None or other is None or one == other:
            return None, remarks
        return code_difference(_common_root(codes), one, other), remarks
    except (VersionError, LogDirError) as error:
        return None, (f"the code of these runs cannot be compared: {error}",)


def _unknown(place: Path, code: RecordedCode) -> str | None:
    if code.commit is None:
        return f"no commit of the code of run {place.name} is recorded"
    return None if code.is_whole else f"run {place.name} may have run with changes to its commit that nobody kept"


def _common_root(codes: dict[Path, RecordedCode]) -> str:
    """The repository that holds the commits of both runs. Raises `VersionError` where there is none."""
    roots = [root_of_record(code, place.parent) for place, code in codes.items()]
    for root in roots:
        if all(has_commit(root, code.commit) for code in codes.values() if code.commit):
            return root
    raise VersionError(f"one lies in {roots[0]}, the other in {roots[1]}, and neither has both commits")


def _environment(run_dir: Path) -> dict[str, Any]:
    """What is stored of a run's packages and hardware; nothing of a run that has not begun, or that MLXP made."""
    if not (run_dir / layout.events_file(1)).exists():
        return {}
    return flat_environment(environment_of(run_dir))
