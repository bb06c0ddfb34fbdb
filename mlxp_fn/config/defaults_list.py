"""The defaults list: which files a config is made of, in which order, and where each is put."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from mlxp_fn.config.advice import no_choice, no_primary, not_deleted, not_there, unused
from mlxp_fn.config.default_items import (
    ConfigItem,
    GroupItem,
    Item,
    Option,
    SelfItem,
    is_interpolated,
)
from mlxp_fn.config.hydra_node import HYDRA_ITEMS
from mlxp_fn.config.packages import Package, absolute_path, item_package, override_key
from mlxp_fn.config.source_files import SourceFile, Sources
from mlxp_fn.errors import ConfigError, InterpolationError, MissingConfigError
from mlxp_fn.tree.interpolation import Surroundings, resolved_text
from mlxp_fn.tree.paths import is_missing


class Part(Struct, frozen=True):
    """The contents of one file, the node that they go to, and the files whose defaults led to it."""

    path: str
    package: Package
    body: Any
    trail: tuple[str, ...] = ()


class Choices(Struct, frozen=True):
    """What the overrides say about groups: options by key, deleted keys, and items to append."""

    options: Mapping[str, Option] = field(default_factory=dict)
    deleted: Mapping[str, str | None] = field(default_factory=dict)
    appended: tuple[GroupItem, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


class DefaultsList(Struct, frozen=True):
    """The parts of a config in the order of merging, and the option that each group got."""

    parts: tuple[Part, ...]
    choices: Mapping[str, Option]


def defaults_list(
    sources: Sources,
    config_name: str,
    choices: Choices,
    surroundings: Surroundings,
    *,
    may_be_absent: bool = False,
) -> DefaultsList:
    """Resolve the defaults list of the primary config.

    Raises `MissingConfigError` for a file that is not there, `ConfigError` for a list that makes no sense or an
    override that changes nothing.
    """
    primary = sources.find(config_name) if config_name else None
    if primary is None:
        if not may_be_absent:
            raise MissingConfigError(no_primary(sources, config_name))
        primary = SourceFile(config_name, None, None, {})
    if not isinstance(primary.body, dict):
        raise ConfigError(f"{primary.path}.yaml holds a list; a primary config holds a mapping")
    search = _Search(sources, choices, surroundings)
    parts = tuple(search.primary(primary, config_name))
    search.refuse_unused()
    return DefaultsList(parts, search.made)


class _Place(Struct, frozen=True):
    """Where an item stands: in which file, its folder, its package, and the files that led there."""

    file: str
    folder: str
    package: Package
    trail: tuple[str, ...]
    interpolated: bool = False


class _Override(Struct):
    option: Option
    origin: str
    used: bool = False


class _Search:
    """One walk through the tree of defaults lists, from the last item to the first."""

    def __init__(self, sources: Sources, choices: Choices, surroundings: Surroundings) -> None:
        self.sources = sources
        self.choices = choices
        self.surroundings = surroundings
        self.overrides = {key: _Override(option, "") for key, option in choices.options.items()}
        self.deleted: set[str] = set()
        self.known: dict[str, Option] = {}
        self.claimed: dict[str, Option] = {}
        self.made: dict[str, Option] = {}

    def primary(self, file: SourceFile, name: str) -> list[Part]:
        # What is appended goes where the header of the primary config says, but its group is from the root.
        root = _Place("", "", file.package or (), ())
        folder = name.rpartition("/")[0]
        package = file.package if file.package is not None else item_package(None, folder, ())
        place = _Place(file.path, folder, package, (file.path,))
        self.note(file.defaults or (), place)
        self.note(self.choices.appended, root)
        appended = self.items(self.choices.appended, root)
        own = self.file(file, place)
        return [*self.hydras_own(), *own, *appended]

    def hydras_own(self) -> list[Part]:
        """What was chosen instead of Hydra's own defaults, which are empty here."""
        parts: list[Part] = []
        for item in HYDRA_ITEMS:
            if any(item.group in known for known in (self.overrides, self.choices.deleted, self.made)):
                parts += self.group(item, _Place("", "", (), ()))
            else:
                self.made[item.group] = item.option
        return parts

    def note(self, items: tuple[Item, ...], place: _Place) -> None:
        """Before anything is visited: what a list overrides, and what its groups are by default."""
        for item in items:
            if not isinstance(item, GroupItem):
                continue
            key = self.key(item, place)
            if not item.override:
                if not is_interpolated(item):
                    self.known.setdefault(key, item.option)
            elif place.interpolated:
                raise ConfigError(
                    f"{place.file}.yaml: a config that was chosen by an interpolation cannot override {key}"
                )
            else:
                self.overrides.setdefault(key, _Override(item.option, place.file))

    def file(self, file: SourceFile, place: _Place) -> list[Part]:
        """The parts of a file: its defaults and, where `_self_` stands, itself."""
        items = file.defaults or ()
        if not any(isinstance(item, SelfItem) for item in items):
            items = (*items, SelfItem())
        own = Part(file.path, place.package, file.body, place.trail)
        return self.items(items, place, own)

    def items(self, items: tuple[Item, ...], place: _Place, own: Part | None = None) -> list[Part]:
        """The parts of a list. Interpolations come last: they may ask for the choices of the others."""
        found: dict[int, list[Part]] = {}
        places = range(len(items) - 1, -1, -1)
        for index in sorted(places, key=lambda index: is_interpolated(items[index])):
            match items[index]:
                case SelfItem():
                    found[index] = [own] if own else []
                case ConfigItem() as item:
                    found[index] = list(self.config(item, place))
                case GroupItem() as item:
                    found[index] = [] if item.override else list(self.group(item, place))
        return [part for index in range(len(items)) for part in found[index]]

    def group(self, item: GroupItem, place: _Place) -> Iterator[Part]:
        key = self.key(item, place)
        override = self.overrides.get(key)
        option = override.option if override else item.option
        if override:
            override.used = True
        if isinstance(option, str) and self.delete(key, option):
            return
        if option is None and self.delete(key, None):
            return
        if not isinstance(option, tuple):
            self.claim(key, option)
        if is_missing(option):
            raise ConfigError(no_choice(self.sources, absolute_path(item.group, place.folder), key, place.file))
        interpolated = place.interpolated or (isinstance(option, str) and "${" in option)
        if isinstance(option, str):
            option = self.interpolated(option, place)
        self.made[key] = option
        names = option if isinstance(option, tuple) else () if option is None else (option,)
        for name in names:
            written = f"{item.group}/{name}"
            yield from self.visit(written, item, place, interpolated)

    def claim(self, key: str, option: Option) -> None:
        """Refuse a group that is chosen twice for one package; lists of options may stand beside a choice."""
        if key in self.claimed:
            before = self.claimed[key]
            if before == option is None:
                return
            if before == option:
                raise ConfigError(f"{key} appears more than once in the defaults list")
            raise ConfigError(
                f"there are several values for {key} in the defaults list: {option} and {before}; to change one "
                f"write {key}={before} without +, or `override {key}: {before}` in a defaults list"
            )
        self.claimed[key] = option

    def config(self, item: ConfigItem, place: _Place) -> Iterator[Part]:
        interpolated = place.interpolated or "${" in item.path
        path = self.interpolated(item.path, place)
        yield from self.visit(path, item, place, interpolated)

    def visit(
        self, written: str, item: ConfigItem | GroupItem, place: _Place, interpolated: bool
    ) -> Iterator[Part]:
        """The parts of the file that an item names, or none where an optional one is not there."""
        path = absolute_path(written, place.folder)
        file = self.sources.find(path)
        if file is None:
            if item.optional:
                return
            raise MissingConfigError(not_there(self.sources, path, place.file))
        if path in place.trail:
            circle = " -> ".join([*place.trail[place.trail.index(path) :], path])
            raise ConfigError(f"the defaults lists go in a circle: {circle}")
        group = item.group if isinstance(item, GroupItem) else written.rpartition("/")[0]
        package = item_package(item.package, group, place.package, place.folder)
        if item.package is None and file.package is not None:
            package = file.package
        inner = _Place(file.path, path.rpartition("/")[0], package, (*place.trail, path), interpolated)
        self.note(file.defaults or (), inner)
        yield from self.file(file, inner)

    def key(self, item: GroupItem, place: _Place) -> str:
        """The name by which this item is overridden."""
        package = item_package(item.package, item.group, place.package, place.folder)
        return override_key(absolute_path(item.group, place.folder), package)

    def delete(self, key: str, option: str | None) -> bool:
        if key not in self.choices.deleted or self.choices.deleted[key] not in (None, option):
            return False
        self.deleted.add(key)
        self.known.pop(key, None)
        return True

    def interpolated(self, text: str, place: _Place) -> str:
        """The option or path with the choices of other groups filled in."""
        if "${" not in text:
            return text
        known = {
            key: self.overrides[key].option if key in self.overrides else option
            for key, option in self.known.items()
            if key not in self.choices.deleted
        }
        filled = re.sub(r"\$\{([^{}:]+)\}", lambda match: str(known.get(match[1]) or match[0]), text)
        try:
            return resolved_text(filled, self.surroundings)
        except InterpolationError as error:
            raise ConfigError(
                f"{place.file}.yaml: {text} in defaults can name the choices of groups only; known are "
                f"{', '.join(f'${{{key}}}' for key in known) or 'none'}"
            ) from error

    def refuse_unused(self) -> None:
        """Refuse an override that no item of the defaults list answers to, and a deletion of nothing."""
        for key, override in self.overrides.items():
            if not override.used:
                text = self.choices.texts.get(key, key)
                raise ConfigError(unused(key, override.origin, text, self.made))
        for key, name in self.choices.deleted.items():
            if key not in self.deleted:
                text = self.choices.texts.get(key, key)
                raise ConfigError(not_deleted(key if name is None else f"{key}={name}", text, self.made))
