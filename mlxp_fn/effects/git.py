"""Plain git: one command at a time, in an environment that is nobody's hook, its refusals in words of ours."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mlxp_fn.effects.commands import Completed, completed
from mlxp_fn.errors import VersionError

_OF_ANOTHER_REPOSITORY = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"),
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX", "GIT_IMPLICIT_WORK_TREE", "GIT_SHALLOW_FILE"),
    *("GIT_GRAFT_FILE", "GIT_QUARANTINE_PATH", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS"),
    *("GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_CEILING_DIRECTORIES", "GIT_EXTERNAL_DIFF"),
)
"""Variables by which a hook, or a user, points git at one repository: ours is the one of the script."""

_SETTINGS = ("-c", "core.safecrlf=false", "-c", "advice.detachedHead=false")
_NO_LOCKS = ("--no-optional-locks",)
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")


def git(root: str, *arguments: str, given: bytes = b"", index: str | None = None, refresh: bool = False) -> bytes:
    """What git prints for a command in the repository at `root`.

    `given` is its input; `index` a file to use instead of the repository's own index. Only with `refresh` may git
    note by the way, in the index, which files it found unchanged. Raises `VersionError` where git fails.
    """
    done = attempted(root, *arguments, given=given, index=index, refresh=refresh)
    if done.status:
        raise refusal(root, arguments, done.stderr)
    return done.stdout


def line_of(root: str, *arguments: str) -> str:
    """The one line, or the one path, that git prints for a command."""
    return os.fsdecode(git(root, *arguments).removesuffix(b"\n"))


def paths_of(root: str, *arguments: str, index: str | None = None) -> tuple[str, ...]:
    """The paths that git prints for a command that ends each with NUL."""
    return tuple(os.fsdecode(path) for path in git(root, *arguments, index=index).split(b"\0") if path)


def attempted(
    root: str,
    *arguments: str,
    given: bytes = b"",
    index: str | None = None,
    refresh: bool = False,
    hooks: bool = False,
) -> Completed:
    """A command that may fail; the user's hooks are run only with `hooks`. Raises `VersionError` without git."""
    settings = (*(() if refresh else _NO_LOCKS), "-C", root, *_SETTINGS, *(() if hooks else _NO_HOOKS))
    extra = {} if index is None else {"GIT_INDEX_FILE": index}
    try:
        return completed(["git", *settings, *arguments], {**surroundings_of_git(), **extra}, given)
    except FileNotFoundError as error:
        raise VersionError("git is not installed, and use_version_manager: true needs it") from error
    except (OSError, ValueError) as error:
        raise VersionError(f"git cannot be started: {error}") from error


def surroundings_of_git() -> Mapping[str, str]:
    """This process's environment, without what points git at another repository, and with English words."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
    return {**kept, "LC_ALL": "C", "LANGUAGE": "", "GIT_TERMINAL_PROMPT": "0"}


def refusal(root: str, arguments: tuple[str, ...], stderr: bytes) -> VersionError:
    """Why git failed, in one sentence."""
    said = stderr.decode("utf-8", "backslashreplace")
    if "not a git repository" in said:
        return VersionError(
            f"{root} is in no git repository, and use_version_manager: true runs the code of one; make one with "
            "`git init`, or set use_version_manager: false"
        )
    if "must be run in a work tree" in said:
        return VersionError(
            f"{root} holds no files of a repository: it is bare, or git's own directory; launch from a clone of it"
        )
    if "dubious ownership" in said:
        return VersionError(
            f"the git repository of {root} belongs to somebody else and git does not trust it; if you do, call "
            f"`git config --global --add safe.directory {_trusted(said) or root}`"
        )
    verb = next((word for word in arguments if not word.startswith("-")), "")
    return VersionError(f"git {verb} failed in {root}: {' '.join(said.split()) or 'it gave no reason'}")


def _trusted(said: str) -> str:
    """The path that git asks to be told about."""
    return said.partition("dubious ownership in repository at '")[2].partition("'\n")[0]
