"""Overrides that choose options of groups, told from those that give values."""

from __future__ import annotations

from collections.abc import Sequence

from mlxp_fn.config.default_items import GroupItem, Option
from mlxp_fn.config.defaults_list import Choices
from mlxp_fn.config.source_files import Sources
from mlxp_fn.config.syntax import ABSENT, Change, Override, Pairs, plain_value
from mlxp_fn.errors import OverrideError


def sorted_out(sources: Sources, overrides: tuple[Override, ...]) -> tuple[list[Override], list[Override]]:
    """The overrides that choose options of groups, and those that give values."""
    groups: list[Override] = []
    values: list[Override] = []
    for override in overrides:
        refuse_sweep(override)
        if sources.is_group(override.key) and not isinstance(override.value, Pairs) and override.key != "hydra":
            groups.append(override)
        elif override.package is not None:
            key = override.key
            raise OverrideError(
                f"{override.text}: {key} is no group; a package (@) can be given to a group's option"
            )
        else:
            values.append(override)
    return groups, values


def refuse_sweep(override: Override) -> None:
    """Raise `OverrideError` for an override that stands for several values."""
    if override.is_sweep:
        name, _, value = override.text.partition("=")
        raise OverrideError(
            f"{override.text} stands for several values, and one config is composed here; a list is written "
            f"{name}=[{value}], a text {name}='{value}', and a sweep needs a sweep (in Hydra --multirun)"
        )


def choices_of(groups: Sequence[Override]) -> Choices:
    """What the overrides of groups say. Raises `OverrideError` for one that says nothing."""
    options: dict[str, Option] = {}
    deleted: dict[str, str | None] = {}
    appended: list[GroupItem] = []
    texts: dict[str, str] = {}
    for override in groups:
        name = override.key if override.package is None else f"{override.key}@{override.package}"
        texts[name] = override.text
        match override.change:
            case Change.CHANGE:
                options[name] = _option(override)
            case Change.ADD:
                item = GroupItem(group=override.key, option=_option(override), package=override.package)
                appended.append(item)
            case Change.DELETE:
                deleted[name] = _deleted_option(override)
            case _:
                raise OverrideError(
                    f"{override.text}: a group is not force-added; write {name}=... to change its choice or "
                    f"+{name}=... to append it"
                )
    return Choices(options, deleted, tuple(appended), texts)


def _option(override: Override) -> Option:
    match plain_value(override.value):
        case str() as option:
            return option
        case list() as options if all(isinstance(option, str) for option in options):
            return tuple(options)
        case value:
            raise OverrideError(
                f"{override.text}: an option of {override.key} is a text or a list of texts, not {value!r}; "
                f"quote it: {override.name}='{override.text.partition('=')[2]}'"
            )


def _deleted_option(override: Override) -> str | None:
    if override.value is ABSENT or override.value is None:
        return None
    option = _option(override)
    return option if isinstance(option, str) else ",".join(option or ())
