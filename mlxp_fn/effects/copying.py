"""Making copies of a repository at one commit: whole or not there, one for each commit, whoever asks at once.

A copy is made under another name, renamed, and only then registered under its own; it is locked, so that
`git worktree prune` leaves it alone. Whoever makes it leaves a claim beside it, so that others wait instead of
doing the same; should two make it all the same, the second rename fails and its copy is thrown away.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import rmtree

from mlxp_fn.effects.environment import boot_id, pid_namespace, process_seen
from mlxp_fn.effects.git import attempted, git
from mlxp_fn.effects.worktrees import REASON, Copy, admins, registered, whole
from mlxp_fn.errors import VersionError

SECONDS_TO_WAIT = 600.0
"""How long to wait for a maker on another host, of which nobody knows whether it lives."""

_numbers = count()


def copy_of(root: str, commit: str, place: Path, complete: Callable[[Path], object]) -> Copy:
    """The copy at `place`, whose name is that of the commit; made, or repaired, where it is not whole.

    `complete` is given a new copy before it gets its name. Raises `VersionError` where something else lies there.
    """
    return whole(place) or _repaired(root, place) or _made(root, commit, place, complete)


def _made(root: str, commit: str, place: Path, complete: Callable[[Path], object]) -> Copy:
    _make_parent(place.parent)
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while True:
        with _claimed(place) as mine:
            if mine or time.monotonic() > deadline:
                found = whole(place) or _repaired(root, place)
                if found:
                    return found
                if mine:
                    _clear_leftovers(root, place)
                return _build(root, commit, place, complete)
        time.sleep(0.02)
        if found := whole(place):
            return found


def _build(root: str, commit: str, place: Path, complete: Callable[[Path], object]) -> Copy:
    if os.path.lexists(place):
        raise VersionError(
            f"{place} is no copy that git knows, or only what is left of one; remove it, and it is made again"
        )
    unfinished = _beside(place)
    try:
        git(root, "worktree", "add", "--detach", "--lock", "--reason", REASON + root, str(unfinished), commit)
        complete(unfinished)
        _forget_deleted(root, place)
        os.rename(unfinished, place)
    except OSError as error:
        _discard(root, unfinished)
        if not os.path.lexists(place):
            raise VersionError(f"cannot make the copy {place}: {error.strerror}") from error
        # Somebody else was first; it is whole, or about to be registered.
    except BaseException:
        _discard(root, unfinished)
        raise
    found = whole(place) or _repaired(root, place)
    if not found:
        raise VersionError(f"the copy {place} was made, but git does not know it; remove it and launch again")
    return found


def _repaired(root: str, place: Path) -> Copy | None:
    """A copy of which git does not know that it lies here, renamed or moved; or that somebody unlocked."""
    if not os.path.lexists(place / ".git"):
        return None
    # Other worktrees, of the user's, may be beyond repair and make it fail: the result counts.
    attempted(root, "worktree", "repair", str(place))
    attempted(root, "worktree", "lock", "--reason", REASON + root, str(place))
    return whole(place)


@contextmanager
def _claimed(place: Path) -> Iterator[bool]:
    """Whether this process is the one to make the copy, until the context ends."""
    claim = place.with_name(f".{place.name}.maker")
    unclaimed = _beside(place, ".claim")
    try:
        unclaimed.write_text(json.dumps([boot_id(), pid_namespace(), os.getpid(), process_seen(os.getpid())[1]]))
        os.link(unclaimed, claim)
    except FileExistsError:
        if _is_dead(claim):
            claim.unlink(missing_ok=True)
        mine = False
    except OSError as error:
        raise VersionError(f"cannot write into {place.parent}: {error.strerror}") from error
    else:
        mine = True
    finally:
        unclaimed.unlink(missing_ok=True)
    try:
        yield mine
    finally:
        if mine:
            claim.unlink(missing_ok=True)


def _beside(place: Path, ending: str = "") -> Path:
    """A name that no other process, and nobody in this one, has given."""
    return place.with_name(f".{place.name}.{os.uname().nodename}.{os.getpid()}.{next(_numbers)}{ending}")


def _is_dead(claim: Path) -> bool:
    try:
        boot, namespace, process, start = json.loads(claim.read_bytes())
    except FileNotFoundError:
        return False  # released meanwhile
    except (ValueError, TypeError):
        return True  # nobody's
    if not (boot and namespace) or (boot, namespace) != (boot_id(), pid_namespace()):
        return False  # who knows
    exists, began = process_seen(process)
    return not exists or (None not in (began, start) and began != start)


def _make_parent(parent: Path) -> None:
    """Make the directory of copies; one that is ours is invisible to git, wherever it lies."""
    try:
        parent.parent.mkdir(parents=True, exist_ok=True)
        try:
            parent.mkdir()
        except FileExistsError:
            return
        (parent / ".gitignore").write_text("*\n")
    except OSError as error:
        raise VersionError(f"cannot make {parent} for copies of the code: {error.strerror}") from error


def _clear_leftovers(root: str, place: Path) -> None:
    """Throw away what makers of this copy left who were killed on this host."""
    host = os.uname().nodename
    start = f".{place.name}.{host}."
    known = {Path(registered(admin)).parent for admin in admins(root)}
    for left in {*place.parent.glob(f"{start}*"), *(path for path in known if path.name.startswith(start))}:
        process = left.name.removeprefix(start).partition(".")[0]
        if process.isdigit() and not process_seen(int(process))[0]:
            if left.name.endswith(".claim"):
                left.unlink(missing_ok=True)
            else:
                _discard(root, left)


def _discard(root: str, unfinished: Path) -> None:
    attempted(root, "worktree", "remove", "--force", "--force", str(unfinished))
    rmtree(unfinished, ignore_errors=True)
    _forget_deleted(root, unfinished)


def _forget_deleted(root: str, place: Path) -> None:
    """Take from git's list a copy that somebody deleted by hand: locked as it is, nothing else would."""
    for admin in admins(root):
        if registered(admin) == str(place / ".git") and not os.path.lexists(place):
            rmtree(admin, ignore_errors=True)
