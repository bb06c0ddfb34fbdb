"""Names of columns, and what was probably meant by one that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from mlxp_fn.errors import InvalidKeyError, UnknownColumnError
from mlxp_fn.nearest import nearest as alike
from mlxp_fn.views.printable import printable

_MANY = 10_000
"""How many names below one prefix are kept."""


@lru_cache(maxsize=1024)
def names_below(prefix: str) -> Mapping[object, str]:
    """The names of the columns below a prefix: a thousand runs that have the same share one text for each.

    >>> names_below("config.")["lr"], names_below("config.")[0]
    ('config.lr', 'config.0')
    """
    return _Names(prefix)


class _Names(dict[object, str]):
    """Makes a name when it is first asked for."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def __missing__(self, key: object) -> str:
        name = f"{self._prefix}{key}"
        if type(key) is str and len(self) < _MANY:  # 1 and True are the same key, and have two names
            self[key] = name
        return name


def nearest(name: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """The names that look most like `name`, best first: those with the same last word before all others.

    >>> nearest("config.lrr", ["config.lr", "config.seed", "info.status"], limit=1)
    ['config.lr']
    >>> nearest("config.lr", ["config.seed", "config.optimizer.lr"], limit=1)
    ['config.optimizer.lr']
    """
    known = list(dict.fromkeys(names))
    ending = [other for other in known if other.rpartition(".")[2] == name.rpartition(".")[2]]
    return [*ending, *(other for other in alike(name, known, limit) if other not in ending)][:limit]


def column_names(given: Iterable[Any]) -> list[str]:
    """The names that somebody gave, one by one or in lists. Raises `InvalidKeyError` for what is no text.

    >>> column_names(["config.lr", ["config.seed", "config.task"]])
    ['config.lr', 'config.seed', 'config.task']
    """
    names = [name for one in given for name in ([one] if _is_single(one) else one)]
    for name in names:
        if not isinstance(name, str):
            raise InvalidKeyError(f"{name!r} is no name of a column")
    return names


def _is_single(given: Any) -> bool:
    return isinstance(given, str) or not isinstance(given, Iterable)


def unknown_column(name: object, names: Iterable[str]) -> UnknownColumnError:
    """The error for a column that no row has.

    >>> print(unknown_column("lr", ["config.lr", "config.seed"]))
    no column 'lr'; did you mean config.lr?
    """
    known = list(names)
    near = list(map(printable, nearest(str(name), known)))
    if near:
        return UnknownColumnError(f"no column {name!r}; did you mean {' or '.join(near)}?")
    shown = ", ".join(map(printable, known[:20])) + (", ..." if len(known) > 20 else "")
    return UnknownColumnError(f"no column {name!r}; there are {shown or 'no columns at all'}")
