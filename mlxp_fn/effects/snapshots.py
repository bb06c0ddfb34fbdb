"""Commits that mlxp_fn makes: snapshots, which touch nothing of the user's, and commits on the user's branch."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory

from mlxp_fn.effects.git import attempted, git, line_of
from mlxp_fn.errors import VersionError
from mlxp_fn.versions.plans import snapshot_hash, snapshot_text
from mlxp_fn.versions.states import COMMIT

REFS = "refs/mlxp"
"""Where snapshots are kept, each under its hash."""


def take_snapshot(root: str, commit: str | None, paths: Iterable[str]) -> str:
    """Make a commit of `commit` (None before the first one) with `paths` as they lie there now; returns its hash.

    The branch, index, stash and files of the user stay as they are. Where the content is that of `commit`, that
    is the answer.
    """
    with _another_index(root) as index:
        # The user's index, for what it knows of files' times, brought to the latest commit: nothing half staged.
        git(root, "read-tree", *(("--reset", commit) if commit else ("--empty",)), index=index)
        _update(root, paths, index)
        tree = git(root, "write-tree", index=index).decode().strip()
    if commit and line_of(root, "rev-parse", f"{commit}^{{tree}}") == tree:
        return commit
    named = snapshot_hash(tree)
    # Most often it is there already.
    if attempted(root, "update-ref", f"{REFS}/{named}", named).status:
        git(root, "hash-object", "-t", "commit", "-w", "--stdin", given=snapshot_text(tree))
        git(root, "update-ref", f"{REFS}/{named}", named)
    return named


def snapshots(root: str) -> tuple[str, ...]:
    """The hashes of all snapshots in the repository."""
    names = git(root, "for-each-ref", "--format=%(refname)", REFS).decode().split()
    return tuple(name.rpartition("/")[2] for name in names)


def forget_snapshot(root: str, commit: str) -> None:
    """Take a snapshot's name away, so that git may drop its objects."""
    git(root, "update-ref", "-d", f"{REFS}/{commit}")


def has_commit(root: str, commit: str) -> bool:
    """Whether the repository holds this commit."""
    found = COMMIT.fullmatch(commit) and attempted(root, "cat-file", "-e", f"{commit}^{{commit}}").status == 0
    return bool(found)


def make_commit(root: str, paths: Iterable[str], message: str) -> str:
    """Commit `paths`, and what is staged, in the user's name; returns the hash.

    The user's hooks are run. Where they, git or Ctrl-C prevent the commit, the index is put back as it was.
    """
    index = line_of(root, "rev-parse", "--path-format=absolute", "--git-path", "index")
    with _put_back_on_failure(index):
        _update(root, paths, None)
        done = attempted(root, "commit", "--quiet", "--message", message, hooks=True)
        if done.status:
            said = " ".join((done.stderr or done.stdout).decode("utf-8", "backslashreplace").split())
            raise VersionError(f"git commit failed in {root}, and nothing was changed: {said}")
    return line_of(root, "rev-parse", "HEAD")


def _update(root: str, paths: Iterable[str], index: str | None) -> None:
    """Put files, as they lie there now, into an index; what is gone is taken out."""
    names = list(paths)
    replaced = [path for path in names if _is_directory(os.path.join(root, path))]
    present = [path for path in names if path not in replaced]
    for wanted, options in ((replaced, ("--force-remove",)), (present, ("--add", "--remove", "--replace"))):
        if wanted:
            given = b"\0".join(os.fsencode(path) for path in wanted)
            git(root, "update-index", *options, "-z", "--stdin", given=given, index=index)


def _is_directory(path: str) -> bool:
    """Whether a directory took the place of a file; a submodule is none."""
    return os.path.isdir(path) and not os.path.islink(path) and not os.path.lexists(os.path.join(path, ".git"))


@contextmanager
def _another_index(root: str) -> Iterator[str]:
    with TemporaryDirectory(prefix="mlxp_fn-index-") as directory:
        copy = os.path.join(directory, "index")
        try:
            # With its time: by it git knows which files may have changed in the same instant.
            shutil.copy2(line_of(root, "rev-parse", "--path-format=absolute", "--git-path", "index"), copy)
        except FileNotFoundError:
            pass  # nothing was ever staged
        except OSError as error:
            raise VersionError(f"cannot read the index of {root}: {error.strerror}") from error
        yield copy


@contextmanager
def _put_back_on_failure(index: str) -> Iterator[None]:
    try:
        with open(index, "rb") as file:
            before, times = file.read(), os.fstat(file.fileno())
    except FileNotFoundError:
        before, times = None, None
    try:
        yield
    except BaseException:
        if times is None or before is None:
            with suppress(FileNotFoundError):
                os.unlink(index)
        else:
            # By git's own lock, so that nobody writes at the same time.
            with open(f"{index}.lock", "xb") as file:
                file.write(before)
            # With its time: a file that changed in the same instant would seem unchanged beside a younger index.
            os.utime(f"{index}.lock", ns=(times.st_atime_ns, times.st_mtime_ns))
            os.replace(f"{index}.lock", index)
        raise
