"""In which files two commits differ, and by how many lines."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

BINARY = "binary"
"""What is said of a file that has no lines."""


@frozen(kw_only=True)
class ChangedFile:
    """A file that is not the same in two commits.

    Of each commit: how many lines only its file has, BINARY where there are none, None where there is no file.
    """

    path: str
    one: int | str | None
    other: int | str | None


@frozen(kw_only=True)
class CodeDifference:
    """How two commits of the repository at `root` differ; `titles` are what people call them."""

    root: str
    commits: tuple[str, str]
    titles: tuple[str, str]
    files: tuple[ChangedFile, ...]


def changed_files(output: bytes) -> Iterator[ChangedFile]:
    r"""The files that `git diff-tree -r -z --raw --numstat --no-renames` tells of.

    >>> list(changed_files(b":000000 100644 0 1 A\0a b.py\0" b"3\t0\ta b.py\0"))
    [ChangedFile(path='a b.py', one=None, other=3)]
    """
    entries = output.decode("utf-8", "backslashreplace").split("\0")[:-1]
    raw = 2 * sum(entry.startswith(":") for entry in entries[::2])
    kinds = {path: facts[-1] for facts, path in zip(entries[:raw:2], entries[1:raw:2], strict=True)}
    for entry in entries[raw:]:
        added, removed, path = entry.split("\t", 2)
        yield ChangedFile(
            path=path,
            one=None if kinds[path] == "A" else _lines(removed),
            other=None if kinds[path] == "D" else _lines(added),
        )


def _lines(count: str) -> int | str:
    return int(count) if count.isdecimal() else BINARY
