"""Progress, drawn on a true terminal and written into a true pipe."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from mlxp_fn.views.tally import Tally, bar_line
from tests.terminals import received

SWEEP = """
import os, sys
from mlxp_fn.effects.terminal import progress
with progress(int(sys.argv[1]), "runs") as bar:
    for index in range(int(sys.argv[1])):
        print("job", index)
        bar.advance(failed=index == 1)
print("end")
"""


def on_terminal(script: str, *arguments: str, **options: Any) -> str:
    """What a terminal receives from a script whose stderr, and stdout unless given, is that terminal."""
    return received([sys.executable, "-c", script, *arguments], **options)


def screen(received: str) -> list[str]:
    """The lines that are left to see once carriage returns and erasures have been obeyed."""
    return [line.rpartition("\r\x1b[K")[2] for line in received.replace("\r\n", "\n").split("\n")]


def test_bar_stays_below_what_tasks_print() -> None:
    lines = screen(on_terminal(SWEEP, "2"))

    assert [line for line in lines if line.startswith("job")] == ["job 0", "job 1"]
    assert lines[2].startswith("runs ") and "2/2, 1 failed" in lines[2]
    assert lines[3] == "end"


def test_nothing_of_the_bar_goes_into_stdout(tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as out:
        received = on_terminal(SWEEP, "2", stdout=out.fileno())

    assert (tmp_path / "out").read_text() == "job 0\njob 1\nend\n"
    assert "2/2" in received


def test_half_a_line_is_not_rubbed_out() -> None:
    script = """if True:
        from mlxp_fn.effects.terminal import progress
        with progress(2, "runs") as bar:
            print("half", end=" ", flush=True)
            bar.advance()
            print("whole")
        """
    assert "half whole" in screen(on_terminal(script))


def test_bar_is_not_in_files_that_the_streams_are_copied_to(tmp_path: Path) -> None:
    script = """if True:
        import pathlib, sys
        from mlxp_fn.effects.streams import copied_to
        from mlxp_fn.effects.terminal import progress
        with progress(2, "runs") as bar, copied_to(pathlib.Path(sys.argv[1])):
            print("from the task")
            bar.advance()
        """
    on_terminal(script, str(tmp_path))

    assert (tmp_path / "log.stdout").read_text() == "from the task\n"
    assert (tmp_path / "log.stderr").read_text() == ""


def test_forked_child_prints_without_the_bar() -> None:
    script = """if True:
        import os
        from mlxp_fn.effects.terminal import progress
        with progress(2, "runs") as bar:
            print("before")
            if os.fork() == 0:
                print("child")
                os._exit(0)
            os.wait()
        """
    assert "before" in screen(on_terminal(script))


def test_single_run_has_no_bar() -> None:
    assert screen(on_terminal(SWEEP, "1")) == ["job 0", "end", ""]


def test_pipe_receives_nothing_from_a_short_sweep() -> None:
    done = subprocess.run([sys.executable, "-c", SWEEP, "3"], capture_output=True, text=True, check=True)

    assert done.stdout == "job 0\njob 1\njob 2\nend\n"
    assert done.stderr == ""


def test_pipe_receives_a_line_now_and_then() -> None:
    script = "import mlxp_fn.effects.progress_displays as f; f.SECONDS_BETWEEN_LINES = 0.0\n" + SWEEP
    done = subprocess.run([sys.executable, "-c", script, "2"], capture_output=True, text=True, check=True)

    first, second = done.stderr.splitlines()
    assert re.fullmatch(r"runs: 1/2, (\S+/s, )?1 left in about 0:\d\d", first)
    assert re.fullmatch(r"runs: 2/2, 1 failed, 0:\d\d", second)


def test_one_failure_among_many_shows_only_in_what_is_done() -> None:
    line = bar_line(Tally(label="runs", total=100, done=10, failed=1), 80)

    assert line.count("━") == 24
    assert "\x1b[31m━\x1b[0m" in line


def test_narrow_terminal_gets_words_only() -> None:
    assert bar_line(Tally(label="runs", total=10), 8) == "runs 0/1"
