"""What a run prints is in its files, whoever prints and however it ends."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

TO_FILES = "+mlxp.logger.log_streams_to_file=true"

HEAD = """
import ctypes, os, signal, subprocess, sys, time
import mlxp_fn as mlxp
@mlxp.launch()
def task(ctx):
"""


@pytest.fixture
def script(tmp_path):
    """Writes a script whose task has the given body, and gives the command that runs it."""

    def write(body):
        body = textwrap.indent(textwrap.dedent(body), "    ")
        (tmp_path / "main.py").write_text(f"{HEAD}\n{body}\ntask()\n")
        return [sys.executable, str(tmp_path / "main.py"), TO_FILES]

    return write


def logged(tmp_path, stream="stdout", run=1):
    return (tmp_path / f"logs/{run}/log.{stream}").read_bytes().decode()


def when(condition, patience=180):
    """Wait until something has come about: what is copied is copied by another process."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it has not come about"
        time.sleep(0.01)


def test_python_c_and_children_are_in_the_files_in_order_and_on_the_streams(script, tmp_path):
    command = script(
        """
        libc = ctypes.CDLL(None)
        print("python")
        libc.printf(b"c\\n")
        os.write(1, b"raw\\n")
        os.system("echo child")
        print("unfinished", end="")
        libc.printf(b" line")
        print("error", file=sys.stderr)
        subprocess.run("echo child error >&2", shell=True)
        """
    )

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == logged(tmp_path) == "python\nc\nraw\nchild\nunfinished line"
    assert done.stderr == logged(tmp_path, "stderr") == "error\nchild error\n"


@pytest.mark.parametrize("whom", ["os.getpid(), ", "0, "])
def test_what_was_printed_before_a_kill_is_in_the_files(script, tmp_path, whom):
    # 0 is the whole process group.
    command = script(
        f"""
        libc = ctypes.CDLL(None)
        for number in range(3000):
            print("line", number)
        libc.printf(b"from c\\n")
        print(" 50%", end="\\r")
        os.kill({whom}signal.SIGKILL)
        """
    )

    subprocess.run(command, stdout=subprocess.DEVNULL, check=False, start_new_session=True)

    expected = "".join(f"line {number}\n" for number in range(3000)) + "from c\n 50%\r"
    when(lambda: logged(tmp_path) == expected)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_a_signal_to_the_whole_foreground_group_cuts_nothing_off(script, tmp_path, number):
    command = script(
        """
        try:
            print("ready", flush=True)
            time.sleep(60)
        finally:
            for number in range(3000):
                print("cleaning up", number)
        """
    )
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout.readline() == "ready\n"

    os.killpg(process.pid, number)
    rest = process.communicate()[0]

    assert rest == "".join(f"cleaning up {number}\n" for number in range(3000))
    assert logged(tmp_path) == "ready\n" + rest


def test_megabytes_of_both_streams_do_not_block(script, tmp_path):
    command = script(
        """
        block = "x" * 99 + "\\n"
        for _ in range(40):
            sys.stdout.write(block * 500)
            sys.stderr.write(block * 500)
        """
    )

    done = subprocess.run(command, capture_output=True, check=True)

    sizes = {len(done.stdout), len(done.stderr), len(logged(tmp_path)), len(logged(tmp_path, "stderr"))}
    assert sizes == {2_000_000}


def test_who_stops_reading_stops_neither_the_task_nor_its_file(script, tmp_path):
    command = script("for number in range(50_000): print(number)\nctx.logger.log_metrics({'x': 1}, 'end')")

    command = f"{' '.join(command)} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("0\n", "")
    assert len(logged(tmp_path).splitlines()) == 50_000
    assert (tmp_path / "logs/1/metrics/end.json").exists()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_a_closed_stream_is_still_in_its_file(script, tmp_path, closed):
    command = script("os.write(1, b'out'); os.write(2, b'err'); open(os.devnull).close()")

    subprocess.run(f"{' '.join(command)} {closed}", shell=True, check=True, stderr=subprocess.DEVNULL)

    assert (logged(tmp_path), logged(tmp_path, "stderr")) == ("out", "err")


def test_a_stream_that_is_the_file_already_is_written_once(script, tmp_path):
    command = script("print('once'); print('seen', file=sys.stderr)")
    (tmp_path / "logs/1").mkdir(parents=True)
    out = tmp_path / "logs/1/log.stdout"

    with open(out, "a") as file:
        subprocess.run([*command, "+mlxp.logger.forced_log_id=1"], stdout=file, stderr=file, check=True)

    # What stderr leads to is not its own file: it goes to both.
    assert sorted(out.read_text().split()) == ["once", "seen"]
    assert logged(tmp_path, "stderr") == "seen\n"


def test_a_second_attempt_appends(script, tmp_path):
    command = script("print('attempt', ctx.info.attempt)")

    for _ in range(2):
        subprocess.run([*command, "+mlxp.logger.forced_log_id=1"], stdout=subprocess.DEVNULL, check=True)

    assert logged(tmp_path) == "attempt 1\nattempt 2\n"


def test_each_run_of_a_sweep_has_its_own_and_the_streams_are_as_before(script, tmp_path):
    command = script("print('run', ctx.config.n)")
    with open(tmp_path / "main.py", "a") as file:
        file.write("print('after', sys.stdout.line_buffering)\n")

    done = subprocess.run([*command, "+n=1,2"], capture_output=True, text=True, check=True)

    assert done.stdout == "run 1\nrun 2\nafter False\n"
    assert (logged(tmp_path), logged(tmp_path, run=2)) == ("run 1\n", "run 2\n")


def test_a_child_that_is_left_behind_goes_on_printing_into_the_file(script, tmp_path):
    command = script("subprocess.Popen('sleep 2.5; echo late', shell=True)")

    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    when(lambda: logged(tmp_path) == "late\n")


def test_what_raised_is_in_the_file_of_errors(script, tmp_path):
    done = subprocess.run(script("raise ValueError('unlucky')"), capture_output=True, text=True, check=False)

    assert "ValueError: unlucky" in logged(tmp_path, "stderr")
    assert "ValueError: unlucky" in done.stderr


def test_the_task_sees_no_terminal_and_progress_bars_reach_it_all_the_same(script, tmp_path):
    command = script("print(sys.stdout.isatty(), end='\\r'); sys.stdout.flush(); print('end')")
    master, slave = pty.openpty()
    process = subprocess.Popen(command, stdout=slave, stderr=slave, stdin=slave)
    os.close(slave)
    process.wait()

    assert logged(tmp_path) == "False\rend\n"
    assert os.read(master, 1000) == b"False\rend\r\n"


def test_a_file_that_cannot_be_written_fails_the_run_with_its_name(script, tmp_path):
    command = script("print('never')")
    (tmp_path / "logs/1/log.stdout").mkdir(parents=True)

    done = subprocess.run([*command, "+mlxp.logger.forced_log_id=1"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert "log.stdout: Is a directory" in done.stderr


def test_without_tee_the_error_says_what_is_needed(script, tmp_path):
    command = script("pass")

    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": str(tmp_path)})

    assert "log_streams_to_file: true needs the program `tee`" in done.stderr
    assert Path(tmp_path / "logs/1/metadata/info.yaml").read_text().startswith("status: FAILED")


def test_of_two_threads_runs_the_streams_of_one_are_copied_and_the_other_is_told(tmp_path):
    script = tmp_path / "threads.py"
    script.write_text(
        textwrap.dedent("""
        import os, threading
        import mlxp_fn as mlxp
        streams = lambda: [os.readlink(f"/proc/self/fd/{number}") for number in (1, 2)]
        before, copied, told = streams(), threading.Event(), []
        settings = {"logger": {"log_streams_to_file": True}}
        def first(ctx):
            copied.set()
            told[0].join()
            print("first")
        def second():
            copied.wait()
            try:
                mlxp.run(lambda ctx: print("second"), {}, settings=settings)
            except mlxp.errors.LaunchError as error:
                print(error)
        told.append(threading.Thread(target=second))
        told[0].start()
        mlxp.run(first, {}, settings=settings)
        assert streams() == before
        mlxp.run(lambda ctx: mlxp.run(lambda ctx: print("within"), {}, settings=settings), {}, settings=settings)
        assert streams() == before
        """)
    )

    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout == logged(tmp_path) + logged(tmp_path, run=3)
    assert done.stdout.startswith("log_streams_to_file: true copies what the whole process prints")
    assert logged(tmp_path, run=2) == ""
    assert logged(tmp_path, run=3) == logged(tmp_path, run=4) == "within\n"


def test_a_task_may_close_its_streams(script, tmp_path):
    subprocess.run(script("print('last'); sys.stdout.close()"), stdout=subprocess.DEVNULL, check=True)

    assert logged(tmp_path) == "last\n"
