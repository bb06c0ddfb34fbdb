"""Which commands launch a Python script, and in what parts."""

import pytest

from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.launches import python_command


@pytest.mark.parametrize(
    ("words", "here", "target", "arguments"),
    [
        ("python main.py a=1", "python", "main.py", "a=1"),
        ("python3 -u -W ignore main.py", "python3 -u -W ignore", "main.py", ""),
        ("/opt/py/bin/python3.11 -m pkg.mod a=1", "/opt/py/bin/python3.11", "-m pkg.mod", "a=1"),
        ("python -m pdb -c continue main.py a=1", "python", "main.py", "a=1"),
        ("python -m ipdb -m pkg.mod", "python", "-m pkg.mod", ""),
        ("uv run python main.py", "uv run python", "main.py", ""),
        ("uv run main.py a=1", "uv run", "main.py", "a=1"),
        ("srun -n 1 --mem=2G python main.py", "python", "main.py", ""),
        ("srun uv run python main.py", "uv run python", "main.py", ""),
        ("env A=1 python main.py", "env A=1 python", "main.py", ""),
    ],
)
def test_a_launch_has_an_interpreter_a_target_and_arguments(words, here, target, arguments):
    found = python_command(words.split())

    assert (found.here, found.target, found.arguments) == (
        tuple(here.split()), tuple(target.split()), tuple(arguments.split()),
    )  # fmt: skip


@pytest.mark.parametrize("words", ["python -c 1", "python --version", "uv sync", "srun hostname", "cp a.py b.py"])
def test_what_runs_no_script_is_no_launch(words):
    assert python_command(words.split()) is None


def test_a_debugger_is_left_out_and_said():
    found = python_command(["python", "-m", "pdb", "main.py", "a=1"])

    assert (found.words, found.dropped) == (("python", "main.py", "a=1"), ("-m pdb",))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("timeout 9 python main.py", "'timeout' runs python main.py"),
        ("torchrun --nproc-per-node 2 main.py seed=1", "'torchrun' runs main.py"),
        ("srun -n2 accelerate launch main.py", "'accelerate' runs main.py"),
        ("mpirun -n 2 python main.py", "'mpirun' runs main.py"),
    ],
)
def test_a_launch_inside_another_command_is_refused(words, reason):
    with pytest.raises(SubmissionError, match=reason):
        python_command(words.split())
