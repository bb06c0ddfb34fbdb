"""Packages: at which node of the config the contents of a file are put."""

from __future__ import annotations

Package = tuple[str, ...]


def absolute_package(text: str) -> Package:
    """A package as a header names it; what stands before `_global_` does not count.

    >>> absolute_package("a.b"), absolute_package("_global_.x")
    (('a', 'b'), ('x',))
    """
    return _after_global(tuple(text.split(".")) if text else ())


def item_package(given: str | None, group: str, parent: Package) -> Package:
    """Where an item of a defaults list goes that has no header: relative to the file with the list.

    `group` is the group as it was written, `given` what stands behind its `@`.

    >>> item_package(None, "db/engine", ("server",))
    ('server', 'db', 'engine')
    >>> item_package("_global_.x", "db", ("server",)), item_package("_here_", "db", ("server",))
    (('x',), ('server',))
    """
    of_group = tuple(group.replace("/", ".").split(".")) if group else ()
    if given is None:
        return (*parent, *of_group)
    parts: Package = ()
    for part in given.split(":")[0].split(".") if given else ():
        parts = (*parts, *(of_group if part == "_group_" else () if part == "_here_" else (part,)))
    return _after_global((*parent, *parts))


def override_key(group: str, package: Package) -> str:
    """The name by which an item of a defaults list is overridden.

    >>> override_key("a/b", ("a", "b")), override_key("a/b", ()), override_key("a/b", ("x", "y"))
    ('a/b', 'a/b@_global_', 'a/b@x.y')
    """
    if package == tuple(group.split("/")):
        return group
    return f"{group}@{'.'.join(package) or '_global_'}"


def _after_global(package: Package) -> Package:
    if "_global_" not in package:
        return package
    return package[len(package) - package[::-1].index("_global_") :]
