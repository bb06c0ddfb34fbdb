"""What a run is called: checked before it is recorded."""

from __future__ import annotations

from collections.abc import Iterable

from mlxp_fn.errors import InvalidKeyError
from mlxp_fn.records import Described, Moment


def described(
    at: Moment,
    *,
    by_hand: bool = False,
    name: str | None = None,
    notes: str | None = None,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> Described:
    """The event that gives a run its name, notes and tags. Raises `InvalidKeyError` for what is no text.

    >>> described(Moment(time="", local=""), add="baseline")
    Traceback (most recent call last):
    mlxp_fn.errors.InvalidKeyError: tags are a list of texts, not 'baseline'; write ['baseline']
    """
    for what, text in (("name", name), ("notes", notes)):
        if not isinstance(text, str | None):
            raise InvalidKeyError(f"the {what} of a run is a text, not {text!r} of type {type(text).__name__}")
    return Described(at=at, by_hand=by_hand, name=name, notes=notes, add=_tags(add), remove=_tags(remove))


def _tags(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise InvalidKeyError(f"tags are a list of texts, not {given!r}; write [{given!r}]")
    tags = tuple(given)
    for tag in tags:
        if not isinstance(tag, str) or not tag:
            raise InvalidKeyError(f"a tag is a text that is not empty, not {tag!r}")
    return tags
