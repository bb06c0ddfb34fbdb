"""Names: of files, in sentences, and of the modules that files are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SHOWN_PATHS = 10
"""How many files a sentence names; of the others it gives the number."""


def listed(paths: Sequence[str]) -> str:
    r"""File names for a sentence, the first few of many; control characters are escaped.

    >>> listed(["a.py", "b\nc.py"])
    'a.py, b\\nc.py'
    """
    shown = ", ".join(_printable(path) for path in paths[:SHOWN_PATHS])
    return f"{shown} and {len(paths) - SHOWN_PATHS} more" if len(paths) > SHOWN_PATHS else shown


def _printable(path: str) -> str:
    return path if path.isprintable() else repr(path)[1:-1]


def own_modules(paths: Iterable[str]) -> frozenset[str]:
    """The names that a repository's files can be imported under at the top: of modules, and of packages' roots.

    >>> sorted(own_modules(["main.py", "src/pkg/__init__.py", "src/pkg/inner.py", "README.md"]))
    ['main', 'pkg']
    """
    sources = [path for path in paths if path.endswith(".py")]
    packages = {path.rpartition("/")[0] for path in sources if path.endswith("/__init__.py")}
    names: set[str] = set()
    for path in sources:
        folder, _, file = path.rpartition("/")
        if folder not in packages:
            names.add(file.removesuffix(".py"))
            continue
        while folder.rpartition("/")[0] in packages:
            folder = folder.rpartition("/")[0]
        names.add(folder.rpartition("/")[2])
    return frozenset(name for name in names if name.isidentifier())
