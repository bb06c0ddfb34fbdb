"""What a query means for one run: the plain evaluator, and the table it keeps to.

The run has `config.lr: 0.1`, `config.name: "resnet50"`, `config.none: null`, `config.layers: [64, 32]`,
`config.model: {width: 8, depth: 2}`, `info.start: "2026-11-23T10:00:00.000000Z"`, and was read two days later;
its metrics are `train.loss: [0.5, 0.25, 0.75]`, `train.diverged: [1.0, NaN]` and `train.note: ["a", 1]`.

| what                                   | holds                                | does not hold                   |
| -------------------------------------- | ------------------------------------ | ------------------------------- |
| equal, or not: numbers by their value  | config.lr == 1e-1                    | config.lr == '0.1'              |
|                                        | config.lr != '0.1'                   | config.name != "resnet50"       |
| ordered: numbers, or texts, or lists   | config.lr <= 0.1                     | config.name < 1                 |
| nothing is ordered beside null         | config.none == null                  | config.none >= 0                |
| a chain is every neighbouring pair     | 0.01 < config.lr <= 1                | 0.5 < config.lr < 1             |
|                                        | 1 > config.lr != 0.2                 | 1 > config.lr < 0.05            |
| in a list: an item is equal            | config.lr in [1, 0.1]                | config.lr in []                 |
|                                        | 32 in config.layers                  | 1 in config.layers              |
| in a text: a part of it                | 'net' in config.name                 | 5 in config.name                |
| in a mapping: a key of it              | 'width' in config.model              | 'seed' in config.model          |
| not in: not in what could have it      | config.lr not in [1, 2]              | config.lr not in config.none    |
| a list is its items, in order          | config.layers == [64, 32]            | config.layers == [32, 64]       |
| the keys below a key are a mapping     | config.model == {depth: 2, width: 8} | config.model == {width: 8}      |
| which is compared with mappings        | config.model != {width: 8}           | config.model != 1               |
| and with null                          | config.model != null                 | config.model == null            |
| a pattern is found anywhere in a text  | config.name =~ 'net[0-9]+$'          | config.name =~ '^net'           |
|                                        | config.name !~ '^net'                | config.lr !~ '1'                |
| what a run lacks is equal to nothing   | ~(config.gone == 1)                  | config.gone == 1                |
| and differs from nothing               | ~(config.gone != 1)                  | config.gone != 1                |
| and is neither in nor out              | ~(config.gone not in [1])            | config.gone not in [1]          |
| and matches nothing, nor fails to      | ~(config.gone !~ 'a')                | config.gone !~ 'a'              |
| a run has a key, or keys below it      | has(config.none) & has(config.model) | has(config.mod)                 |
| a time is its first moment, in UTC     | info.start > '2026-11-23'            | info.start == '2026-11-23'      |
| unless it names a zone                 | info.start == '2026-11-23 11:00+01'  | info.start < '2026-11-23T11+02' |
| a part of a time is text               | '2026-11' in info.start              | info.start =~ '^2025'           |
| an age is counted to the reading       | '1d' < info.age <= '48h'             | info.age < '1d12h'              |
| in seconds, if it is a number          | info.age == 172800                   | info.age > 172800               |
| the first value, the last, a line's    | first(train.loss) == 0.5             | last(train.loss) == 0.5         |
| (lines count from 0)                   | at(train.loss, 1) == 0.25            | at(train.loss, 3) == 0.75       |
| least, greatest, mean, how many        | min(train.loss) == 0.25              | max(train.loss) > 0.75          |
|                                        | mean(train.loss) == 0.5              | count(train.loss) != 3          |
| the first three of NaN are NaN         | max(train.diverged) != 1             | min(train.diverged) <= 1        |
| which is equal to nothing              | last(train.diverged) != 0            | last(train.diverged) == 0       |
| of what has no order there are none    | count(train.note) == 2               | min(train.note) != 0            |
| nor of what a run lacks                | ~has(train.gone)                     | count(train.gone) == 0          |
| ~ binds tighter than &                 | ~has(a) & has(config.lr)             | ~has(config.lr) & has(a)        |
| & binds tighter than or                | has(config.lr) or has(a) & has(b)    | (~has(a) or has(a)) & has(b)    |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlxp_fn.results.cells import ABSENT
from mlxp_fn.results.comparing import called, comparing
from mlxp_fn.results.query import AGE, START, And, Call, Comparison, Has, Key, Literal, Not, Or, Pairs, Query, Term
from mlxp_fn.results.times import age, instant


def matches(query: Query, row: Mapping[str, Any], read_at: str = "") -> bool:
    """Whether a query holds for one run, given as a mapping of column names to values or cells.

    Ages are counted to the time `read_at`, in ISO 8601; without one, there are none.

    >>> from mlxp_fn.results.query_parser import parse
    >>> matches(parse("config.lr < 1 & ~has(config.seed)"), {"config.lr": 0.1})
    True
    """
    match query:
        case Or(parts=parts):
            return any(matches(part, row, read_at) for part in parts)
        case And(parts=parts):
            return all(matches(part, row, read_at) for part in parts)
        case Not(part=part):
            return not matches(part, row, read_at)
        case Has(key=key):
            return _value(key, row, read_at) is not ABSENT
        case Comparison():
            return all(
                comparing(left, sign, right)(_value(left, row, read_at), _value(right, row, read_at))
                for left, sign, right in query.pairs()
            )


def plain(value: Any) -> Any:
    """What a literal is compared as: lists and mappings are plain."""
    match value:
        case tuple():
            return [plain(item) for item in value]
        case Pairs(items=items):
            return {key: plain(item) for key, item in items}
        case _:
            return value


def nested(names: Iterable[str], values: Iterable[Any]) -> Any:
    """The mapping that columns below a key make: their names, without the key, and their cells. ABSENT of none.

    >>> nested(["width", "head.bias", "head.size"], [8, ABSENT, 2])
    {'width': 8, 'head': {'size': 2}}
    """
    flat = {name: value for name, value in zip(names, values, strict=True) if value is not ABSENT}
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *folders, last = name.split(".")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
            if not isinstance(node, dict):  # a key with a dot in it, beside one without
                return flat
        node[last] = value
    return tree or ABSENT


def _value(term: Term, row: Mapping[str, Any], read_at: str) -> Any:
    match term:
        case Literal(value=value):
            return plain(value)
        case Key(name=name):
            return age(row.get(START), instant(read_at)) if name == AGE else _cell(row, name)
        case Call(key=key):
            return called(term, _cell(row, key.name))


def _cell(row: Mapping[str, Any], name: str) -> Any:
    if name in row:
        return row[name]
    below = [key for key in row if key.startswith(f"{name}.")]
    return nested([key.removeprefix(f"{name}.") for key in below], [row[key] for key in below])
