"""A user's own attrs class as a configuration, structured by cattrs with errors that name the key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from enum import Enum
from functools import cache
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

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
        reasons = cattrs.transform_error(errors, path=where, format_exception=_reason)
        raise error("; ".join(map(_key_first, reasons))) from errors
    except cattrs.StructureHandlerNotFoundError as unknown:
        raise error(f"{where} is no {kind.__name__}: {unknown}") from unknown


def unstructured(instance: Any) -> dict[str, Any]:
    """The plain data of an attrs instance: dicts, lists and scalars; paths and enums as their values."""
    plain: dict[str, Any] = _converter().unstructure(instance)
    return plain


def defaults_of(kind: type) -> dict[str, Any]:
    """The config that an attrs class describes: its defaults, and `???` where it has none."""
    fields = attrs.fields(attrs.resolve_types(kind))
    return {each.name: _default(each) for each in fields if each.init and not _is_computed(each)}


def _is_computed(each: attrs.Attribute[Any]) -> bool:
    """Whether only the class can say the default, from the values of other fields."""
    return bool(getattr(each.default, "takes_self", False))


def _default(each: attrs.Attribute[Any]) -> Any:
    match each.default:
        case attrs.NOTHING:
            return defaults_of(each.type) if each.type and attrs.has(each.type) else "???"
        case attrs.Factory(factory=factory):  # type: ignore[misc]
            return _converter().unstructure(factory())
        case value:
            return _converter().unstructure(value)


@cache
def _converter() -> Any:
    import cattrs

    converter = cattrs.Converter(forbid_extra_keys=True, structure_fallback_factory=lambda _: _refused)
    converter.register_structure_hook_func(_is_union, _member_of_union)
    for scalar in (bool, int, str):
        converter.register_structure_hook(scalar, _exactly(scalar))
    converter.register_structure_hook(float, _number)
    shapes = _Shapes(converter)
    converter.register_structure_hook_factory(shapes.concern, shapes.checking)
    converter.register_unstructure_hook_func(lambda kind: _is_a(kind, PurePath), str)
    converter.register_unstructure_hook_func(lambda kind: _is_a(kind, Enum), lambda member: member.value)
    return converter


class _Shapes:
    """What refuses a value of the wrong shape before cattrs iterates over it: list('abc') would succeed."""

    def __init__(self, converter: Any) -> None:
        self._converter = converter
        self._asked: list[Any] = []

    def concern(self, kind: Any) -> bool:
        # While cattrs is asked for a type's own hook, that type is none of ours.
        return kind not in self._asked and (attrs.has(kind) or _is_collection(kind))

    def checking(self, kind: Any) -> Callable[[Any, Any], Any]:
        """The hook that cattrs has for `kind`, behind a check."""
        self._asked.append(kind)
        try:
            structure = self._converter.get_structure_hook(kind, cache_result=False)
        finally:
            self._asked.pop()

        def structured(value: Any, _: Any) -> Any:
            if not _has_shape(value, kind):
                raise TypeError(f"{value!r} is not of type {_named(kind)}")
            return structure(value, kind)

        # For a mapping cattrs has just put its own hook before all others.
        self._converter.register_structure_hook_func(lambda other: other == kind, structured)
        return structured


def _is_collection(kind: Any) -> bool:
    """Whether a type is made of several values: not a text, nor an enum, of texts or of flags."""
    kind = get_origin(kind) or kind
    return _is_a(kind, Collection) and not _is_a(kind, (str, bytes, Enum))


def _has_shape(value: Any, kind: Any) -> bool:
    """Whether a value is the mapping, or the list, that a class or a collection is made of."""
    if attrs.has(kind) or _is_a(get_origin(kind) or kind, Mapping):
        return isinstance(value, Mapping)
    return _is_collection(type(value)) and not isinstance(value, Mapping)


def _is_a(kind: Any, wanted: type | tuple[type, ...]) -> bool:
    return isinstance(kind, type) and issubclass(kind, wanted)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _member_of_union(value: Any, union: Any) -> Any:
    """`value` as the one member that is exactly its type, or else as the first that takes it."""
    members = get_args(union)
    if type(value) in members and isinstance(value, (bool, int, float, str, NoneType)):
        return value
    able = [each for each in members if _may_be(value, each)]
    if not able and isinstance(value, Mapping):
        able = [each for each in members if attrs.has(each)]
    if len(able) == 1:  # whose own error names the key below
        return _converter().structure(value, able[0])
    for each in able:
        # What a member's own converter or validator may raise is the user's.
        with suppress(Exception):
            return _converter().structure(value, each)
    raise TypeError(f"{value!r} is not of type {' or '.join(map(_named, members))}")


def _may_be(value: Any, member: Any) -> bool:
    """Whether a member of a union is worth a try."""
    kind = get_origin(member) or member
    if kind in (bool, int, str, NoneType):
        return False  # none is made from another type
    if kind is float:
        return type(value) is int
    if attrs.has(kind):
        return isinstance(value, Mapping) and _has_keys(kind, value.keys())
    return not _is_collection(kind) or _has_shape(value, kind)


def _has_keys(kind: Any, given: Collection[str]) -> bool:
    fields = [each for each in attrs.fields(kind) if each.init]
    required = {each.name for each in fields if each.default is attrs.NOTHING}
    return required <= set(given) <= {each.name for each in fields}


def _exactly(scalar: type) -> Any:
    def check(value: Any, kind: Any) -> Any:
        if _is_a(kind, Enum):  # cattrs asks here for an IntEnum or a StrEnum too
            return kind(value)
        # bool('false') is True: a value of another type is refused, not converted.
        if type(value) is not scalar:
            raise TypeError(f"{value!r} is not of type {scalar.__name__}")
        return value

    return check


def _number(value: Any, _: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is not of type float")
    return float(value)


def _refused(value: Any, kind: Any) -> Any:
    raise TypeError(f"{value!r} cannot be made into {_named(kind)}, which no config can hold")


def _named(kind: Any) -> str:
    if kind is NoneType:
        return "None"
    if attrs.has(kind):
        return f"{kind.__name__}({', '.join(each.name for each in attrs.fields(kind) if each.init)})"
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)


def _key_first(told: str) -> str:
    """Cattrs' `reason @ key` as `key: reason`."""
    reason, _, key = told.rpartition(" @ ")
    return f"{key}: {reason}"


def _reason(error: BaseException, kind: type | None) -> str:
    """One cause without cattrs' words for it."""
    import cattrs

    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        return f"unknown key{'s' * (len(error.extra_fields) > 1)} {', '.join(sorted(error.extra_fields))}"
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing"
    return str(error)
