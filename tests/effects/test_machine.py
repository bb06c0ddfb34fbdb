"""What is asked of the machine and of other programs: a true git, a true interpreter, a stand-in for nvidia-smi."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlxp_fn.effects.commands import answer_of
from mlxp_fn.effects.distributions import installed
from mlxp_fn.effects.machine import hardware, python, system, usable_processors, user
from mlxp_fn.effects.repositories import repository


def git(folder, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def project(tmp_path):
    """A repository with one commit."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.py").write_text("pass\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_a_clean_commit_on_a_branch(project):
    git(project, "remote", "add", "backup", "/srv/x.git")
    git(project, "remote", "add", "origin", "https://me:pw@host/x.git")

    assert repository(f"{project}/src") == {
        "commit": git(project, "rev-parse", "HEAD"),
        "branch": "main",
        "dirty": False,
        "remote": "https://host/x.git",
    }


def test_a_changed_file_is_dirty_and_a_new_one_is_not(project):
    (project / "logs").mkdir()
    (project / "logs/new").touch()
    before = repository(str(project))
    (project / "src/main.py").write_text("raise\n")

    after = repository(str(project))

    assert ((before or {})["dirty"], (after or {})["dirty"]) == (False, True)


def test_a_detached_head_has_no_branch_and_a_new_repository_no_commit(project, tmp_path_factory):
    git(project, "checkout", "-q", "--detach")
    fresh = tmp_path_factory.mktemp("fresh")
    git(fresh, "init", "-q")

    detached, unborn = repository(str(project)) or {}, repository(str(fresh)) or {}

    assert (detached["branch"], unborn["branch"], unborn["commit"]) == (None, "main", None)
    assert detached["commit"] == git(project, "rev-parse", "HEAD")


def test_outside_of_a_repository_there_is_nothing(tmp_path):
    assert repository(str(tmp_path)) is None


def test_a_hook_of_another_repository_does_not_mislead(project, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", f"{other}/.git")

    assert (repository(str(project)) or {})["commit"] is not None


def test_asking_takes_no_lock_and_writes_nothing(project):
    # The index would be refreshed: a file has another time and the same content.
    os.utime(project / "src/main.py", (1, 1))
    before = (project / ".git/index").read_bytes()

    assert (repository(str(project)) or {})["dirty"] is False
    assert (project / ".git/index").read_bytes() == before


def plain(name):
    return name.lower().replace("_", "-").replace(".", "-")


def test_packages_are_those_that_the_interpreter_knows():
    distributions = reversed(list(importlib.metadata.distributions()))
    known = {plain(found.metadata["Name"]): found.version for found in distributions}

    assert installed()["packages"] == known
    assert len(known) > 10


def test_editable_and_direct_packages_say_where_they_come_from(tmp_path, monkeypatch):
    origins = {
        "mine-1.0": {"url": "file:///src/my%20code", "dir_info": {"editable": True}},
        "from_git-2.0": {"url": "https://me:pw@host/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
        "broken-3.0": ["no mapping"],
    }
    for name, origin in origins.items():
        (tmp_path / f"{name}.dist-info").mkdir()
        (tmp_path / f"{name}.dist-info/direct_url.json").write_text(json.dumps(origin))
    (tmp_path / "old-4.0-py3.11.egg-info").touch()
    (tmp_path / "Beside.egg-info").mkdir()
    (tmp_path / "Beside.egg-info/PKG-INFO").write_text("Metadata-Version: 2.1\nName: Beside\nVersion: 5.0\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), "/nowhere.zip"])

    assert installed() == {
        "packages": {"beside": "5.0", "broken": "3.0", "from-git": "2.0", "mine": "1.0", "old": "4.0"},
        "editable": {"beside": str(tmp_path), "mine": "/src/my code"},
        "direct": {"from-git": "https://***@host/x.git@abc"},
    }


SMI = """#!/bin/sh
echo asked >> "$SMI_LOG"
case "$1" in
--query-gpu=*)
    echo 'NVIDIA A100-SXM4-40GB, 40960, 550.54.15'
    echo 'NVIDIA GB10, [N/A], 550.54.15' ;;
*)
    echo '| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4     |' ;;
esac
"""


@pytest.fixture
def smi(tmp_path, monkeypatch):
    """Where a stand-in for nvidia-smi is written to; its log counts the questions."""
    (tmp_path / "bin").mkdir()
    path = tmp_path / "bin/nvidia-smi"
    monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SMI_LOG", str(tmp_path / "smi.log"))

    def write(text):
        path.write_text(text)
        path.chmod(0o755)

    return write


def asked():
    log = Path(os.environ["SMI_LOG"])
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_gpus_are_what_nvidia_smi_says_and_it_is_asked_once_a_boot(smi):
    smi(SMI)

    first, second = hardware(), hardware()

    assert {key: first[key] for key in ("gpus", "driver", "cuda")} == {
        "gpus": [
            {"model": "NVIDIA A100-SXM4-40GB", "memory": 40960 * 1024 * 1024},
            {"model": "NVIDIA GB10", "memory": None},
        ],
        "driver": "550.54.15",
        "cuda": "12.4",
    }
    assert (second, asked()) == (first, 2)


def test_a_damaged_cache_is_asked_anew(smi, tmp_path):
    smi(SMI)
    first = hardware()
    (cached,) = (tmp_path / "cache/mlxp_fn/gpus").iterdir()
    cached.write_text("[")

    assert (hardware(), asked()) == (first, 4)


def test_a_home_that_cannot_be_written_only_costs_time(smi, tmp_path, monkeypatch):
    smi(SMI)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert hardware()["cuda"] == "12.4"


def test_gpus_are_unknown_where_nvidia_smi_fails_and_it_is_asked_again(smi):
    smi("#!/bin/sh\necho asked >> $SMI_LOG\necho 'NVIDIA-SMI has failed'\nexit 9\n")

    assert (hardware()["gpus"], hardware()["gpus"], asked()) == (None, None, 2)


def test_without_nvidia_smi_there_are_no_gpus(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert hardware()["gpus"] == []


def test_the_machine_is_what_other_tools_say_it_is():
    done = subprocess.run(["uname", "-srm"], capture_output=True, text=True, check=True)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    assert system().endswith(done.stdout.strip())
    assert (user(), usable_processors()) == (
        subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip(),
        # Of libraries that set OMP_NUM_THREADS, nproc believes what they say.
        int(subprocess.run(["env", "-u", "OMP_NUM_THREADS", "nproc"], capture_output=True, check=True).stdout),
    )
    assert hardware()["memory"] == pytest.approx(pages, rel=0.01)
    assert sys.version.startswith(python())


def test_a_program_that_hangs_is_not_waited_for():
    began = time.monotonic()

    assert answer_of(["sleep", "60"], seconds=0.05) is None
    # A descendant that outlives it holds the pipe.
    assert answer_of(["sh", "-c", "sleep 60 & echo early"], seconds=2) == "early\n"
    assert time.monotonic() - began < 30


def test_a_program_that_fails_or_is_not_there_has_no_answer():
    assert (answer_of(["false"], seconds=30), answer_of(["no-such-program"], seconds=30)) == (None, None)


def test_a_long_answer_comes_whole():
    assert answer_of(["seq", "100000"], seconds=30) == "".join(f"{number}\n" for number in range(1, 100001))
