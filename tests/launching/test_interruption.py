"""Ctrl-C during a sweep, for real: in a process of its own."""

import os
import signal
import subprocess
import sys

import yaml

MAIN = """
import time
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    print("begun", flush=True)
    time.sleep(300)

task()
"""


def test_ctrl_c_ends_the_sweep_and_is_recorded(tmp_path):
    (tmp_path / "main.py").write_text(MAIN)
    launched = subprocess.Popen(
        [sys.executable, "main.py", "+seed=1,2,3"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    launched.stdout.readline()

    try:
        launched.send_signal(signal.SIGINT)
        _, said = launched.communicate(timeout=120)
    finally:
        launched.kill()

    assert launched.returncode == -signal.SIGINT
    assert said == "interrupted: run 1; 2 of 3 were not begun\n"
    info = yaml.safe_load((tmp_path / "logs/1/metadata/info.yaml").read_text())
    assert (info["status"], info["signal"]) == ("INTERRUPTED", "SIGINT")
    assert [name for name in os.listdir(tmp_path / "logs") if name.isdigit()] == ["1"]
