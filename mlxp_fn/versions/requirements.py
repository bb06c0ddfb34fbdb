"""Which installed packages a repository's code imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping


def imported_names(source: str | bytes) -> frozenset[str]:
    """The top-level names of what Python code imports, wherever in it; nothing of a file that is no Python.

    >>> sorted(imported_names("import numpy.linalg as la, os\\nfrom torch import nn\\nfrom . import mine"))
    ['numpy', 'os', 'torch']
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return frozenset()
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=imported):
                names.update(alias.name.partition(".")[0] for alias in imported)
            case ast.ImportFrom(level=0, module=str(module)):
                names.add(module.partition(".")[0])
    return frozenset(names)


def distributions(names: Iterable[str], providers: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The distributions that provide these names; the standard library and unknown names have none.

    >>> distributions({"yaml", "os", "my_module"}, {"yaml": ["PyYAML"]})
    ('PyYAML',)
    """
    wanted = (name for name in names if name not in sys.stdlib_module_names)
    return tuple(sorted({provider for name in wanted for provider in providers.get(name, ())}, key=str.lower))
