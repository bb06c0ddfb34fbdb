"""Regular expressions that cannot explode: a text is followed along all ways through a pattern at once.

A pattern is a graph of nodes (Thompson's construction); the set of nodes that a text may have led to is moved on
character by character, in time linear in the text whatever the pattern is. Sets that were met are remembered, up to
a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

MAX_REMEMBERED = 10_000
"""How many moves from set to set are remembered."""

Test = Callable[[str], bool]

_FOUND = 0  # the node where a pattern ends


@frozen
class Node:
    """A place in a pattern: the character it reads or the edge of the text it stands for, and what comes next."""

    nexts: tuple[int, ...]
    reads: Test | None = None
    edge: str = ""


@frozen
class Piece:
    """A part of a pattern: `build` adds its nodes before the one it is given, and returns the first of them."""

    size: int
    build: Callable[[list[Node], int], int]


def reading(test: Test) -> Piece:
    """One character for which the test holds."""
    return Piece(1, lambda nodes, after: _added(nodes, Node((after,), test)))


def edge(sign: str) -> Piece:
    """The beginning of the text, `^`, or its end, `$`."""
    return Piece(1, lambda nodes, after: _added(nodes, Node((after,), None, sign)))


def in_turn(parts: Sequence[Piece]) -> Piece:
    """One part after the other."""

    def build(nodes: list[Node], after: int) -> int:
        for part in reversed(parts):
            after = part.build(nodes, after)
        return after

    return Piece(sum(part.size for part in parts) or 1, build)


def any_of(parts: Sequence[Piece]) -> Piece:
    """One of the parts."""

    def build(nodes: list[Node], after: int) -> int:
        return _added(nodes, Node(tuple(part.build(nodes, after) for part in parts)))

    return Piece(1 + sum(part.size for part in parts), build)


def repeated(part: Piece, low: int, high: int | None) -> Piece:
    """The part, `low` to `high` times, or without an end."""

    def build(nodes: list[Node], after: int) -> int:
        if high is None:
            loop = _added(nodes, Node(()))
            nodes[loop] = Node((part.build(nodes, loop), after))
            start = loop
        else:
            start = after
            for _ in range(high - low):
                start = _added(nodes, Node((part.build(nodes, start), after)))
        for _ in range(low):
            start = part.build(nodes, start)
        return start

    return Piece((part.size + 1) * max(low + 1, high or 0), build)


def finder(pattern: Piece) -> Callable[[str], bool]:
    """What tells whether the pattern is found anywhere in a text.

    >>> finder(in_turn([edge("^"), repeated(reading("a".__eq__), 2, None)]))("aab")
    True
    """
    nodes = [Node(())]
    return _Follower(nodes, pattern.build(nodes, _FOUND)).finds


def _added(nodes: list[Node], node: Node) -> int:
    nodes.append(node)
    return len(nodes) - 1


class _State(dict[str, "_State"]):
    """A set of nodes: where characters lead from it, and whether the pattern is found if the text ends there."""

    __slots__ = ("ends", "follower", "places")

    def __init__(self, follower: _Follower, places: frozenset[int], edges: str = "") -> None:
        self.follower = follower
        self.places = places
        self.ends = _FOUND in follower.reached(places, edges + "$")

    def __missing__(self, char: str) -> _State:
        # Once found is found for good.
        return self if _FOUND in self.places else self.follower.move(self, char)


class _Follower:
    """Follows texts through the nodes of a pattern, and remembers its moves."""

    def __init__(self, nodes: Sequence[Node], entry: int) -> None:
        self.nodes = nodes
        self.entry = entry
        self.first = _State(self, self.reached([entry], "^"), "^")
        self.states: dict[frozenset[int], _State] = {}
        self.remembered = 0

    def finds(self, text: str) -> bool:
        state = self.first
        for char in text:
            state = state[char]
        return state.ends

    def move(self, state: _State, char: str) -> _State:
        if self.remembered >= MAX_REMEMBERED:
            self.states.clear()
            self.first.clear()
            self.remembered = 0
        self.remembered += 1
        before = (self.nodes[place] for place in state.places)
        nexts = (after for node in before if node.reads and node.reads(char) for after in node.nexts)
        places = self.reached([self.entry, *nexts])
        if places not in self.states:
            self.states[places] = _State(self, places)
        state[char] = self.states[places]
        return state[char]

    def reached(self, places: Iterable[int], edges: str = "") -> frozenset[int]:
        """The nodes that can be reached without reading, where `edges` of the text are."""
        found: set[int] = set()
        waiting = list(places)
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                node = self.nodes[place]
                if node.reads is None and (not node.edge or node.edge in edges):
                    waiting.extend(node.nexts)
        return frozenset(found)
