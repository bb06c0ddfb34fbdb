"""Laws of versions, on real repositories: a snapshot is a function of the files, and taking one changes nothing."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlxp_fn.effects.copying import copy_of
from mlxp_fn.effects.snapshots import snapshots, take_snapshot
from mlxp_fn.effects.working_trees import look_at
from mlxp_fn.jobs.masking import without_credentials
from mlxp_fn.versions.restarts import into_copy, moved
from mlxp_fn.versions.states import LeftOut
from tests.conftest import OF_NOBODY, Repository, contents

letters = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=4)
names = letters.filter(lambda name: name not in (".", "..") and not name.lower().startswith((".git", "git~")))
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
files = st.dictionaries(paths, st.tuples(st.binary(max_size=12), st.booleans()), max_size=5)
"""Files by path: what is in them, and whether they can be run."""


def write(directory: Path, wanted: dict[str, tuple[bytes, bool]]) -> None:
    """Make these the only files, as far as no name is a file and a directory at once."""
    for entry in directory.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name, (content, runs) in wanted.items():
        path = directory / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError:
            continue
        path.chmod(0o755 if runs else 0o644)


def snapshot(repository: Repository) -> str:
    tree = look_at(str(repository.path), LeftOut())
    return take_snapshot(tree.root, tree.commit, tree.files)


@settings(max_examples=150 if os.environ.get("MLXP_LONG_TESTS") else 12, deadline=None)
@example(committed=None, staged={"0": (b"", False)}, present={"0/0": (b"", False)})
@example(committed={"a/b": (b"1", True)}, staged={"a": (b"", False)}, present={"a/b": (b"1", False)})
@given(committed=st.none() | files, staged=files, present=files)
def test_a_snapshot_is_the_same_twice_restores_every_byte_and_changes_nothing(committed, staged, present):
    with tempfile.TemporaryDirectory() as directory:
        repository = Repository(Path(directory, "repository"))
        repository.git("config", "core.autocrlf", "false")
        if committed is not None:
            write(repository.path, committed)
            repository.git("add", "-A")
            repository.git("commit", "-q", "--allow-empty", "-m", "committed")
        write(repository.path, staged)
        repository.git("add", "-A")
        write(repository.path, present)
        before = repository.standing()

        taken = snapshot(repository)
        again = snapshot(repository)

        assert taken == again
        assert len(snapshots(str(repository.path))) <= 1
        copy = copy_of(str(repository.path), taken, Path(directory, "copies", taken), lambda place: None)
        assert contents(Path(copy.path)) == contents(repository.path)
        assert repository.standing() == before


@given(st.sampled_from(["https", "http", "ftp", "ssh"]), names, names, paths)
def test_a_password_is_in_no_recorded_address(scheme, user, password, path):
    recorded = without_credentials(f"{scheme}://{user}:SECRET{password}@host/{path}")

    assert "SECRET" not in recorded
    assert "host" in recorded


@given(paths, paths, paths)
def test_a_place_moves_there_and_back(inside, root, copy):
    place = f"/{root}/{inside}"
    there = moved(place, f"/{root}", f"/copies/{copy}")

    assert moved(there, f"/copies/{copy}", f"/{root}") == place
    assert into_copy(there, f"/{root}", f"/copies/{copy}") == there


def test_the_tests_see_no_settings_of_git_of_whoever_runs_them():
    listed = subprocess.run(["git", "config", "--global", "--list"], env=OF_NOBODY, capture_output=True)

    assert listed.stdout == b""
