"""Snapshots of real repositories: what is in them, and that nobody notices."""

import os

import pytest

from mlxp_fn.effects.snapshots import forget_snapshot, has_commit, make_commit, snapshots, take_snapshot
from mlxp_fn.effects.working_trees import address_of_remote, look_at
from mlxp_fn.errors import VersionError
from mlxp_fn.versions.states import LeftOut


def snapshot(repository, left_out=None):
    tree = look_at(str(repository.path), left_out or LeftOut())
    return take_snapshot(tree.root, tree.commit, tree.files)


def listing(repository, commit):
    return repository.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0")[:-1]


def test_a_snapshot_holds_the_tree_as_it_is_and_the_user_notices_nothing(repository):
    repository.commit(main_py="A", gone_py="", staged_py="1", _gitignore="ignored.txt\n")
    repository.put("stashed.py", "")
    repository.git("stash", "-u")
    repository.write(main_py="B", new_py="new", ignored_txt="", staged_py="2")
    repository.git("add", "staged.py")
    repository.write(staged_py="3")
    (repository.path / "gone.py").unlink()
    before = repository.standing()

    taken = snapshot(repository)

    assert repository.standing() == before
    assert listing(repository, taken) == [".gitignore", "main.py", "new.py", "staged.py"]
    assert repository.git("show", f"{taken}:main.py") == "B"
    assert repository.git("show", f"{taken}:staged.py") == "3"
    assert repository.git("rev-parse", f"refs/mlxp/{taken}").strip() == taken


def test_the_hash_is_that_of_the_content_in_every_repository(repository, make_repository):
    repository.commit(main_py="A")
    repository.write(main_py="B")
    other = make_repository("another")
    other.commit(main_py="B")
    other.commit(main_py="C")
    other.write(main_py="B")

    assert snapshot(repository) == snapshot(other) == "cad7917e5070881297ee2488778a4afbcf5f6d38"


def test_the_content_of_the_latest_commit_is_that_commit(repository):
    head = repository.commit(main_py="A", logs__1__a_txt="")
    repository.write(logs__1__a_txt="log")

    assert snapshot(repository, LeftOut(whole=("logs",))) == head
    assert snapshots(str(repository.path)) == ()


def test_before_the_first_commit_there_can_be_a_snapshot(repository):
    repository.write(main_py="A")

    assert listing(repository, snapshot(repository)) == ["main.py"]


def test_what_is_left_out_enters_no_snapshot_not_even_staged(repository):
    repository.commit(main_py="A")
    repository.write(main_py="B", logs__1__a_txt="", venv__pyvenv_cfg="", venv__lib_py="", deep__env__pyvenv_cfg="")
    repository.write(deep__env__x_py="", deep__y_py="")
    repository.git("add", "logs")

    taken = snapshot(repository, LeftOut(whole=("logs",)))

    assert listing(repository, taken) == ["deep/y.py", "main.py"]


def test_runs_of_other_scripts_enter_no_snapshot(repository):
    repository.commit(main_py="A")
    repository.write(code__1__a_json="", code__x_py="")
    repository.put("alone/logs/.mlxp_fn/format", "")
    repository.put("alone/logs/1/metadata/run.json", "")
    repository.put("code/.mlxp_fn/format", "")
    repository.put("alone/main.py", "")
    repository.put("logs/.mlxp_fn/format", "")
    repository.put("logs/12/metadata/run.json", "")

    assert listing(repository, snapshot(repository)) == ["alone/main.py", "code/x.py", "main.py"]


def test_files_and_directories_may_take_each_others_place(repository):
    repository.commit(a_py="file", b__c_py="in a directory", c_py="")
    (repository.path / "a.py").unlink()
    (repository.path / "b/c.py").unlink()
    (repository.path / "b").rmdir()
    repository.put("a.py/inside.py", "")
    repository.put("b", "")
    (repository.path / "c.py").unlink()
    (repository.path / "c.py").mkdir()

    assert listing(repository, snapshot(repository)) == ["a.py/inside.py", "b"]


def commit_and_change_in_one_instant(repository, name, before, after):
    """A commit, and a change of which the times do not tell git: by the index's own time alone it looks closer."""
    path, index = repository.path / name, repository.path / ".git/index"
    instant = path.parent.stat().st_mtime_ns - 10_000_000_000
    repository.put(name, before)
    os.utime(path, ns=(instant, instant))
    repository.commit()
    repository.put(name, after)
    repository.git("config", "core.trustctime", "false")
    for written in (path, index):
        os.utime(written, ns=(instant, instant))


def test_a_change_in_the_instant_of_the_last_commit_is_seen(repository):
    commit_and_change_in_one_instant(repository, "main.py", "A", "B")

    assert repository.git("show", f"{snapshot(repository)}:main.py") == "B"


def test_unmerged_files_enter_as_they_lie_there(repository):
    repository.commit(main_py="A\n")
    repository.git("checkout", "-q", "-b", "other")
    repository.commit(main_py="B\n")
    repository.git("checkout", "-q", "main")
    repository.commit(main_py="C\n")
    with pytest.raises(Exception, match="merge"):
        repository.git("merge", "other")
    before = repository.standing()

    taken = snapshot(repository)

    assert repository.standing() == before
    assert "<<<<<<< HEAD" in repository.git("show", f"{taken}:main.py")


def test_a_snapshot_can_be_forgotten(repository):
    repository.write(main_py="A")
    taken = snapshot(repository)
    assert (snapshots(str(repository.path)), has_commit(str(repository.path), taken)) == ((taken,), True)

    forget_snapshot(str(repository.path), taken)

    assert snapshots(str(repository.path)) == ()
    assert not has_commit(str(repository.path), "f" * 40)
    assert not has_commit(str(repository.path), "--help")


def test_a_commit_takes_the_named_files_and_what_has_changed(repository):
    repository.commit(main_py="A")
    repository.write(main_py="B", wanted_py="", unwanted_py="")

    made = make_commit(str(repository.path), ["main.py", "wanted.py"], "a message")

    assert repository.head == made
    assert repository.git("log", "-1", "--format=%an %s").strip() == "Someone a message"
    assert repository.git("status", "--porcelain") == "?? unwanted.py\n"


def test_a_commit_that_a_hook_refuses_leaves_everything_as_it_was(repository):
    commit_and_change_in_one_instant(repository, "main.py", "A", "B")
    repository.write(new_py="")
    hook = repository.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no such commits here >&2\nexit 1\n")
    hook.chmod(0o755)
    before = repository.standing()

    with pytest.raises(VersionError, match="nothing was changed: no such commits here"):
        make_commit(str(repository.path), ["main.py", "new.py"], "a message")

    assert repository.standing() == before


def test_the_remote_is_known_without_credentials(repository):
    repository.git("remote", "add", "origin", "https://me:secret@example.org/lab/code.git")
    repository.git("remote", "add", "fork", "ssh://git@example.org/me/code.git")
    repository.git("config", "branch.mine.remote", "fork")

    assert address_of_remote(str(repository.path), "main") == "https://example.org/lab/code.git"
    assert address_of_remote(str(repository.path), "mine") == "ssh://git@example.org/me/code.git"


def test_a_repository_without_a_remote_has_no_address(repository):
    assert address_of_remote(str(repository.path), "main") is None
