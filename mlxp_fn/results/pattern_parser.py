"""From the text of a regular expression to what finds it.

    pattern   = [ "(?i)" ] either
    either    = sequence { "|" sequence }
    sequence  = { piece [ repeat [ "?" ] ] }
    repeat    = "*" | "+" | "?" | "{" n "}" | "{" [ n ] "," [ m ] "}"
    piece     = "(" [ "?:" ] either ")" | "[" [ "^" ] item { item } "]" | "." | "^" | "$" | one
    item      = one [ "-" one ]
    one       = a character that means nothing else | "\\" and one of d D w W s S n t r f v, or a sign

It means what it means to Python's `re.search`, but that `$` is the end of the text alone. What cannot be found in
linear time, backreferences and looking around, is no part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from mlxp_fn.errors import QueryError
from mlxp_fn.results.patterns import Piece, Test, any_of, edge, finder, in_turn, reading, repeated
from mlxp_fn.results.query_tokens import query_error

MAX_SIZE = 1000
"""How many nodes a pattern may have once its repetitions are written out."""

MAX_LENGTH = 10_000
"""How many characters a pattern may have."""

MAX_DEPTH = 50
"""How deep groups may stand in each other."""

IGNORE_CASE = "(?i)"

_TIMES = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_REPEATS = (*_TIMES, "{")
_SETS: dict[str, Test] = {"d": str.isdecimal, "w": lambda char: char.isalnum() or char == "_", "s": str.isspace}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}


Error = Callable[[str, int], QueryError]
"""Makes the error for what is wrong, and the place of it in the expression."""


@lru_cache(maxsize=128)
def pattern(text: str) -> Callable[[str], bool]:
    """What tells whether a regular expression is found anywhere in a text. Raises `QueryError`.

    >>> is_resnet = pattern("^res.*(18|50)$")
    >>> is_resnet("resnet50"), is_resnet("resnet50b")
    (True, False)
    """
    return finder(parse_pattern(text, lambda trouble, place: query_error(text, place, trouble)))


def parse_pattern(text: str, error: Error) -> Piece:
    """The regular expression as a graph of nodes to be; where it is none, the error is made and raised."""
    return _Parser(text, error).pattern()


class _Parser:
    """The expression, and the place that has been reached: one method for each line of the grammar."""

    def __init__(self, text: str, error: Error) -> None:
        self.text = text
        self.error = error
        self.ignoring_case = text.startswith(IGNORE_CASE)
        self.place = len(IGNORE_CASE) if self.ignoring_case else 0
        self.depth = 0

    def pattern(self) -> Piece:
        if len(self.text) > MAX_LENGTH:
            raise self.error(f"a pattern may be {MAX_LENGTH} characters long", MAX_LENGTH)
        found = self.either()
        if self.here:
            raise self.error("this ')' closes nothing; the character itself is '\\)'", self.place)
        return found

    def either(self) -> Piece:
        parts = [self.sequence()]
        while self.skip("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else self.small(any_of(parts))

    def sequence(self) -> Piece:
        parts: list[Piece] = []
        while self.here not in ("", "|", ")"):
            parts.append(self.item())
        return parts[0] if len(parts) == 1 else self.small(in_turn(parts))

    def item(self) -> Piece:
        start = self.place
        found = self.piece()
        times = self.times()
        if times is None:
            return found
        self.skip("?")  # as few as possible: found all the same
        if self.text[start] in "^$" or self.here in _REPEATS:
            raise self.error("there is nothing before it that can be repeated", self.place)
        return self.small(repeated(found, *times))

    def times(self) -> tuple[int, int | None] | None:
        for sign, times in _TIMES.items():
            if self.skip(sign):
                return times
        start = self.place
        if not self.skip("{"):
            return None
        low = self.digits()
        high = self.digits() if self.skip(",") else low
        if not self.skip("}") or self.place - start < 3 or self.text[start + 1 : self.place - 1] == ",":
            raise self.error("a repetition is written {2} or {2,5}; the character itself is '\\{'", start)
        least, most = int(low or 0), int(high) if high else None
        if most is not None and least > most:
            raise self.error(f"a repetition from {least} to {most} times is none", start)
        return least, most

    def digits(self) -> str:
        start = self.place
        while self.here and self.here in "0123456789":
            self.place += 1
        if self.place - start > len(str(MAX_SIZE)):
            raise self.error("this is repeated too often", start)
        return self.text[start : self.place]

    def piece(self) -> Piece:
        start = self.place
        if self.skip("("):
            return self.group(start)
        if self.skip("["):
            return self.choice(start)
        if self.skip("."):
            return reading(lambda char: char != "\n")
        if self.here in _REPEATS:
            raise self.error("there is nothing before it that can be repeated", start)
        for sign in "^$":
            if self.skip(sign):
                return edge(sign)
        return reading(self.folded(_test(self.one())))

    def group(self, start: int) -> Piece:
        if self.skip("?") and not self.skip(":"):
            raise self.error("of groups with '?' there is only '(?:', and '(?i)' at the beginning", start)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH} times", start)
        found = self.either()
        self.depth -= 1
        if not self.skip(")"):
            raise self.error("this '(' is never closed", start)
        return found

    def choice(self, start: int) -> Piece:
        negated = self.skip("^")
        tests = [self.member(start)]  # the first may be a ']'
        while not self.skip("]"):
            tests.append(self.member(start))
        one_of_them = self.folded(lambda char: any(test(char) for test in tests))
        return reading((lambda char: not one_of_them(char)) if negated else one_of_them)

    def member(self, start: int) -> Test:
        if not self.here:
            raise self.error("this '[' is never closed", start)
        begin = self.place
        low = self.one()
        if self.here != "-" or self.text[self.place + 1 : self.place + 2] in ("]", ""):
            return _test(low)
        self.skip("-")
        high = self.one()
        if not isinstance(low, str) or not isinstance(high, str) or low > high:
            raise self.error("a range goes from a character to one that is not before it, as in a-z", begin)
        return lambda char: low <= char <= high

    def one(self) -> str | Test:
        """A character, or the test of an escaped set."""
        start = self.place
        self.place += 1
        if self.text[start] != "\\":
            return self.text[start]
        char = self.here
        self.place += 1
        if char.lower() in _SETS:
            test = _SETS[char.lower()]
            return test if char.islower() else lambda other: not test(other)
        if not char or (char.isalnum() and char not in _CONTROLS):
            raise self.error(f"'\\{char}' means nothing in a pattern", start)
        return _CONTROLS.get(char, char)

    def folded(self, test: Test) -> Test:
        """The test, of a character in any case where case is ignored."""
        if not self.ignoring_case:
            return test
        return lambda char: test(char) or test(char.lower()) or test(char.upper())

    @property
    def here(self) -> str:
        return self.text[self.place : self.place + 1]

    def skip(self, char: str) -> bool:
        found = self.here == char
        self.place += found
        return found

    def small(self, piece: Piece) -> Piece:
        if piece.size > MAX_SIZE:
            raise self.error("this pattern is too large, with its repetitions written out", self.place)
        return piece


def _test(one: str | Test) -> Test:
    return one.__eq__ if isinstance(one, str) else one
