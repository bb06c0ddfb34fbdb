"""Packages: at which node of the config the contents of a file are put."""

from __future__ import annotations

Package = tuple[str, ...]


def absolute_package(text: str) -> Package:
    """A package as a header names it; what stands before `_global_` does not count.

    >>> absolute_package("a.b"), absolute_package("_global_.x")
    (('a', 'b'), ('x',))
    """
    return _after_global(tuple(text.split(".")) if text else ())


def item_package(given: str | None, group: str, parent: Package, folder: str = "") -> Package:
    """Where an item of a defaults list goes that has no header: relative to the package of the file with the list.

    `group` is the group as it was written, `given` what stands behind its `@`; with `_group_` in it that is
    absolute, and the group is looked for in `folder`.

    >>> item_package(None, "db/engine", ("server",))
    ('server', 'db', 'engine')
    >>> item_package("_global_.x", "db", ("server",)), item_package("_here_", "db", ("server",))
    (('x',), ('server',))
    """
    if given is None:
        return (*parent, *_dotted(group.removeprefix("/")))
    if given == "_here_":
        return parent
    package = given.partition(":")[0]
    if "_group_" in package:
        return _dotted(package.replace("_group_", absolute_path(group, folder)))
    return _after_global((*parent, *_dotted(package)))


def absolute_path(path: str, folder: str) -> str:
    """A path as a file in `folder` writes it, from the root of the config directory.

    >>> absolute_path("engine", "db"), absolute_path("/server", "db")
    ('db/engine', 'server')
    """
    if path.startswith("/"):
        return path[1:]
    return f"{folder}/{path}" if folder and path else path or folder


def _dotted(path: str) -> Package:
    return tuple(path.replace("/", ".").split(".")) if path else ()


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
