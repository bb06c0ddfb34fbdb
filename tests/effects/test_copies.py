"""Copies of real repositories: whole or not there, one for each commit, whoever asks, whatever happened to them."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlxp_fn.effects.copying import copy_of
from mlxp_fn.effects.restoring import note_not_restored
from mlxp_fn.effects.submodules import fill_submodules
from mlxp_fn.effects.working_trees import look_at, root_of
from mlxp_fn.effects.worktrees import REASON, altered_files, copies, copy_at, not_restored, remove_copy
from mlxp_fn.errors import VersionError
from mlxp_fn.versions.states import LeftOut
from tests.conftest import git


def place_of(repository, commit):
    return repository.path.parent / "work" / repository.path.name / commit


def copy(repository, commit=None, complete=lambda place: None):
    commit = commit or repository.head
    return copy_of(str(repository.path), commit, place_of(repository, commit), complete)


def worktrees(repository):
    """The worktrees that git knows, without the repository itself."""
    listed = repository.git("worktree", "list", "--porcelain", "-z").split("\0")
    return [entry.removeprefix("worktree ") for entry in listed if entry.startswith("worktree ")][1:]


def test_a_copy_has_the_files_of_its_commit_detached_and_locked(repository):
    first = repository.commit(main_py="A", package__inner_py="1")
    repository.commit(main_py="B")

    made = copy(repository, first)

    assert Path(made.path) == place_of(repository, first)
    assert (Path(made.path) / "main.py").read_text() == "A"
    assert (Path(made.path) / "package/inner.py").read_text() == "1"
    assert "detached\nlocked mlxp_fn runs code from" in repository.git("worktree", "list", "--porcelain")
    assert copies(str(repository.path)) == (made,)


def test_there_is_one_copy_of_a_commit(repository):
    repository.commit(main_py="A")

    assert copy(repository) == copy(repository)
    assert worktrees(repository) == [str(place_of(repository, repository.head))]


def test_a_copy_inside_of_the_repository_is_invisible_to_git(repository):
    head = repository.commit(main_py="A")

    copy_of(str(repository.path), head, repository.path / ".work_dir/project" / head, lambda place: None)

    assert repository.git("status", "--porcelain") == ""


def test_the_users_hooks_are_not_run(repository):
    repository.commit(main_py="A")
    hook = repository.path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    hook.chmod(0o755)

    assert not (Path(copy(repository).path) / "hooked").exists()


def test_prune_leaves_copies_alone_even_those_that_cannot_be_seen_now(repository):
    made = copy(repository, repository.commit(main_py="A"))
    away = Path(made.path).rename(repository.path.parent / "unmounted")

    repository.git("worktree", "prune", "--expire=now")
    away.rename(made.path)

    assert copy(repository) == made
    assert repository.git("worktree", "list").count(made.path) == 1


def test_a_deleted_copy_is_made_again(repository):
    made = copy(repository, repository.commit(main_py="A"))
    shutil.rmtree(made.path)

    again = copy(repository)

    assert (Path(again.path) / "main.py").read_text() == "A"
    assert worktrees(repository) == [made.path]


def test_a_copy_that_was_renamed_and_not_registered_is_repaired(repository):
    made = copy(repository, repository.commit(main_py="A"))
    registered = Path(made.admin, "gitdir")
    registered.write_text(f"{place_of(repository, 'unfinished')}/.git\n")

    assert copy(repository) == made
    assert registered.read_text() == f"{made.path}/.git\n"


def test_a_copy_that_somebody_unlocked_is_locked_again(repository):
    made = copy(repository, repository.commit(main_py="A"))
    repository.git("worktree", "unlock", made.path)

    assert copy(repository) == made
    assert Path(made.admin, "locked").exists()


def test_copies_survive_that_the_project_is_moved(repository):
    head = repository.commit(main_py="A")
    copy_of(str(repository.path), head, repository.path / ".work_dir/project" / head, lambda place: None)
    there = repository.path.rename(repository.path.with_name("moved"))

    found = copy_of(str(there), head, there / ".work_dir/project" / head, pytest.fail)

    assert altered_files(found) == ()
    assert copies(str(there)) == (found,)


def test_what_is_no_copy_is_not_touched(repository):
    head = repository.commit(main_py="A")
    place_of(repository, head).mkdir(parents=True)
    (place_of(repository, head) / "mine.txt").write_text("mine")

    with pytest.raises(VersionError, match="is no copy that git knows.*remove it, and it is made again"):
        copy(repository)

    assert [path.name for path in place_of(repository, head).iterdir()] == ["mine.txt"]
    assert worktrees(repository) == []


def test_a_copy_at_another_commit_is_refused(repository):
    first = repository.commit(main_py="A")
    second = repository.commit(main_py="B")
    made = copy(repository, first)
    git(made.path, "checkout", "-q", "--detach", second)

    with pytest.raises(VersionError, match=f"is now at {second}"):
        copy(repository, first)


def test_a_failure_on_the_way_leaves_nothing_behind(repository):
    head = repository.commit(main_py="A")

    def fail(place):
        assert (place / "main.py").exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(repository, complete=fail)

    assert os.listdir(place_of(repository, head).parent) == [".gitignore"]
    assert worktrees(repository) == []


KILLED = """
import os, sys
from pathlib import Path
from mlxp_fn.effects.copying import copy_of
copy_of(sys.argv[1], sys.argv[2], Path(sys.argv[3]), lambda place: os.kill(os.getpid(), 9))
"""


@pytest.mark.parametrize("locked_by_git", [False, True])
def test_what_a_killed_maker_left_is_cleared_and_the_copy_made(repository, locked_by_git):
    head = repository.commit(main_py="A")
    place = place_of(repository, head)
    subprocess.run([sys.executable, "-c", KILLED, str(repository.path), head, str(place)], check=False)
    left = sorted(os.listdir(place.parent))
    assert len(left) == 3
    assert f".{head}.maker" in left
    if locked_by_git:  # as where git itself was killed on the way
        (admin,) = (repository.path / ".git/worktrees").iterdir()
        (admin / "locked").write_text("initializing")
        shutil.rmtree(place.parent / admin.name.replace("-", ".", 1))

    made = copy(repository)

    assert (Path(made.path) / "main.py").read_text() == "A"
    assert sorted(os.listdir(place.parent)) == [".gitignore", head]
    assert worktrees(repository) == [made.path]


MANY = """
import os, sys, time
from pathlib import Path
from mlxp_fn.effects.copying import copy_of
root, commit, place, start = sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4])
time.sleep(max(0, start - time.time()))
def complete(unfinished):
    with open(place.parent.parent / "made", "a") as file:
        file.write("made\\n")
found = copy_of(root, commit, place, complete)
assert len(os.listdir(found.path)) == 41, os.listdir(found.path)
print(found.path)
"""


@pytest.mark.parametrize("processes", [32 if os.environ.get("MLXP_LONG_TESTS") else 8])
def test_many_who_ask_at_once_see_one_whole_copy(repository, processes):
    head = repository.commit(**{f"file{number}_py": "x" for number in range(40)})
    place = place_of(repository, head)
    # All wait for the same moment, so that they begin together however slowly they were started.
    arguments = [str(repository.path), head, str(place), str(time.time() + processes / 8)]
    asking = [
        subprocess.Popen([sys.executable, "-c", MANY, *arguments], stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]

    answers = {process.communicate()[0].strip() for process in asking}

    assert [process.returncode for process in asking] == [0] * processes
    assert answers == {str(place)}
    assert (place.parent.parent / "made").read_text() == "made\n"
    assert sorted(os.listdir(place.parent)) == [".gitignore", head]
    assert worktrees(repository) == [str(place)]


def test_the_claim_of_a_maker_on_another_host_is_waited_for(repository, monkeypatch):
    head = repository.commit(main_py="A")
    place = place_of(repository, head)
    place.parent.mkdir(parents=True)
    claim = place.with_name(f".{head}.maker")
    claim.write_text(json.dumps(["another boot", "another namespace", 1, None]))
    monkeypatch.setattr("mlxp_fn.effects.copying.SECONDS_TO_WAIT", 0.1)

    made = copy(repository)

    assert (Path(made.path) / "main.py").read_text() == "A"


def test_alterations_are_found_and_what_a_task_writes_is_none(repository):
    repository.commit(main_py="A", other_py="B", _gitignore="*.log\n")
    made = copy(repository)
    assert altered_files(made) == ()
    where = Path(made.path)
    (where / "main.py").write_text("changed")
    (where / "other.py").unlink()
    (where / "new.py").write_text("")
    (where / "new_package").mkdir()
    (where / "new_package/__init__.py").write_text("")
    (where / "results.csv").write_text("")
    (where / "a.log").write_text("")

    assert altered_files(made) == ("main.py", "new.py", "new_package/", "other.py")


def test_a_copy_is_known_by_its_directory_and_can_be_removed(repository):
    made = copy(repository, repository.commit(main_py="A"))
    (Path(made.path) / "written by a task").write_text("")
    assert copy_at(made.path) == made
    assert copy_at(str(repository.path)) is None

    remove_copy(str(repository.path), made.path)

    assert not os.path.lexists(made.path)
    assert worktrees(repository) == []


def test_the_users_own_worktrees_are_no_copies(repository, tmp_path):
    repository.commit(main_py="A")
    repository.git("worktree", "add", "-q", "--lock", str(tmp_path / "mine"))

    assert copies(str(repository.path)) == ()


def test_what_git_does_not_bring_back_as_it_was_is_named(repository):
    repository.commit(
        main_py="same",
        windows_txt=b"one\r\ntwo\n",
        ident_txt="$Id$",
        shout_txt="quiet",
        _gitattributes="windows.txt text\nident.txt ident\nshout.txt filter=shout\n",
    )
    repository.git("config", "filter.shout.clean", "tr a-z A-Z")

    def complete(place):
        note_not_restored(str(repository.path), place, frozenset())

    made = copy(repository, complete=complete)

    assert not_restored(made) == ("ident.txt", "windows.txt")
    assert (Path(made.path) / "ident.txt").read_text() != "$Id$"


def test_what_a_filter_keeps_elsewhere_and_does_not_bring_back_is_named(repository):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 7\n"
    repository.put("pointer", pointer)
    repository.git("config", "filter.lfs.clean", f"cat {repository.path}/pointer")
    repository.git("config", "filter.rot.clean", "tr a-y b-z")
    repository.git("config", "filter.rot.smudge", "tr b-z a-y")
    repository.commit(
        model_bin="weights", turned_txt="abc", _gitattributes="model.bin filter=lfs\nturned.txt filter=rot\n"
    )

    def complete(place):
        note_not_restored(str(repository.path), place, frozenset())

    made = copy(repository, complete=complete)

    assert not_restored(made) == ("model.bin",)
    assert (Path(made.path) / "model.bin").read_text() == pointer
    assert (Path(made.path) / "turned.txt").read_text() == "abc"


def test_a_link_and_a_program_are_compared_as_such(repository):
    repository.commit(program_sh="#!/bin/sh", target_py="x")
    (repository.path / "program.sh").chmod(0o755)
    (repository.path / "link.py").symlink_to("target.py")
    repository.commit()
    (repository.path / "program.sh").chmod(0o644)
    (repository.path / "link.py").unlink()
    (repository.path / "link.py").symlink_to("program.sh")

    def complete(place):
        note_not_restored(str(repository.path), place, frozenset())

    assert not_restored(copy(repository, complete=complete)) == ("link.py", "program.sh")


def with_submodules(make_repository):
    """A repository with a submodule that has one, too."""
    inner, lib, project = (make_repository(name) for name in ("inner", "lib", "project"))
    inner.commit(deep_py="deep")
    lib.commit(lib_py="lib")
    lib.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "in ner")
    lib.commit()
    project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(lib.path), "libs/lib")
    project.commit(main_py="A")
    return project


def filling(repository, *allowed):
    return lambda place: fill_submodules(str(repository.path), place, allowed)


def test_submodules_are_filled_from_what_is_on_this_machine(make_repository):
    project = with_submodules(make_repository)
    project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--recursive")
    for name in ("lib", "inner"):
        shutil.rmtree(project.path.parent / name)
    before = project.standing()

    made = copy(project, complete=filling(project))

    assert (Path(made.path) / "libs/lib/lib.py").read_text() == "lib"
    assert (Path(made.path) / "libs/lib/in ner/deep.py").read_text() == "deep"
    assert project.standing() == before
    assert altered_files(made) == ()
    (Path(made.path) / "libs/lib/in ner/deep.py").write_text("altered")
    assert altered_files(made) == ("libs/lib/in ner/deep.py",)


def test_a_submodule_that_is_not_here_is_refused_by_name_and_may_stay_empty(make_repository):
    project = with_submodules(make_repository)

    with pytest.raises(VersionError, match=r"submodules of .*project is not on this machine \(libs/lib/in ner\)"):
        copy(project, complete=filling(project))
    assert worktrees(project) == []

    made = copy(project, complete=filling(project, "in ner"))
    assert os.listdir(Path(made.path) / "libs/lib/in ner") == []


def test_a_submodule_is_a_repository_like_any_other(make_repository):
    project = with_submodules(make_repository)
    lib = project.path / "libs/lib"
    (lib / "lib.py").write_text("changed")

    assert root_of(str(lib)) == str(lib)
    assert look_at(str(lib), LeftOut()).files == ("lib.py",)
    assert look_at(str(project.path), LeftOut()).submodules == ("libs/lib",)
    head = git(lib, "rev-parse", "HEAD").strip()
    place = project.path.parent / "work/lib" / head
    assert (Path(copy_of(str(lib), head, place, lambda place: None).path) / "lib.py").read_text() == "lib"


def test_the_reason_of_the_lock_tells_the_repository(make_repository):
    repository = make_repository("a\nstrange ünicode name")
    made = copy(repository, repository.commit(main_py="A"))

    assert Path(made.admin, "locked").read_text() == f"{REASON}{repository.path}\n"
    assert made.root == str(repository.path)
    assert copies(str(repository.path)) == (made,)
