"""A scheduler as the settings describe it: every field is checked before anything is submitted with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import NOTHING, fields

from mlxp_fn.errors import SettingsError
from mlxp_fn.jobs.dialects.record import GIVEN, Dialect
from mlxp_fn.jobs.dialects.states import STATES
from mlxp_fn.nearest import nearest

_FIELDS = {attribute.name: attribute for attribute in fields(Dialect) if attribute.name != "name"}

_PATTERNS: Mapping[str, Sequence[str | int]] = {
    "job_id": (1,),
    "array_limit_pattern": (1,),
    **dict.fromkeys(("told_pattern", "name_without", "directory_without"), ()),
    **dict.fromkeys(("known_entry", "ended_entry"), ("job", "word")),
    "scripts_entry": ("job", "script"),
}
"""The fields that are regular expressions, with the groups that each must have."""

_TYPES: Mapping[str, tuple[type, str]] = {
    "str": (str, "a text"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "tuple[str, ...]": (list, "a list of texts, like [squeue, --me]"),
    "Mapping[str, str]": (Mapping, "a mapping of texts to texts"),
}


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dialect. Raises `SettingsError` for one that is not known, or a value that cannot be meant.

    >>> checked({"submit": ["flux", "batch"]})
    {'submit': ('flux', 'batch')}
    >>> checked({"submit": "flux batch"})
    Traceback (most recent call last):
    mlxp_fn.errors.SettingsError: mlxp.scheduler.submit is a list of texts, like [squeue, --me], not 'flux batch'
    """
    for name, value in given.items():
        if name not in _FIELDS:
            meant = nearest(name, _FIELDS)
            other = f"did you mean {meant[0]!r}?" if meant else f"there are {', '.join(_FIELDS)}"
            raise SettingsError(f"mlxp.scheduler has no {name!r}; {other}")
        for wrong in _mistakes(name, value):
            raise SettingsError(f"mlxp.scheduler.{name} {wrong}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def missing(given: Mapping[str, Any]) -> list[str]:
    """The fields that a scheduler needs and that are not given.

    >>> missing({"directive": "#flux:", "submit": ["flux", "batch"], "job_id": "(.+)", "known": [], "states": {}})
    ['name_flag', 'stdout_flag', 'stderr_flag', 'cancel']
    """
    return [name for name, attribute in _FIELDS.items() if attribute.default is NOTHING and name not in given]


def _mistakes(name: str, value: object) -> Iterator[str]:
    kind, wanted = _TYPES[str(_FIELDS[name].type)]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield f"is {wanted}, not {value!r}"
    elif isinstance(value, list | Mapping):
        texts = [*value, *value.values()] if isinstance(value, Mapping) else value
        yield from (f"is {wanted}, and {text!r} is no text" for text in texts if not isinstance(text, str))
    if name in _PATTERNS and isinstance(value, str) and value:
        yield from _mistakes_in_pattern(value, _PATTERNS[name])
    if name == "given" and value not in GIVEN:
        yield f"is one of {', '.join(GIVEN)}, not {value!r}"
    if name == "states" and isinstance(value, Mapping):
        for pattern, ours in value.items():
            yield from _mistakes_in_pattern(str(pattern), ())
            if ours not in STATES:
                yield f"has no {ours!r}; there are {', '.join(STATES)}"


def _mistakes_in_pattern(pattern: str, groups: Sequence[str | int]) -> Iterator[str]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        yield f"is no regular expression: {error} in {pattern!r}"
        return
    have = {*compiled.groupindex, *range(compiled.groups + 1)}
    for group in groups:
        if group not in have:
            yield f"needs a group {f'(?P<{group}>…)' if isinstance(group, str) else '(…)'} and {pattern!r} has none"
