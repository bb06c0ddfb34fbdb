"""What was probably meant by a name that is not there."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: object, known: Iterable[object], limit: int = 1) -> list[str]:
    """The known names that look most like `name`, best first; none where none does.

    >>> nearest("lrr", ["lr", "seed"])
    ['lr']
    """
    from difflib import get_close_matches  # only an error needs it

    return get_close_matches(str(name), [str(other) for other in known], limit)
