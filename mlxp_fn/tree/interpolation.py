"""`${...}` in a configuration, resolved: a pure function of the tree and of its surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen
from msgspec import Struct

from mlxp_fn.errors import InterpolationError
from mlxp_fn.tree.interpolation_grammar import Call, Elements, Entries, Joined, Reference, parse_interpolated
from mlxp_fn.tree.paths import Path, child, dotted, is_missing, keys_of
from mlxp_fn.tree.resolvers import IMPURE, RESOLVERS, call_foreign

_ATOMS = frozenset({int, float, bool, type(None)})


class Surroundings(Struct, frozen=True, kw_only=True):
    """What resolvers may ask beside the config: environment, clock, and what `${hydra:...}` stands for."""

    environ: Mapping[str, str] = {}
    now: datetime | None = None
    hydra: Mapping[str, Any] = {}

    def __repr__(self) -> str:
        """Without the environment: it may hold secrets."""
        return f"Surroundings(now={self.now!r}, hydra={self.hydra!r})"


@frozen
class Broken:
    """A value whose interpolation cannot be resolved: `text` is what stood there, `error` is raised on access."""

    text: str
    error: Exception = field(eq=False)


class Symbol(str):
    """The text of an interpolation that is not a function of the config, standing for its value."""

    __slots__ = ()


def resolve(tree: Any, surroundings: Surroundings, *, symbolic: bool = False) -> Any:
    """A copy of `tree` in which values stand for their interpolations, or `Broken` where there is no value.

    With `symbolic` the interpolations that ask the surroundings stand as their text.

    >>> resolve({"a": 1, "b": {"c": "${a}", "d": "v${..a}-${.c}"}}, Surroundings())
    {'a': 1, 'b': {'c': 1, 'd': 'v1-1'}}
    """
    return Resolution(tree, surroundings, symbolic).tree(tree, ())


def resolved_text(text: str, surroundings: Surroundings) -> str:
    """A text that stands in no tree, its interpolations resolved. Raises `InterpolationError`."""
    return str(Resolution({}, surroundings, False).evaluate(parse_interpolated(text), ()))


def is_interpolated(value: Any) -> bool:
    """Whether a value is a text with an interpolation in it."""
    return isinstance(value, str) and "${" in value


class Resolution:
    """One pass over one tree: remembers what it has resolved and what it is just resolving."""

    def __init__(self, root: Any, surroundings: Surroundings, symbolic: bool) -> None:
        """Begin a pass over `root`."""
        self.root = root
        self.surroundings = surroundings
        self.symbolic = symbolic
        self._known: dict[Path, Any] = {}
        self._open: list[Path] = []

    def tree(self, node: Any, path: Path) -> Any:
        """The node at `path` with all below it resolved; what cannot be is `Broken`."""
        if isinstance(node, dict):
            return {
                key: value if type(value) in _ATOMS else self._below(value, path, key)
                for key, value in node.items()
            }
        if isinstance(node, list):
            return [
                value if type(value) in _ATOMS else self._below(value, path, index)
                for index, value in enumerate(node)
            ]
        return self._below(node, path[:-1], path[-1]) if is_interpolated(node) else node

    def _below(self, value: Any, parent: Path, key: Any) -> Any:
        # By type alone: this is asked of every value of every job.
        kind = type(value)
        if kind is dict or kind is list:
            return self.tree(value, (*parent, key))
        if not is_interpolated(value):
            return value
        try:
            return self.leaf(value, (*parent, key))
        except InterpolationError as error:
            return Broken(value, error)

    def leaf(self, text: str, path: Path) -> Any:
        """The value of one interpolated text. Raises `InterpolationError`."""
        if path not in self._known:
            self._enter(path)
            try:
                self._known[path] = self.evaluate(parse_interpolated(text), path)
            finally:
                self._open.pop()
        return self._known[path]

    def _enter(self, path: Path) -> None:
        if path in self._open:
            circle = [*self._open[self._open.index(path) :], path]
            raise InterpolationError(f"interpolations go in a circle: {' -> '.join(map(dotted, circle))}")
        self._open.append(path)

    def evaluate(self, expression: Any, path: Path) -> Any:
        """The value of a parsed expression that stands at `path`."""
        match expression:
            case Joined(parts=parts):
                return self._joined([self.evaluate(part, path) for part in parts])
            case Reference():
                return self._referred(expression, path)
            case Call():
                return self._called(expression, path)
            case Elements(items=items):
                return [self.evaluate(item, path) for item in items]
            case Entries(items=items):
                return {self.evaluate(key, path): self.evaluate(value, path) for key, value in items}
            case _:
                return expression

    def _joined(self, values: list[Any]) -> str:
        text = "".join(map(str, values))
        return Symbol(text) if any(isinstance(value, Symbol) for value in values) else text

    def _referred(self, reference: Reference, path: Path) -> Any:
        node, found = self._locate(reference, path)
        if is_missing(node):
            raise InterpolationError(
                f"{reference.source} in {dotted(path)}: {dotted(found or reference.keys)} has no value (???)"
            )
        return node if found is None else self._whole(node, found)

    def target(self, reference: Reference, path: Path) -> Path | None:
        """The place that a reference at `path` leads to, or None where it leads to no place in the tree."""
        try:
            return self._locate(reference, path)[1]
        except InterpolationError:
            return None

    def _whole(self, node: Any, path: Path) -> Any:
        return self.leaf(node, path) if is_interpolated(node) else self.tree(node, path)

    def _locate(self, reference: Reference, path: Path) -> tuple[Any, Path | None]:
        """The node that a reference leads to and its place; no place where a resolver made the node."""
        if reference.level > len(path):
            raise InterpolationError(f"{reference.source} in {dotted(path)}: there is nothing above the root")
        base = path[: len(path) - reference.level] if reference.level else ()
        keys = [str(self.evaluate(key, path)) for key in reference.keys]
        found = self._walk((*base, *keys))
        if found is None:
            raise InterpolationError(
                f"{reference.source} in {dotted(path)}: there is no key {dotted((*base, *keys))!r}"
            )
        return found

    def _walk(self, keys: Path) -> tuple[Any, Path | None] | None:
        node, here = self.root, ()  # type: tuple[Any, Path | None]
        for key in keys:
            if is_interpolated(node) and here is not None:
                node, here = self._through(node, here)
            step = child(node, key)
            if step is None:
                return None
            real, node = step
            here = None if here is None else (*here, real)
        return node, here

    def _through(self, text: str, path: Path) -> tuple[Any, Path | None]:
        """Where a reference stands in the middle of a path, go on behind it."""
        expression = parse_interpolated(text)
        if not isinstance(expression, Reference):
            return self.leaf(text, path), None
        self._enter(path)
        try:
            node, here = self._locate(expression, path)
        finally:
            self._open.pop()
        return self._through(node, here) if is_interpolated(node) and here is not None else (node, here)

    def select(self, key: str, path: Path, default: Any = None) -> Any:
        """The value at a dotted key, relative with leading dots, or `default` where there is none."""
        level = len(key) - len(key.lstrip("."))
        base = path[: len(path) - level] if level else ()
        found = self._walk((*base, *keys_of(key.lstrip("."))))
        if found is None or is_missing(found[0]):
            return default
        node, here = found
        return node if here is None else self._whole(node, here)

    def _called(self, call: Call, path: Path) -> Any:
        name = call.name if isinstance(call.name, str) else str(self.evaluate(call.name, path))
        if self.symbolic and name in IMPURE:
            return Symbol(call.source)
        arguments = [self.evaluate(argument, path) for argument in call.arguments]
        if any(isinstance(argument, Symbol) for argument in arguments):
            return Symbol(call.source)
        try:
            if name in RESOLVERS:
                return RESOLVERS[name](self, path, *arguments)
            return call_foreign(self, path, name, arguments, call.texts)
        except InterpolationError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise InterpolationError(f"{call.source} in {dotted(path)} failed: {reason}") from error
