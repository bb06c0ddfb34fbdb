"""What can stand where a word of the command line is being typed: keys, groups, options, values and flags."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from mlxp_fn.config.argv import FLAGS, ONLY, Flag
from mlxp_fn.config.completion_words import SHELLS
from mlxp_fn.config.composition import SETTINGS, Composed
from mlxp_fn.config.grammar import parse_value
from mlxp_fn.config.overrides import parse_override
from mlxp_fn.config.render import render_value
from mlxp_fn.config.source_files import Sources
from mlxp_fn.config.syntax import parsed_value
from mlxp_fn.errors import OverrideError
from mlxp_fn.records import default_settings
from mlxp_fn.tree.paths import is_missing

_OVERRIDE = re.compile(r"(?P<sign>\+\+|\+|~|)(?P<name>[^=]*)(?:=(?P<value>.*))?", re.DOTALL)
_ELEMENTS = re.compile(r"(?P<before>(?:.*[,\[(])?)(?P<last>[^,\[(]*)", re.DOTALL)
_FLAGS = {name: flag for flag in FLAGS for name in flag.names}


def completions(
    sources: Sources,
    composed: Composed | None,
    words: Sequence[str],
    current: str,
    unsupported: Collection[str] = (),
) -> tuple[str, ...]:
    """The whole words that `current` can become, behind the finished `words`, sorted.

    `composed` is what the words make, None where they make nothing; flags whose fields are `unsupported` are left
    out. A word that ends in `.` or `=` is to be continued.
    """
    tree = _tree(composed)
    if any(word in ("-sc", "--shell-completion") for word in words):
        found: Iterable[str] = (f"{verb}={shell}" for verb in ("install", "uninstall") for shell in SHELLS)
    elif current.startswith("-"):
        found = _flags(sources, tree, current, unsupported)
    elif words and (flag := _FLAGS.get(words[-1])) and flag.value:
        found = _flag_values(sources, tree, flag, current)
    else:
        found = _overrides(sources, composed, tree, current)
    return tuple(sorted({word for word in found if word.startswith(current)}))


def _tree(composed: Composed | None) -> dict[Any, Any]:
    """The config and, below `mlxp`, the settings; what is missing or broken stands as its text."""
    if composed is None:
        return {SETTINGS: default_settings()}
    return {**composed.config.to_dict(strict=False), SETTINGS: composed.settings}


def _flags(sources: Sources, tree: Any, current: str, unsupported: Collection[str]) -> Iterator[str]:
    name, equals, value = current.partition("=")
    if equals:
        if flag := _FLAGS.get(name):
            yield from (f"{name}={word}" for word in _flag_values(sources, tree, flag, value))
        return
    for flag in FLAGS:
        if flag.field not in unsupported:
            # A lone - asks what flags there are: each is shown once, by its long name.
            yield from (known for known in flag.names if known.startswith("--") or current != "-")


def _flag_values(sources: Sources, tree: Any, flag: Flag, current: str) -> Iterable[str]:
    match flag.field:
        case "config_name":
            return sources.options("")
        case "package":
            job = {key: value for key, value in tree.items() if key != SETTINGS}
            return _paths(job, current)
        case "only":
            return _elements(ONLY, current)
        case _:
            # `--cfg hydra` is understood, in order to say that there is no Hydra here.
            return (choice for choice in flag.choices if choice != "hydra")


def _overrides(sources: Sources, composed: Composed | None, tree: Any, current: str) -> Iterator[str]:
    match = _OVERRIDE.fullmatch(current)
    if not match:
        return
    sign, name, value = match["sign"], match["name"], match["value"]
    if value is not None:
        yield from (f"{sign}{name}={word}" for word in _values(sources, tree, name, value))
        return
    groups = _groups(sources, composed, sign)
    if sign == "~":
        yield from (f"~{group}" for group in groups)
        yield from (f"~{path}" for path in _paths({key: tree[key] for key in tree if key != SETTINGS}, name))
    else:
        yield from (f"{sign}{group}=" for group in groups)
        yield from (f"{sign}{key}" for key in _keys(tree, name))


def _groups(sources: Sources, composed: Composed | None, sign: str) -> Iterable[str]:
    """The groups that an override with this sign can name: those chosen from, or, to add, the others."""
    chosen = {key for key in composed.choices if not key.startswith("hydra/")} if composed else set()
    every = {group for group in sources.groups() if sources.options(group)}
    match sign:
        case "++":
            return ()
        case "+":
            return every - chosen
        case _:
            return chosen if composed else every


def _keys(tree: Any, name: str) -> Iterator[str]:
    """The keys on the level that a dotted name has come to: `key.` where more are below, else `key=`."""
    above, dot, _ = name.rpartition(".")
    for key, value in _children(_at(tree, above) if dot else tree):
        full = f"{above}{dot}{key}"
        if _can_be_written(full):
            yield f"{full}." if isinstance(value, Mapping) and value else f"{full}="


def _paths(tree: Any, name: str) -> Iterator[str]:
    """The keys on that level without values: `key`, and `key.` where more are below."""
    for key in _keys(tree, name):
        yield key.rstrip("=.")
        if key.endswith("."):
            yield key


def _values(sources: Sources, tree: Any, name: str, value: str) -> Iterable[str]:
    """The options of a group, or what the key is now; behind a comma, those that are not given yet."""
    group = name.partition("@")[0]
    if group != "hydra" and sources.is_group(group):
        return _elements(sources.options(group), value)
    match _at(tree, name):
        case bool():
            return _elements(("false", "true"), value)
        case None if not _is_there(tree, name):
            return ()
        case str() as text if is_missing(text) or "${" in text:
            return ()
        case Mapping():
            return ()
        case present:
            text = _text(present)
            return _elements((text,), value) if not text.startswith("[") else (text,)


def _elements(options: Iterable[str], value: str) -> Iterator[str]:
    """The value with each of the options as its last element that it does not have yet."""
    match = _ELEMENTS.fullmatch(value)
    if match:
        given = re.split(r"[,\[(]", match["before"])
        yield from (f"{match['before']}{option}" for option in options if option not in given)


def _text(value: Any) -> str:
    """A value as the grammar reads it, as plainly as it can be written."""
    if isinstance(value, str):
        try:
            if parse_value(value, 0) == value:
                return value
        except OverrideError:
            pass
    return render_value(parsed_value(value))


def _at(tree: Any, name: str) -> Any:
    node = tree
    for key in name.split("."):
        node = dict(_children(node)).get(key)
    return node


def _is_there(tree: Any, name: str) -> bool:
    above, dot, key = name.rpartition(".")
    return key in dict(_children(_at(tree, above) if dot else tree))


def _children(node: Any) -> Iterator[tuple[str, Any]]:
    """What is in a mapping or a list, by the words of a dotted key."""
    if isinstance(node, Mapping):
        yield from ((str(key), value) for key, value in node.items())
    elif isinstance(node, (list, tuple)):
        yield from ((str(index), value) for index, value in enumerate(node))


def _can_be_written(key: str) -> bool:
    try:
        return parse_override(f"{key}=1").key == key
    except OverrideError:
        return False
