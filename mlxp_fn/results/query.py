"""The query language: its grammar, the records a query is made of, and the text of these.

    query       = either
    either      = both { ("|" | "or") both }
    both        = negated { ("&" | "and") negated }
    negated     = ("~" | "not") negated | "(" either ")" | "has" "(" key ")" | comparison
    comparison  = term link { link }
    link        = operator term | ( "=~" | "!~" ) text
    operator    = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not" "in"
    term        = key | function "(" key ")" | "at" "(" key "," integer ")" | literal
    function    = "first" | "last" | "min" | "max" | "mean" | "count"
    literal     = number | text | "true" | "false" | "none" | "null" | list | mapping
    list        = "[" [ literal { "," literal } [ "," ] ] "]"
    mapping     = "{" [ pair { "," pair } [ "," ] ] "}"
    pair        = ( text | word ) ":" literal

A key is words with dots or dashes between them, or any text in backticks. Outside a function it begins with
`config.` or `info.`; in a function it may be a metric, `train.loss`. A text stands in single or double quotes with
Python's escapes; a number is one of Python's, in decimal. Reserved words and functions are the same in any case of
letters, and white space does not matter. One side of a comparison at least is no literal. Behind `=~` and `!~`
stands a regular expression (see `mlxp_fn.results.pattern_parser`); a text beside `info.start` or `info.end` is a
time, one beside `info.age` an age. What a query means is told in `mlxp_fn.results.query_meaning`.
"""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

FUNCTIONS = ("first", "last", "min", "max", "mean", "count", "at")
CONTAINMENT = ("in", "not in")
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", *CONTAINMENT)
MATCHES = ("=~", "!~")

START, END = "info.start", "info.end"
AGE = "info.age"
"""How many seconds before it was read a run began: a column that no run has, made of `info.start`."""

WORDS = ("and", "or", "not", "in", "true", "false", "none", "null")

PLAIN_KEY = re.compile(r"(?!(?i:and|or|not|in)-\.?\d)[^\W\d]\w*(?:[.-]\w+)*")
"""A key that needs no backticks; `and-1` is two words."""


@frozen
class Key:
    """The name of a column."""

    name: str


@frozen
class Call:
    """A number made of a run's metric; `row` is the argument of `at`."""

    function: str
    key: Key
    row: int | None = None


@frozen
class Pairs:
    """A mapping written in a query."""

    items: tuple[tuple[str, Any], ...]


@frozen
class Literal:
    """A value written in a query: None, a boolean, number or text, a tuple for a list, `Pairs` for a mapping."""

    value: Any


Term = Key | Call | Literal


@frozen
class Comparison:
    """`first operator term operator term ...`, which holds when every neighbouring pair does."""

    first: Term
    links: tuple[tuple[str, Term], ...]

    def pairs(self) -> list[tuple[Term, str, Term]]:
        """The comparisons of two terms that it stands for."""
        lefts = [self.first, *(term for _, term in self.links)]
        return [(left, operator, right) for left, (operator, right) in zip(lefts, self.links, strict=False)]


@frozen
class Has:
    """A run has the column, whatever stands in it."""

    key: Key


@frozen
class Not:
    """The part does not hold."""

    part: Query


@frozen
class And:
    """All parts hold."""

    parts: tuple[Query, ...]


@frozen
class Or:
    """One of the parts holds."""

    parts: tuple[Query, ...]


Query = Comparison | Has | Not | And | Or


def render(query: Query) -> str:
    """The text of a query; `parse` makes the same query of it.

    >>> render(Not(And((Has(Key("config.lr")), Comparison(Key("config.my lr"), (("in", Literal((1, "a"))),))))))
    "~(has(config.lr) & `config.my lr` in [1, 'a'])"
    """
    match query:
        case Or(parts=parts):
            return " | ".join(_inner(part, (Or,)) for part in parts)
        case And(parts=parts):
            return " & ".join(_inner(part, (And, Or)) for part in parts)
        case Not(part=part):
            return f"~{_inner(part, (And, Or))}"
        case Has(key=key):
            return f"has({_term(key)})"
        case Comparison(first=first, links=links):
            return " ".join([_term(first), *(f"{operator} {_term(term)}" for operator, term in links)])


def keys(query: Query) -> list[str]:
    """The columns that a query compares, in its order; those it only asks about with `has` are not among them.

    >>> keys(Comparison(Key("info.age"), (("<", Call("last", Key("train.time"))),)))
    ['info.start', 'train.time']
    """
    match query:
        case Or(parts=parts) | And(parts=parts):
            return list(dict.fromkeys(key for part in parts for key in keys(part)))
        case Not(part=part):
            return keys(part)
        case Has():
            return []
        case Comparison(first=first, links=links):
            terms = (first, *(term for _, term in links))
            named = (term.key if isinstance(term, Call) else term for term in terms)
            columns = (START if term.name == AGE else term.name for term in named if isinstance(term, Key))
            return list(dict.fromkeys(columns))


def calls(query: Query) -> list[Call]:
    """The functions of metrics that a query asks for, each once."""
    match query:
        case Or(parts=parts) | And(parts=parts):
            return list(dict.fromkeys(call for part in parts for call in calls(part)))
        case Not(part=part):
            return calls(part)
        case Has():
            return []
        case Comparison(first=first, links=links):
            terms = (first, *(term for _, term in links))
            return list(dict.fromkeys(term for term in terms if isinstance(term, Call)))


def _inner(query: Query, looser: tuple[type, ...]) -> str:
    text = render(query)
    return f"({text})" if isinstance(query, looser) else text


def _term(term: Term) -> str:
    match term:
        case Key(name=name):
            plain = PLAIN_KEY.fullmatch(name) and name.lower() not in WORDS
            return name if plain else _quoted(name, "`")
        case Call(function=function, key=key, row=None):
            return f"{function}({_term(key)})"
        case Call(function=function, key=key, row=row):
            return f"{function}({_term(key)}, {row})"
        case Literal(value=value):
            return _literal(value)


def _literal(value: Any) -> str:
    match value:
        case None | bool():
            return str(value).lower()
        case float() if value in (float("inf"), float("-inf")):
            return "1e999" if value > 0 else "-1e999"
        case str():
            return _quoted(value, "'")
        case tuple():
            return f"[{', '.join(map(_literal, value))}]"
        case Pairs(items=items):
            return f"{{{', '.join(f'{_literal(key)}: {_literal(item)}' for key, item in items)}}}"
        case _:
            return repr(value)


def _quoted(text: str, quote: str) -> str:
    return quote + "".join(_escaped(char, quote) for char in text) + quote


def _escaped(char: str, quote: str) -> str:
    if char in (quote, "\\"):
        return f"\\{char}"
    return char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
