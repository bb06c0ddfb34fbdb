"""The items of a defaults list, as records."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from mlxp_fn.errors import ConfigError

Option = str | None | tuple[str, ...]


class SelfItem(Struct, frozen=True):
    """`_self_`: the place of the file itself among its defaults."""


class ConfigItem(Struct, frozen=True):
    """A config file by its path, relative to the folder of the file with the list."""

    path: str
    package: str | None = None
    optional: bool = False


class GroupItem(Struct, frozen=True, kw_only=True):
    """One option, or several, of a group; with `override` it changes the choice of another item."""

    group: str
    option: Option
    package: str | None = None
    optional: bool = False
    override: bool = False


Item = SelfItem | ConfigItem | GroupItem


def parse_defaults(raw: Any, name: str) -> tuple[Item, ...]:
    """The items of the defaults list in the file `name`. Raises `ConfigError`, which names it.

    >>> parse_defaults([{"optional db@x": "mysql"}, "_self_"], "config.yaml")[1]
    SelfItem()
    """
    if not isinstance(raw, list):
        raise ConfigError(f"{name}: defaults is a list, such as [{{db: mysql}}, _self_], not {raw!r}")
    items = tuple(_item(entry, name) for entry in raw)
    if sum(isinstance(item, SelfItem) for item in items) > 1:
        raise ConfigError(f"{name}: _self_ stands more than once in the defaults list")
    _refuse_late_items(items, name)
    return items


def is_interpolated(item: Item) -> bool:
    """Whether the choice of an item depends on that of others."""
    match item:
        case ConfigItem(path=text) | GroupItem(option=str() as text):
            return "${" in text
        case _:
            return False


def _item(entry: Any, name: str) -> Item:
    match entry:
        case "_self_":
            return SelfItem()
        case str():
            words, path, package = _words(entry, name)
            if path == "_self_":
                raise ConfigError(f"{name}: _self_ has no package; put a line `# @package {package}` into the file")
            return ConfigItem(path, package, "optional" in words)
        case dict() if len(entry) == 1:
            [(key, value)] = entry.items()
            words, group, package = _words(str(key), name)
            return GroupItem(
                group=group,
                option=_option(group, value, name),
                package=package,
                optional="optional" in words,
                override="override" in words,
            )
        case dict():
            raise ConfigError(f"{name}: the defaults item {entry!r} has several keys; begin each with its own -")
        case _:
            raise ConfigError(f"{name}: {entry!r} in defaults is neither a config's name nor group: option")


def _words(text: str, name: str) -> tuple[list[str], str, str | None]:
    """The prefix words, the path and the package of an item."""
    *words, last = text.split() or [""]
    for word in words:
        if word not in ("optional", "override"):
            raise ConfigError(f"{name}: {word!r} in the defaults item {text!r} is neither optional nor override")
    path, at, package = last.partition("@")
    return words, path, package if at else None


def _option(group: str, value: Any, name: str) -> Option:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        for option in value:
            if not isinstance(option, str):
                raise ConfigError(f"{name}: the option {option!r} of {group} is no text; quote it: '{option}'")
            if "${" in option:
                raise ConfigError(
                    f"{name}: the option {option!r} of {group} stands in a list, where no ${{}} may be"
                )
        return tuple(value)
    raise ConfigError(f"{name}: the option of {group} is a text, a list of texts or null; quote it: '{value}'")


def _refuse_late_items(items: tuple[Item, ...], name: str) -> None:
    overridden = ""
    for item in items:
        if isinstance(item, GroupItem) and item.override:
            overridden = item.group
        elif overridden and not isinstance(item, SelfItem):
            raise ConfigError(
                f"{name}: `override {overridden}` must come after the items that are no overrides; move it down"
            )
