"""A user's own attrs class as a configuration, structured by cattrs with errors that name the key."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import attrs

from mlxp_fn.errors import ConfigError


def structured_as(
    kind: type, plain: Mapping[str, Any], where: str = "config", error: type[ConfigError] = ConfigError
) -> Any:
    """An instance of `kind` with the values of `plain`.

    Raises `error`, which says which key below `where`, what was given and what is wanted.
    """
    import cattrs

    try:
        return _converter().structure(plain, kind)
    except cattrs.BaseValidationError as errors:
        reasons = "; ".join(cattrs.transform_error(errors, path=where, format_exception=_reason))
        raise error(f"{where} is no {kind.__name__}: {reasons}") from errors


def unstructured(instance: Any) -> dict[str, Any]:
    """The plain data of an attrs instance: dicts, lists and scalars; paths and enums as their values."""
    plain: dict[str, Any] = _converter().unstructure(instance)
    return plain


def defaults_of(kind: type) -> dict[str, Any]:
    """The config that an attrs class describes: its defaults, and `???` where it has none."""
    return {each.name: _default(each) for each in attrs.fields(attrs.resolve_types(kind))}


def _default(each: attrs.Attribute[Any]) -> Any:
    match each.default:
        case attrs.NOTHING:
            return defaults_of(each.type) if each.type and attrs.has(each.type) else "???"
        case attrs.Factory(factory=factory, takes_self=False):  # type: ignore[misc]
            return _converter().unstructure(factory())
        case attrs.Factory():  # type: ignore[misc]
            return "???"
        case value:
            return _converter().unstructure(value)


def _converter() -> Any:
    import cattrs

    converter = cattrs.Converter(forbid_extra_keys=True)
    for scalar in (bool, int, str):
        converter.register_structure_hook(scalar, _exactly(scalar))
    converter.register_structure_hook(float, _number)
    converter.register_unstructure_hook_func(lambda kind: _is_a(kind, PurePath), str)
    converter.register_unstructure_hook_func(lambda kind: _is_a(kind, Enum), lambda member: member.value)
    return converter


def _is_a(kind: Any, wanted: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, wanted)


def _exactly(scalar: type) -> Any:
    def check(value: Any, _: Any) -> Any:
        # bool('false') is True: a value of another type is refused, not converted.
        if type(value) is not scalar:
            raise TypeError(f"{value!r} is not of type {scalar.__name__}")
        return value

    return check


def _number(value: Any, _: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is not of type float")
    return float(value)


def _reason(error: BaseException, kind: type | None) -> str:
    """One cause without cattrs' words for it."""
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing"
    return str(error)
