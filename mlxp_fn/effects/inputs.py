"""The data that runs read: a file or a tree of files known by size and SHA-256, and whether it is still the same.

The digest of a tree is that of the lines `sha256sum` writes of its files, sorted by their paths:

    find -L . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum -z | sha256sum
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from mlxp_fn import jsonl
from mlxp_fn.effects import user_cache
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.run_dirs import read_past
from mlxp_fn.errors import InputError
from mlxp_fn.records import InputLogged, fold

_SETTLED = 2_000_000_000
"""Nanoseconds after which a file has another time if it is written again, whatever the file system's clock."""

Signature = tuple[int, int, int, int]
"""Size, inode, and in nanoseconds when the content and when anything about the file last changed: while they stay
the same, so does the content. The last nobody can set back, as `cp -p` and `rsync` do the one before."""


@frozen(kw_only=True)
class Fingerprint:
    """What tells one content from another: bytes in all and a SHA-256; `files` counts those of a tree."""

    size: int
    sha256: str
    files: int | None = None


@frozen(kw_only=True)
class ChangedInput:
    """An input of a run that is not what it was; `now` is None where it cannot be read, and `problem` says why."""

    path: str
    sha256: str
    now: str | None
    problem: str


def fingerprint(path: str) -> Fingerprint:
    """Read a file or a tree, or, of what has not changed since an earlier time, what was found then.

    Links are followed; empty directories do not count. Raises `InputError` for what is not there, cannot be read,
    is no file (a pipe, say), leads in a circle, or changes meanwhile.
    """
    root = os.path.realpath(path)
    found = dict(_files(root, ()))
    place = f"inputs/{hashlib.sha256(os.fsencode(root)).hexdigest()}.json"
    known = _recalled(place)
    digests = {name: _digest(_below(root, name), name, signature, known) for name, signature in found.items()}
    now_known = {name: [*signature, digests[name]] for name, signature in found.items()}
    if now_known != known:
        if dict(_files(root, ())) != found:
            raise _changing(path)
        _remember(place, now_known)
    size = sum(signature[0] for signature in found.values())
    if "" in found:
        return Fingerprint(size=size, sha256=digests[""])
    return Fingerprint(size=size, sha256=_digest_of_tree(digests), files=len(found))


def logged(path: str) -> InputLogged:
    """The event that says that this file or tree, as it is now, is an input."""
    found = fingerprint(path)
    return InputLogged(
        at=now(),
        path=os.path.abspath(path),
        resolved=os.path.realpath(path),
        size=found.size,
        sha256=found.sha256,
        files=found.files,
    )


def changed_inputs(
    run_dir: str | os.PathLike[str], measured: Callable[[str], Fingerprint] = fingerprint
) -> tuple[ChangedInput, ...]:
    """The inputs that a run has logged and that are not the same now, in the order in which they were logged.

    Raises `LogDirError` where the run cannot be read.
    """
    changed = []
    for one in fold(read_past(Path(run_dir).absolute())).inputs:
        try:
            sha256 = measured(one.path).sha256
            problem = "" if sha256 == one.sha256 else "its content is another"
        except InputError as error:
            sha256, problem = None, str(error)
        if problem:
            changed.append(ChangedInput(path=one.path, sha256=one.sha256, now=sha256, problem=problem))
    return tuple(changed)


def _files(path: str, above: tuple[tuple[int, int], ...], name: str = "") -> Iterator[tuple[str, Signature]]:
    """Every file at or below a path with its signature; `above` are the directories that led here."""
    try:
        about = os.stat(path)
        if stat.S_ISREG(about.st_mode):
            yield name, _signature(about)
            return
        names = sorted(os.listdir(path)) if stat.S_ISDIR(about.st_mode) else None
    except OSError as error:
        raise _unreadable(path, error) from error
    here = (about.st_dev, about.st_ino)
    if names is None:
        raise InputError(f"the input {path} is neither a file nor a directory")
    if here in above:
        raise InputError(f"the input {path} is a link to a directory that it lies in; leave it out")
    for inner in names:
        yield from _files(f"{path}/{inner}", (*above, here), f"{name}/{inner}" if name else inner)


def _signature(about: os.stat_result) -> Signature:
    return about.st_size, about.st_ino, about.st_mtime_ns, about.st_ctime_ns


def _digest(path: str, name: str, signature: Signature, known: Mapping[str, list[Any]]) -> str:
    """The SHA-256 of a file, which has or has not been read before."""
    before = known.get(name)
    if before and before[:-1] == list(signature):
        return str(before[-1])
    try:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            about = os.fstat(file.fileno())
    except OSError as error:
        raise _unreadable(path, error) from error
    if _signature(about) != signature:
        raise _changing(path)
    return digest


def _digest_of_tree(digests: Mapping[str, str]) -> str:
    whole = hashlib.sha256()
    for name in sorted(map(os.fsencode, digests)):
        whole.update(f"{digests[os.fsdecode(name)]}  ".encode() + name + b"\0")
    return whole.hexdigest()


def _below(root: str, name: str) -> str:
    return f"{root}/{name}" if name else root


def _recalled(place: str) -> dict[str, list[Any]]:
    """What was found at an earlier time, by the path in the tree."""
    with suppress(ValueError, RecursionError):
        known = jsonl.decode(user_cache.recall(place) or b"")
        if isinstance(known, dict) and all(isinstance(each, list) and len(each) == 5 for each in known.values()):
            return known
    return {}


def _remember(place: str, known: Mapping[str, list[Any]]) -> None:
    # A file that was changed a moment ago may be changed again within one tick of its clock.
    recent = time.time_ns() - _SETTLED
    settled = {name: facts for name, facts in known.items() if facts[3] < recent}
    if settled:
        user_cache.keep(place, jsonl.encode(settled))


def _changing(path: str) -> InputError:
    return InputError(f"the input {path} changed while it was read; log it when nobody writes to it")


def _unreadable(path: str, error: OSError) -> InputError:
    return InputError(f"the input {path} cannot be read: {error.strerror or error}")
