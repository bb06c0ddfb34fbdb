"""The question what shall run, on a real terminal: asked once, and never without one."""

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import OF_NOBODY

MAIN = """
import mlxp_fn as mlxp
import helper

@mlxp.launch()
def task(ctx):
    print("RUNS", helper.CODE, "of", ctx.info.version_manager["commit_hash"])

task()
"""


@pytest.fixture
def project(repository):
    repository.commit(main_py=MAIN, helper_py="CODE = 'A'\n", _gitignore="__pycache__/\n/.work_dir/\n/logs/\n")
    repository.write(helper_py="from added import CODE\n", added_py="CODE = 'B'\n", other_py="")
    return repository


class Terminal:
    """A launch at a terminal: what it shows, and what the user types."""

    def __init__(self, project, *overrides):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "main.py", "+mlxp.use_version_manager=true", *overrides],
            cwd=project.path,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**OF_NOBODY, "TERM": "dumb"},
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        os.close(slave)
        self.shown = ""

    def wait_for(self, text):
        """Read until the terminal shows this; it is then forgotten."""
        deadline = time.monotonic() + 180
        while text not in self.shown:
            if not self._read(deadline):
                raise AssertionError(f"no {text!r} in {self.shown!r}")
        before, _, self.shown = self.shown.partition(text)
        return before + text

    def type(self, text):
        os.write(self.master, text.encode())

    def interrupt(self):
        """Ctrl-C, pressed again where it came in the instant before somebody listened."""
        while self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=3)

    def rest(self):
        """All until the end, and the exit status."""
        deadline = time.monotonic() + 180
        while self._read(deadline):
            pass
        return self.shown, self.process.wait(timeout=180)

    def _read(self, deadline):
        ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
        try:
            block = os.read(self.master, 4096).decode() if ready else ""
        except OSError:  # the end of a terminal
            block = ""
        self.shown += block.replace("\r\n", "\n")
        return bool(block)


def test_what_differs_is_shown_and_a_snapshot_is_one_key_asked_once_for_all_jobs(project):
    terminal = Terminal(project, "+seed=1,2")

    shown = terminal.wait_for("Your choice [s]: ")
    terminal.type("\n")
    rest, status = terminal.rest()

    assert f"is not as its latest commit {project.head[:10]} on main:" in shown
    assert "  changed         helper.py\n  untracked    1  added.py\n  untracked    2  other.py\n" in shown
    assert rest.count("RUNS B of ") == 2
    assert "Your choice" not in rest
    assert status == 0
    assert project.git("status", "--porcelain") == " M helper.py\n?? added.py\n?? other.py\n"


def test_a_commit_takes_the_files_that_are_chosen_and_a_message(project):
    terminal = Terminal(project)

    terminal.wait_for("Your choice [s]: ")
    terminal.type("c\n")
    terminal.wait_for("Untracked files to add, such as 1,3-5 or all [none]: ")
    terminal.type("7\n")
    terminal.wait_for("there is no file number 7; they go from 1 to 2\n")
    terminal.wait_for("[none]: ")
    terminal.type("1\n")
    terminal.wait_for("Message [State of the code before a run]: ")
    terminal.type("my words\n")
    rest, status = terminal.rest()

    assert f"RUNS B of {project.head}" in rest
    assert status == 0
    assert project.git("log", "-1", "--format=%s").strip() == "my words"
    assert project.git("status", "--porcelain") == "?? other.py\n"


def test_the_latest_commit_can_run_and_other_answers_are_asked_again(project):
    terminal = Terminal(project)

    terminal.wait_for("Your choice [s]: ")
    terminal.type("x\n")
    terminal.wait_for("answer with one of s, c, l, q\n")
    terminal.wait_for("Your choice [s]: ")
    terminal.type("l\n")
    rest, status = terminal.rest()

    assert f"RUNS A of {project.head}" in rest
    assert status == 0


@pytest.mark.parametrize(
    ("keys", "status", "says"),
    [
        ("\x03", -signal.SIGINT, "interrupted"),
        ("q\n", 1, "nothing is run, as you chose"),
        ("\x04", 1, "had no answer"),
    ],
)
def test_whoever_leaves_has_changed_nothing(project, keys, status, says):
    before = project.standing()
    terminal = Terminal(project)
    terminal.wait_for("Your choice [s]: ")

    if keys == "\x03":
        terminal.interrupt()
    else:
        terminal.type(keys)
    rest, ended = terminal.rest()

    assert (ended, says in rest) == (status, True)
    assert project.standing() == before
    assert project.git("for-each-ref", "refs/mlxp") == ""
    assert not (project.path / ".work_dir").exists()
    assert not (project.path / "logs").exists()


def test_what_cannot_be_is_said_and_asked_again(project):
    project.put("id_rsa", "secret")
    terminal = Terminal(project)

    terminal.wait_for("Your choice [s]: ")
    terminal.type("s\n")
    terminal.wait_for("that cannot be: a snapshot of ")
    terminal.wait_for("Your choice [s]: ")
    terminal.type("l\n")
    rest, status = terminal.rest()

    assert "RUNS A" in rest
    assert status == 0


def test_with_interactive_mode_off_nothing_is_asked(project):
    rest, status = Terminal(project, "+mlxp.interactive_mode=false").rest()

    assert "Your choice" not in rest
    assert "RUNS B" in rest
    assert status == 0


def test_a_clean_tree_asks_nothing(project):
    project.commit()

    rest, status = Terminal(project).rest()

    assert "Your choice" not in rest
    assert f"RUNS B of {project.head}" in rest
    assert status == 0
