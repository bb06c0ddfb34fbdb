"""Names of columns, and what was probably meant by one that is not there."""

from __future__ import annotations

from collections.abc import Iterable

from mlxp_fn.errors import UnknownColumnError
from mlxp_fn.nearest import nearest as alike


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


def unknown_column(name: object, names: Iterable[str]) -> UnknownColumnError:
    """The error for a column that no row has.

    >>> print(unknown_column("lr", ["config.lr", "config.seed"]))
    no column 'lr'; did you mean config.lr?
    """
    known = list(names)
    near = nearest(str(name), known)
    if near:
        return UnknownColumnError(f"no column {name!r}; did you mean {' or '.join(near)}?")
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    return UnknownColumnError(f"no column {name!r}; there are {shown or 'no columns at all'}")
