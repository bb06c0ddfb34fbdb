"""How a script is started again from a copy of its repository: where, with which arguments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath


def restarted(
    argv: Sequence[str], script: tuple[int, str] | None, directory: str, root: str, copy: str
) -> tuple[str, tuple[str, ...]]:
    """Where, and with which command line, a user who stands in `directory` would say the same to the copy.

    `argv` is what the interpreter was started with, its own options included; `script` says which of its words
    names the script, and the script's real path. A module (`-m`) is none: it is found from where a process stands.

    >>> argv = ["python", "-X", "dev", "main.py", "seed=1"]
    >>> restarted(argv, (3, "/r/a/main.py"), "/r/a", "/r", "/copy")
    ('/copy/a', ('python', '-X', 'dev', 'main.py', 'seed=1'))
    >>> restarted(["python", "r/main.py"], (1, "/r/main.py"), "/", "/r", "/copy")
    ('/', ('python', '/copy/main.py'))
    """
    there = into_copy(directory, root, copy)
    words = list(argv)
    if script:
        place, path = script
        again = into_copy(path, root, copy)
        if str(PurePath(there) / words[place]) != again:
            words[place] = again
    return there, tuple(words)


def into_copy(path: str, root: str, copy: str) -> str:
    """The place in the copy of one in the repository; the copy itself may lie in it.

    >>> into_copy("/r/a", "/r", "/r/work/copy"), into_copy("/r/work/copy/a", "/r", "/r/work/copy")
    ('/r/work/copy/a', '/r/work/copy/a')
    """
    return path if PurePath(path).is_relative_to(copy) else moved(path, root, copy)


def moved(path: str, root: str, other_root: str) -> str:
    """The same place below another root; a path that is not below `root` stays.

    >>> moved("/r/a/b", "/r", "/copy"), moved("/elsewhere", "/r", "/copy")
    ('/copy/a/b', '/elsewhere')
    """
    place = PurePath(path)
    return str(PurePath(other_root) / place.relative_to(root)) if place.is_relative_to(root) else path
