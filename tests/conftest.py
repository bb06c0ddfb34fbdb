"""Real git repositories for the tests of versions; and Ctrl-C, which whoever starts the tests may ignore."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

OF_SOMEBODY = ("GIT_", "MLXP_")
OF_NOBODY = {
    **{name: value for name, value in os.environ.items() if not name.startswith(OF_SOMEBODY)},
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}
"""The environment without anybody's git settings."""


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heeded():
    """As in a terminal, by us and by what we start: a shell's background job inherits that it is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def git(directory, *arguments):
    """What git prints for a command, as text."""
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments], capture_output=True, text=True, env=OF_NOBODY, check=True
    )
    return done.stdout


class Repository:
    """A repository in which files are written and commits are made."""

    def __init__(self, path: Path):
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Someone")
        self.git("config", "user.email", "someone@example.org")

    def git(self, *arguments):
        return git(self.path, *arguments)

    def write(self, **files):
        """Files by name, with `__` for a slash and `_` for the dot of the ending."""
        for name, content in files.items():
            folder, _, last = name.replace("__", "/").rpartition("/")
            stem, _, ending = last.rpartition("_")
            self.put(f"{folder}/{stem}.{ending}".lstrip("/"), content)

    def put(self, name, content):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, **files):
        """Write and commit everything; the hash."""
        self.write(**files)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a commit")
        return self.head

    @property
    def head(self):
        return self.git("rev-parse", "HEAD").strip()

    def standing(self):
        """All that a user would notice: status, branch, stash, and the bytes of the index and of every file."""
        directory = Path(self.git("rev-parse", "--absolute-git-dir").strip())
        index = directory / "index"
        return (
            self.git("--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=all"),
            self.git("stash", "list"),
            self.git("for-each-ref", "refs/heads", "refs/stash", "refs/tags"),
            index.read_bytes() if index.exists() else None,
            (directory / "HEAD").read_bytes(),
            (directory / "config").read_bytes(),
            contents(self.path),
        )


def contents(directory):
    """Every file below a directory, git's own aside, with its bytes and whether it can be run."""
    return {
        str(path.relative_to(directory)): (
            os.readlink(path) if path.is_symlink() else path.read_bytes(),
            bool(path.lstat().st_mode & 0o100),
        )
        for path in sorted(directory.rglob("*"))
        if (path.is_symlink() or path.is_file())
        and not {".git", ".work_dir"} & {*path.relative_to(directory).parts}
    }


@pytest.fixture
def no_git_settings(monkeypatch):
    """Nobody's git settings, for git in this process too."""
    for name in [*os.environ]:
        if name.startswith(OF_SOMEBODY):
            monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL"):
        monkeypatch.setenv(name, OF_NOBODY[name])


@pytest.fixture
def make_repository(tmp_path, no_git_settings):
    return lambda name="project": Repository(tmp_path / name)


@pytest.fixture
def repository(make_repository):
    return make_repository()
