"""`mlxp demo` from end to end, as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from mlxp_fn.cli.demo import check_extras
from mlxp_fn.errors import MissingExtraError

MLXP = Path(sys.executable).parent / "mlxp"


def demo(directory: Path) -> str:
    done = subprocess.run([MLXP, "demo", directory], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_ids(directory: Path) -> list[int]:
    return sorted(int(path.name) for path in (directory / "logs").iterdir() if path.name.isdigit())


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A demo that was run once, and what it printed."""
    directory = tmp_path_factory.mktemp("somewhere") / "my demo"
    return directory, demo(directory)


def test_demo_runs_twelve_runs_that_complete(first: tuple[Path, str]) -> None:
    infos = [(first[0] / "logs" / str(run) / "metadata/info.yaml").read_text() for run in range(1, 13)]

    assert run_ids(first[0]) == list(range(1, 13))
    assert all("status: COMPLETE" in info for info in infos)


def test_each_run_logs_both_halves_and_a_checkpoint(first: tuple[Path, str]) -> None:
    run = first[0] / "logs/1"

    assert len((run / "metrics/train.json").read_text().splitlines()) == 25
    assert len((run / "metrics/test.json").read_text().splitlines()) == 25
    assert (run / "artifacts/pickle/checkpoint.pkl").is_file()


def test_demo_prints_what_can_be_typed(first: tuple[Path, str]) -> None:
    assert "main.py optimizer.lr=0.03,0.3 model.hidden=8,32 seed=1,2,3\n" in first[1]
    assert f"\n$ cd '{first[0]}'\n" in first[1]


def test_demo_prints_a_row_for_each_setting(first: tuple[Path, str]) -> None:
    rows = [line.split()[:3] for line in first[1].splitlines() if line.strip().startswith("0.")]

    assert sorted(rows) == [["0.03", "32", "3"], ["0.03", "8", "3"], ["0.3", "32", "3"], ["0.3", "8", "3"]]


def test_demo_learns_to_read_digits(first: tuple[Path, str]) -> None:
    best = next(line.split() for line in first[1].splitlines() if line.strip().startswith("0."))

    assert float(best[3]) > 0.9


def test_demo_draws_a_png(first: tuple[Path, str]) -> None:
    assert (first[0] / "accuracy.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_demo_ends_with_three_commands(first: tuple[Path, str]) -> None:
    heading, *commands = first[1].splitlines()[-4:]

    assert heading == "Three commands worth trying next:"
    for command in commands[1:]:
        done = subprocess.run(command, shell=True, cwd=first[0].parent, capture_output=True, text=True, check=True)
        assert "12" in done.stdout


def test_second_demo_adds_runs_and_keeps_edits(first: tuple[Path, str]) -> None:
    directory = first[0]
    before = {path: path.read_bytes() for path in (directory / "logs/1").rglob("*") if path.is_file()}
    edited = (directory / "configs/config.yaml").read_text().replace("epochs: 25", "epochs: 2")
    (directory / "configs/config.yaml").write_text(edited)

    printed = demo(directory)

    assert run_ids(directory) == list(range(1, 25))
    assert "seed=4,5,6" in printed
    assert {path: path.read_bytes() for path in before} == before
    assert (directory / "configs/config.yaml").read_text() == edited
    assert len((directory / "logs/24/metrics/train.json").read_text().splitlines()) == 2


def test_demo_fails_where_its_script_does(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    subprocess.run([MLXP, "new", directory], check=True, capture_output=True)
    (directory / "main.py").write_text("raise SystemExit(3)\n")

    done = subprocess.run([MLXP, "demo", directory], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == f"error: {directory}/main.py ended with status 3\n"


def test_ctrl_c_closes_the_run_and_ends_the_demo(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    subprocess.run([MLXP, "new", directory], check=True, capture_output=True)
    config = directory / "configs/config.yaml"
    config.write_text(config.read_text().replace("epochs: 25", "epochs: 1000000"))
    process = subprocess.Popen(
        [MLXP, "demo", directory],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        # Whoever runs the tests may ignore the signal, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        until(lambda: (directory / "logs/1/metrics/test.json").exists())
        os.killpg(process.pid, signal.SIGINT)

        assert process.wait(timeout=120) == 130
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert "status: INTERRUPTED" in (directory / "logs/1/metadata/info.yaml").read_text()
    assert run_ids(directory) == [1]


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_missing_packages_are_named_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "sklearn" else object())

    with pytest.raises(
        MissingExtraError, match=r"the demo needs sklearn; install with: pip install 'mlxp-fn\[demo\]'"
    ):
        check_extras()
