"""The words of the question what shall run, and what the answers mean."""

from __future__ import annotations

from collections.abc import Iterator

from mlxp_fn.versions.names import listed
from mlxp_fn.versions.states import Tree

DEFAULTS = {"snapshot": "s", "commit": "c", "ignore": "l", "refuse": "q"}
"""The answer that the setting `on_dirty` suggests."""

WORDS = ("s", "c", "l", "q")

SHOWN_FILES = 50


def described(tree: Tree) -> str:
    """What differs from the latest commit, untracked files numbered, and what can be done about it."""
    where = f" on {tree.branch}" if tree.branch else ""
    latest = f"its latest commit {tree.commit[:10]}{where}" if tree.commit else "a commit, for there is none"
    return "\n".join(
        [
            f"The code in {listed([tree.root])} is not as {latest}:",
            *_files(tree),
            "What shall run?",
            "  s  a snapshot of the files as they are; your branch and your index stay as they are",
            "  c  a new commit: what has changed, and the untracked files that you choose",
            "  l  the latest commit, without these changes",
            "  q  nothing",
        ]
    )


def _files(tree: Tree) -> Iterator[str]:
    changed = (*tree.tracked, *tree.submodules)
    yield from (f"  changed         {listed([path])}" for path in changed[:SHOWN_FILES])
    if len(changed) > SHOWN_FILES:
        yield f"  … and {len(changed) - SHOWN_FILES} more changed files"
    for number, path in enumerate(tree.untracked[:SHOWN_FILES], start=1):
        yield f"  untracked {number:>4}  {listed([path])}"
    if len(tree.untracked) > SHOWN_FILES:
        yield f"  … and {len(tree.untracked) - SHOWN_FILES} more untracked files"


def chosen_numbers(answer: str, count: int) -> tuple[int, ...]:
    """The numbers, from 1 to `count`, that an answer names. Raises `ValueError` for what is no such answer.

    >>> chosen_numbers("1,3-4", 5), chosen_numbers("all", 2), chosen_numbers("none", 2)
    ((1, 3, 4), (1, 2), ())
    """
    match answer.strip().lower():
        case "all":
            return tuple(range(1, count + 1))
        case "none":
            return ()
    numbers: set[int] = set()
    for word in answer.replace(",", " ").split():
        first, dash, last = word.partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else True)):
            raise ValueError(f"{word!r} is no number; answer with numbers such as 1,3-5, with all or with none")
        for number in (int(first), int(last or first)):
            if not 1 <= number <= count:
                raise ValueError(f"there is no file number {number}; they go from 1 to {count}")
        numbers.update(range(int(first), int(last or first) + 1))
    return tuple(sorted(numbers))
