"""Submissions that somebody refuses at a terminal, breaks off by Ctrl-C, or kills; the Slurm is real."""

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from tests.schedulers.project import MAIN, events, in_front, until, words, write_project

pytestmark = pytest.mark.usefixtures("cluster")


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch, cluster):
    write_project(tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    yield
    subprocess.run(["scancel", "--me"], check=False)


class Terminal:
    """`mlxpsub train.sh` at a terminal: what it shows, and what is typed."""

    def __init__(self, *options):
        self.process, self.master = pty.fork()
        if not self.process:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where these tests run in a shell's background
            os.execvp("mlxpsub", ["mlxpsub", *options, "train.sh"])
        self.shown = ""

    def wait_for(self, text):
        while text not in self.shown:
            assert self._read(), self.shown

    def type(self, text):
        os.write(self.master, text.encode())

    def interrupt(self):
        """Ctrl-C, sent when the terminal says so."""
        self.type("\x03")
        self.wait_for("^C")

    def rest(self):
        """All that was shown, and the exit status."""
        while self._read():
            pass
        os.close(self.master)
        return self.shown, os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])

    def _read(self):
        try:
            block = os.read(self.master, 65536)
        except OSError:  # the end of a terminal
            return False
        self.shown += block.decode().replace("\r\n", "\n")
        return bool(block)


def script(line):
    Path("train.sh").write_text(f"#!/bin/bash\n#SBATCH --time=10\n{line}\n")


def no_jobs():
    listed = subprocess.run(["squeue", "--noheader", "--me"], capture_output=True, text=True, check=True)
    return not listed.stdout


def resumed():
    done = subprocess.run(["mlxpsub", "--resume"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def seeds_that_ran_once():
    until(no_jobs)
    runs = [run for run in mlxp.runs("logs") if words(run["info.logger.log_id"]).count("started") == 1]
    return sorted(run["config.seed"] for run in runs if run["info.status"] == "COMPLETE")


def test_ctrl_c_lets_the_job_at_hand_be_submitted_and_marks_the_rest_which_resume_submits(monkeypatch):
    script("python main.py seed=1,2,3,4")
    in_front("sbatch", "if [ $n = 2 ]; then touch waits; while [ ! -e go ]; do sleep 0.05; done; fi", monkeypatch)

    terminal = Terminal()
    until(Path("waits").exists)
    terminal.interrupt()
    Path("go").touch()
    shown, status = terminal.rest()

    assert status == 1
    assert "error: 2 of 4 were not submitted: interrupted by SIGINT; `mlxpsub --resume` goes on" in shown
    assert [words(run)[1:3] for run in (1, 2, 3)] == [["submitting", "submitted"]] * 2 + [["unsubmitted"]]
    assert events(4)[-1]["reason"] == "interrupted by SIGINT"
    assert [line.split()[1][-6:] for line in resumed()] == ["logs/3", "logs/4"]
    assert seeds_that_ran_once() == [1, 2, 3, 4]


def test_nothing_is_taken_up_while_it_is_being_submitted(monkeypatch):
    script("python main.py seed=1,2")
    in_front("sbatch", "if [ $n = 1 ]; then touch waits; while [ ! -e go ]; do sleep 0.05; done; fi", monkeypatch)

    terminal = Terminal()
    until(Path("waits").exists)
    beside = subprocess.run(["mlxpsub", "--resume"], capture_output=True, text=True, check=False)
    Path("go").touch()
    _, status = terminal.rest()

    assert (beside.returncode, beside.stdout, status) == (1, "", 0)
    assert "another mlxpsub is submitting in logs now" in beside.stderr
    assert resumed() == ["nothing is left to submit in logs"]
    assert seeds_that_ran_once() == [1, 2]


def test_ctrl_c_while_jobs_are_composed_makes_nothing():
    script("python main.py seed=1,2")
    wait = "import os, time\nopen('waits', 'w').close()\nwhile not os.path.exists('go'): time.sleep(0.05)\n"
    Path("main.py").write_text(wait + MAIN)

    terminal = Terminal()
    until(Path("waits").exists)
    terminal.interrupt()
    shown, status = terminal.rest()

    assert ("Aborted!" in shown, status) == (True, 1)
    assert not Path("logs").exists()
    assert no_jobs()


def test_a_submission_that_is_killed_at_its_first_job_goes_on_with_all(monkeypatch):
    script("python main.py seed=1,2,3")
    in_front("sbatch", "if [ $n = 1 ]; then kill -KILL $PPID; exit 1; fi", monkeypatch)

    _, status = Terminal().rest()

    assert status == -9
    assert [words(run) for run in (1, 2)] == [["created", "submitting"], ["created"]]
    assert len(resumed()) == 3
    assert seeds_that_ran_once() == [1, 2, 3]


def test_what_is_born_when_a_submission_is_killed_has_its_script_and_is_submitted():
    script("python main.py seed=1,2,3 +mlxp.logger.name=main.Killing")
    killing = """
import os

class Killing(mlxp.DefaultLogger):
    def get_info(self):
        if self.log_id == 3 and not os.path.exists("killed"):
            open("killed", "w").close()
            os.kill(os.getppid(), 9)
            os._exit(1)
        return super().get_info()
"""
    Path("main.py").write_text(MAIN.replace("\n@mlxp", f"{killing}\n@mlxp"))

    _, status = Terminal().rest()

    assert status == -9
    assert list(mlxp.runs("logs")["config.seed"]) == [1, 2]
    assert [line.split()[1][-6:] for line in resumed()] == ["logs/1", "logs/2"]
    assert seeds_that_ran_once() == [1, 2]


@pytest.mark.parametrize(("answer", "made"), [("n\n", False), ("\n", False), ("\x04", False), ("y\n", True)])
def test_more_than_a_hundred_jobs_are_asked_about_on_a_terminal(answer, made):
    script("python main.py 'seed=range(101)'")

    terminal = Terminal("--array", "--hold")
    terminal.wait_for("101 jobs will be submitted. Go on? [y/N]: ")
    terminal.type(answer)
    shown, status = terminal.rest()

    assert status == (0 if made else 1), shown
    assert (Path("logs").exists(), no_jobs()) == (made, not made)


def test_more_than_a_hundred_jobs_need_yes_where_nobody_can_be_asked():
    script("python main.py 'seed=range(101)'")

    def mlxpsub(*options):
        command = ["mlxpsub", "--array", "--hold", *options, "train.sh"]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    refused = mlxpsub()
    assert (refused.returncode, no_jobs()) == (1, True)
    assert refused.stderr == "error: 101 jobs would be submitted; say --yes, or --dry-run to see them\n"
    assert not Path("logs").exists()

    said = mlxpsub("--yes").stdout.splitlines()
    assert [said[0].split()[1:], said[20], said[-1].split()[1:]] == [
        [f"{os.getcwd()}/logs/1", "seed=0"], "… 61 more", [f"{os.getcwd()}/logs/101", "seed=100"],
    ]  # fmt: skip


def test_arrays_are_as_long_as_the_cluster_allows(monkeypatch):
    script("python main.py 'seed=range(7)'")
    in_front("scontrol", 'if [ "$*" = "show config" ]; then echo "MaxArraySize = 3"; exit; fi', monkeypatch)

    done = subprocess.run(["mlxpsub", "--array", "--hold", "train.sh"], capture_output=True, text=True, check=True)

    jobs = [line.split()[0] for line in done.stdout.splitlines()]
    first, second, last = dict.fromkeys(job.partition("_")[0] for job in jobs)
    assert jobs == [f"{first}_0", f"{first}_1", f"{first}_2", f"{second}_0", f"{second}_1", f"{second}_2", last]


def test_arrays_that_were_refused_are_submitted_as_arrays_and_none_twice(monkeypatch):
    script("python main.py 'seed=range(6)'")
    in_front("scontrol", 'if [ "$*" = "show config" ]; then echo "MaxArraySize = 2"; exit; fi', monkeypatch)
    in_front("sbatch", "if [ $n = 2 ]; then echo no >&2; exit 1; fi", monkeypatch)

    done = subprocess.run(["mlxpsub", "--array", "train.sh"], capture_output=True, text=True, check=False)
    assert (done.returncode, "4 of 6 were not submitted" in done.stderr) == (1, True)

    jobs = [line.split()[0].partition("_") for line in resumed()]
    assert [task for _, _, task in jobs] == ["0", "1", "0", "1"]
    assert len({array for array, _, _ in jobs}) == 2
    assert seeds_that_ran_once() == [0, 1, 2, 3, 4, 5]
