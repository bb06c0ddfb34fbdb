"""From the text of a query to its records, along the grammar in `mlxp_fn.results.query`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlxp_fn.errors import QueryError, QueryKeyError
from mlxp_fn.results.pattern_parser import parse_pattern
from mlxp_fn.results.query import (
    FUNCTIONS,
    MATCHES,
    OPERATORS,
    And,
    Call,
    Comparison,
    Has,
    Key,
    Literal,
    Not,
    Or,
    Pairs,
    Query,
    Term,
)
from mlxp_fn.results.query_tokens import Token, query_error, tokens
from mlxp_fn.results.times import scale

MAX_DEPTH = 50
"""How deep parentheses, negations and lists may stand in each other; Python's own stack is no measure."""

SEARCHABLE = ("config.", "info.")


def parse(text: str) -> Query:
    """The query that a text stands for.

    Raises `QueryError`, which marks the place and says what was expected there, and `QueryKeyError` for a key
    that can never be queried.

    >>> parse("~config.lr in [0.1] & info.status == 'COMPLETE'").parts[1]
    Comparison(first=Key(name='info.status'), links=(('==', Literal(value='COMPLETE')),))
    """
    return _Parser(text).query()


class _Parser:
    """The words of one text, and the place that has been reached: one method for each line of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = tokens(text)
        self.here = next(self.words)
        self.ahead = next(self.words, self.here)
        self.before = self.here
        self.depth = 0

    def query(self) -> Query:
        found = self.either()
        if self.here.kind != "end":
            raise self.expected("'&', '|' or the end")
        return found

    def either(self) -> Query:
        parts = [self.both()]
        while self.skip("|", "or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Query:
        parts = [self.negated()]
        while self.skip("&", "and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negated(self) -> Query:
        if self.skip("~", "not"):
            return Not(self.deeper(self.negated))
        if self.skip("("):
            found: Query = self.deeper(self.either)
            self.need(")", "'&', '|' or ')'")
            return found
        if self.is_call("has"):
            self.next()
            self.next()
            key = self.key()
            self.need(")", "')'")
            return Has(key)
        return self.comparison()

    def comparison(self) -> Query:
        starts = [self.here.start]
        terms = [self.term("a key such as config.seed, a function, '~' or '('")]
        signs: list[str] = []
        while not signs or self.is_operator():
            place = self.here.start
            sign = self.operator()
            starts.append(self.here.start)
            terms.append(self.pattern() if sign in MATCHES else self.term(f"a value or a key after {sign!r}"))
            signs.append(sign)
            if isinstance(terms[-2], Literal) and isinstance(terms[-1], Literal):
                raise query_error(self.text, place, "one side of a comparison must be a key, without quotes")
            self.check_times(terms[-2], sign, terms[-1], starts[-2:])
        return Comparison(terms[0], tuple(zip(signs, terms[1:], strict=True)))

    def check_times(self, left: Term, sign: str, right: Term, starts: list[int]) -> None:
        wanted = scale(left, sign, right)
        for start, term in zip(starts, (left, right), strict=True):
            value = term.value if wanted and isinstance(term, Literal) else ()
            texts = [item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, str)]
            if wanted and any(wanted.read(text) is None for text in texts):
                raise query_error(self.text, start, f"expected {wanted.meant}")

    def pattern(self) -> Literal:
        if self.here.kind != "text":
            raise self.expected("a pattern in quotes")
        token = self.next()
        as_it_stands = token.text[1:-1] == token.value  # without escapes, places in one are places in the other

        def error(trouble: str, place: int) -> QueryError:
            return query_error(self.text, token.start + (1 + place) * as_it_stands, trouble)

        parse_pattern(token.value, error)
        return Literal(token.value)

    def is_operator(self) -> bool:
        kind = self.here.kind
        return kind in OPERATORS or kind in MATCHES or (kind == "not" and self.ahead.kind == "in")

    def operator(self) -> str:
        if not self.is_operator():
            raise self.expected("one of " + " ".join(OPERATORS + MATCHES))
        kind = self.next().kind
        return f"not {self.next().kind}" if kind == "not" else kind

    def term(self, what: str) -> Term:
        if self.is_call(*FUNCTIONS):
            return self.call()
        if self.here.kind == "key":
            return self.searchable_key()
        return Literal(self.literal(what))

    def searchable_key(self) -> Key:
        key = self.next()
        if not key.value.startswith(SEARCHABLE):
            raise query_error(
                self.text,
                key.start,
                f"the key {key.value!r} cannot be queried: keys begin with config. or info., "
                f"texts stand in quotes, metrics in a function such as last({key.value})",
                QueryKeyError,
            )
        return Key(key.value)

    def call(self) -> Call:
        function = self.next().text.lower()
        self.next()
        key, row = self.key(), None
        if function == "at":
            self.need(",", "',' and the number of a row")
            row = self.row()
        self.need(")", "')'")
        return Call(function, key, row)

    def row(self) -> int:
        value = self.here.value
        if self.here.kind != "literal" or type(value) is not int or value < 0:
            raise self.expected("the number of a row, from 0")
        self.next()
        return value

    def key(self) -> Key:
        if self.here.kind != "key":
            raise self.expected("a key")
        return Key(self.next().value)

    def literal(self, what: str = "a value") -> Any:
        if self.skip("["):
            return self.deeper(lambda: tuple(self.until("]", self.literal)))
        if self.skip("{"):
            return self.deeper(lambda: Pairs(tuple(self.until("}", self.pair))))
        if self.here.kind not in ("literal", "text"):
            raise self.expected(what)
        return self.next().value

    def pair(self) -> tuple[str, Any]:
        if self.here.kind != "text" and not (self.here.kind == "key" and "." not in self.here.value):
            raise self.expected("a name, or a text in quotes")
        name = self.next().value
        self.need(":", "':'")
        return name, self.literal()

    def until(self, closing: str, item: Callable[[], Any]) -> list[Any]:
        found: list[Any] = []
        while not self.skip(closing):
            if found:
                self.need(",", f"',' or {closing!r}")
                if self.skip(closing):
                    break
            found.append(item())
        return found

    def next(self) -> Token:
        self.before, self.here, self.ahead = self.here, self.ahead, next(self.words, self.ahead)
        return self.before

    def skip(self, *kinds: str) -> bool:
        found = self.here.kind in kinds
        if found:
            self.next()
        return found

    def need(self, kind: str, what: str) -> None:
        if not self.skip(kind):
            raise self.expected(what)

    def is_call(self, *names: str) -> bool:
        return self.here.kind == "key" and self.here.text.lower() in names and self.ahead.kind == "("

    def deeper(self, rule: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise query_error(self.text, self.before.start, f"nested deeper than {MAX_DEPTH} times")
        found = rule()
        self.depth -= 1
        return found

    def expected(self, what: str) -> QueryError:
        found = "the query ends" if self.here.kind == "end" else f"there is {self.here.text[:40]!r}"
        return query_error(self.text, self.here.start, f"expected {what}, but {found}")
