"""Which scheduler a script is for: the settings say, or else its directives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve

from mlxp_fn.errors import SettingsError
from mlxp_fn.jobs.dialects.described import checked, missing
from mlxp_fn.jobs.dialects.lsf import LSF
from mlxp_fn.jobs.dialects.moab import MOAB
from mlxp_fn.jobs.dialects.oar import OAR
from mlxp_fn.jobs.dialects.record import Dialect
from mlxp_fn.jobs.dialects.sge import SGE
from mlxp_fn.jobs.dialects.slurm import SLURM
from mlxp_fn.jobs.dialects.slurm_torque import SLURM_TORQUE
from mlxp_fn.jobs.dialects.torque import OPENPBS, TORQUE

DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect for dialect in (SLURM, OAR, SGE, TORQUE, OPENPBS, SLURM_TORQUE, LSF, MOAB)
}
"""The schedulers that are known without being told; another is a record more."""


_DIRECTIVES = {word for each in DIALECTS.values() for word in (each.directive, *each.other_directives)}


def dialect_of(
    settings: Mapping[str, Any], script: str, answers: Callable[[Dialect], bool] = lambda dialect: True
) -> Dialect:
    """The dialect that the settings describe, or else one whose directives the script has and that `answers`.

    `settings` name a known one and may give any field another value; `like` names the one that a new one is
    made of; a directive names whichever takes it and answers. Raises `SettingsError` for a name or a field that
    is not known.

    >>> dialect_of({"name": "here", "like": "slurm", "submit": ["mysbatch"]}, "").submit
    ('mysbatch',)
    >>> dialect_of({}, "#OAR -l /nodes=1").name
    'oar'
    >>> dialect_of({"name": "#BSUB"}, "").name
    'lsf'
    """
    given = dict(settings)
    name = str(given.pop("name", ""))
    if name in _DIRECTIVES:
        return dialect_of(given, f"{name} ", answers)
    name = name.lower()
    base = str(given.pop("like", name)).lower()
    values = checked(given)
    if base in DIALECTS:
        return evolve(DIALECTS[base], name=name or base, **values)
    if not base:
        chosen = _by_directives(script, answers)
        return evolve(chosen, **values) if values else chosen
    lacking = missing(values)
    if lacking:
        known = ", ".join(DIALECTS)
        besides = f"; one of your own needs {', '.join(lacking)}, too" if values else ""
        raise SettingsError(f"mlxp.scheduler: there is no scheduler {base!r}; there are {known}{besides}")
    return Dialect(name=name, **values)


def _by_directives(script: str, answers: Callable[[Dialect], bool]) -> Dialect:
    """Whose own directives stand in the script, or else one that takes them, too; anyone where there are none."""
    lines = script.splitlines()
    own = [each for each in DIALECTS.values() if any(begins(line, (each.directive,)) for line in lines)]
    too = [each for each in DIALECTS.values() if any(begins(line, each.other_directives) for line in lines)]
    candidates = [*own, *too] or list(DIALECTS.values())
    return next((each for each in candidates if answers(each)), candidates[0])


def begins(line: str, directives: Sequence[str]) -> str | None:
    """The directive that a line of a script begins with.

    >>> begins("#$ -N name", ["#$"]), begins("#$HOME is the place", ["#$"])
    ('#$', None)
    """
    return next((each for each in directives if line.startswith(each) and line[len(each) :][:1] in " \t-"), None)
