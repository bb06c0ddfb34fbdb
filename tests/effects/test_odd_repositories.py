"""Repositories that are not as usual: each works, or is refused in one clear sentence."""

import os
import subprocess
from pathlib import Path

import pytest

from mlxp_fn.errors import VersionError
from mlxp_fn.launching.git_versions import GitVM
from tests.conftest import Repository, git


def version(path, **settings):
    """The version of the code at a path; copies lie beside the tests' directories."""
    return GitVM(str(Path(path).parent / "copies"), code_dir=str(path), **settings).version


def test_what_is_in_no_repository_is_refused(tmp_path, no_git_settings):
    with pytest.raises(VersionError, match=r"is in no git repository, .*`git init`.*use_version_manager: false"):
        version(tmp_path)


def test_without_git_there_are_no_versions(repository, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(VersionError, match="git is not installed"):
        version(repository.path)


@pytest.mark.parametrize("on_dirty", ["ignore", "refuse", "commit"])
def test_a_repository_without_a_commit_has_no_latest_one(repository, on_dirty):
    if on_dirty != "ignore":
        repository.write(main_py="A")
    if on_dirty == "commit":
        assert version(repository.path, on_dirty=on_dirty).commit == repository.head
        return
    with pytest.raises(VersionError, match="has no commit and no file yet|is not as its latest commit"):
        version(repository.path, on_dirty=on_dirty)


def test_a_repository_without_a_commit_can_be_snapshot(repository):
    repository.write(main_py="A")

    made = version(repository.path)

    assert (made.latest, made.branch, made.is_snapshot) == (None, "main", True)
    assert Path(made.copy, "main.py").read_text() == "A"


def test_a_bare_repository_has_no_files_to_run(tmp_path, no_git_settings):
    git(tmp_path, "init", "-q", "--bare", "bare.git")

    with pytest.raises(VersionError, match="holds no files of a repository: it is bare"):
        version(tmp_path / "bare.git")


def test_the_directory_of_git_itself_is_refused(repository):
    with pytest.raises(VersionError, match="or git's own directory"):
        version(repository.path / ".git")


def test_a_shallow_clone_works(repository, tmp_path):
    repository.commit(main_py="A")
    head = repository.commit(main_py="B")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository.path}", "shallow")

    made = version(tmp_path / "shallow")

    assert (made.commit, Path(made.copy, "main.py").read_text()) == (head, "B")


def test_a_worktree_of_the_users_own_works(repository, tmp_path):
    repository.commit(main_py="A")
    repository.git("worktree", "add", "-q", "-b", "mine", str(tmp_path / "mine"))
    (tmp_path / "mine/main.py").write_text("B")

    made = version(tmp_path / "mine")

    assert (made.root, made.branch, made.is_snapshot) == (str(tmp_path / "mine"), "mine", True)
    assert Path(made.copy, "main.py").read_text() == "B"


def test_a_submodule_works(make_repository):
    library, project = make_repository("library"), make_repository("project")
    library.commit(lib_py="A")
    project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path), "lib")
    project.commit()
    (project.path / "lib/lib.py").write_text("B")

    made = version(project.path / "lib")

    assert made.root == str(project.path / "lib")
    assert Path(made.copy, "lib.py").read_text() == "B"


def test_a_detached_head_works(repository):
    first = repository.commit(main_py="A")
    repository.commit(main_py="B")
    repository.git("checkout", "-q", "--detach", first)

    made = version(repository.path)

    assert (made.commit, made.branch) == (first, None)


def test_in_the_middle_of_a_rebase_there_are_snapshots_and_no_commits(repository):
    repository.commit(main_py="A\n")
    repository.git("checkout", "-q", "-b", "other")
    repository.commit(main_py="B\n")
    repository.git("checkout", "-q", "main")
    repository.commit(main_py="C\n")
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("rebase", "other")
    before = repository.standing()

    with pytest.raises(VersionError, match="a rebase is going on"):
        version(repository.path, on_dirty="commit")
    assert "<<<<<<<" in Path(version(repository.path).copy, "main.py").read_text()
    assert repository.standing() == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a repository to somebody else")
def test_a_repository_of_somebody_else_is_refused_with_what_git_wants_to_be_told(repository):
    repository.commit(main_py="A")
    os.chown(repository.path, 1234, 1234)
    os.chown(repository.path / ".git", 1234, 1234)

    with pytest.raises(VersionError, match=f"--add safe.directory {repository.path}`"):
        version(repository.path)


@pytest.mark.parametrize("name", ["two words", "ünïcode", "line\nbreak", "-dash", "'quote\"", "$HOME", "ends\n"])
def test_hostile_names_work(tmp_path, no_git_settings, name):
    repository = Repository(tmp_path / f"in {name}" / name)
    repository.put(f"{name}.py", "A")
    repository.commit()
    repository.put(f"{name}.py", "B")
    repository.put(f"new {name}/{name}", "new")

    made = version(repository.path)

    assert made.root == str(repository.path)
    assert Path(made.copy, f"{name}.py").read_text() == "B"
    assert Path(made.copy, f"new {name}", name).read_text() == "new"


def test_names_that_are_no_unicode_work(tmp_path, no_git_settings):
    repository = Repository(tmp_path / os.fsdecode(b"caf\xe9"))
    repository.put(os.fsdecode(b"\xff.py"), "A")
    repository.commit()
    repository.put(os.fsdecode(b"\xff.py"), "B")

    made = version(repository.path)

    assert Path(made.copy, os.fsdecode(b"\xff.py")).read_text() == "B"
    assert made.info(from_copy=True)["repo_path"].endswith("caf\\udce9")


def test_a_repository_inside_is_refused_by_name_and_may_be_left_out(repository):
    repository.commit(main_py="A")
    Repository(repository.path / "deep/inside").commit(x_py="")

    with pytest.raises(VersionError, match=r"deep/inside/ \(a git repository of its own\)"):
        version(repository.path)
    assert version(repository.path, allow=("inside",)).commit == repository.head


def test_the_variables_of_a_hook_do_not_lead_elsewhere(repository, make_repository, monkeypatch):
    other = make_repository("other")
    other.commit(main_py="other")
    head = repository.commit(main_py="A")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))

    assert version(repository.path).commit == head


def test_a_sparse_checkout_works(repository):
    repository.commit(kept__a_py="A", away__b_py="B")
    repository.git("sparse-checkout", "set", "kept")
    repository.write(kept__a_py="C")

    made = version(repository.path)

    assert Path(made.copy, "kept/a.py").read_text() == "C"
    assert made.not_restored == ()


def test_a_clean_filter_that_fails_is_told_in_its_own_words(repository):
    repository.commit(_gitattributes="*.bin filter=broken\n")
    repository.git("config", "filter.broken.clean", "echo no such filter here >&2; false")
    repository.git("config", "filter.broken.required", "true")
    repository.write(x_bin="1")

    with pytest.raises(VersionError, match="git update-index failed in .*no such filter here"):
        version(repository.path)


def test_links_to_nowhere_and_empty_directories_work(repository):
    repository.commit(main_py="A")
    (repository.path / "empty").mkdir()
    os.symlink("nowhere", repository.path / "dangling")

    made = version(repository.path)

    assert os.readlink(Path(made.copy, "dangling")) == "nowhere"


@pytest.mark.parametrize("files", [50_000 if os.environ.get("MLXP_LONG_TESTS") else 2_000])
def test_a_repository_of_many_files_works(repository, files):
    for number in range(files):
        path = repository.path / f"d{number % 100}/f{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(str(number))
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "many")
    repository.write(d7__f7_txt="changed", d7__new_txt="")

    made = version(repository.path)

    tracked = git(made.copy, "ls-files", "-z").count("\0")
    assert tracked == files + 1
    assert Path(made.copy, "d7/f7.txt").read_text() == "changed"
