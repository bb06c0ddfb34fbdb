"""Compatibility mode: what `import mlxp` means there, in all that is started from there, and nowhere else."""

import json
import os
import subprocess
import sys
import venv
from importlib import import_module
from pathlib import Path

import pytest

from mlxp_fn.compat.mode import FOLDER, environment
from mlxp_fn.compat.names import NAMES, PACKAGES

MLXP = [sys.executable, "-c", "from mlxp_fn.cli.mlxp import main; main()"]


@pytest.mark.parametrize("module", sorted(NAMES))
def test_every_name_of_the_table_is_where_the_table_says(module):
    for name, place in NAMES[module].items():
        home, _, called = place.partition(":")
        assert getattr(import_module(home), called or name) is not None


def test_the_table_has_every_public_name_of_mlxp(oracle):
    code = """
import importlib, inspect, json, sys
found = {}
for module in json.load(sys.stdin):
    try:
        loaded = importlib.import_module(module)
    except ImportError:
        continue
    found[module] = [name for name, value in vars(loaded).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("mlxp") and (
            inspect.isclass(value) or inspect.isfunction(value)) and value.__module__ == module] + (
            getattr(loaded, "__all__", []))
json.dump(found, sys.stdout)
"""
    asked = json.dumps(sorted(NAMES))
    done = subprocess.run([oracle, "-c", code], input=asked, capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)

    # What MLXP has for itself.
    internal = {"flatten_leaf_keys", "format_apply_map", "get_defautl_shell_path", "get_info_oar"}
    internal |= {"handle_launch_cmd", "is_python", "process_bash_script", "run_python_script"}
    missing = {
        f"{module}.{name}"
        for module, names in theirs.items()
        for name in names
        if name not in NAMES[module] and name not in internal
    }
    assert theirs["mlxp"]
    assert missing == set()


def test_names_modules_and_attributes_are_found_and_are_the_same_objects(compat):
    code = """
import mlxp, mlxp.launcher, mlxp.data_structures.contrib.artifacts as artifacts
from mlxp import *
from mlxp.data_structures.artifacts import Artifact
print(launch is mlxp.launcher.launch is mlxp.launch, artifacts.Artifact is Artifact)
print(mlxp.reader.Reader is Reader, mlxp.errors.InvalidKeyError.__name__, "Context" in dir(mlxp))
"""
    assert compat("-c", code).stdout == "True True\nTrue InvalidKeyError True\n"


def test_no_module_of_ours_is_executed_twice(compat):
    code = """
import sys, collections, mlxp
for name in __import__("mlxp_fn.compat.names", fromlist=["NAMES"]).NAMES:
    module = __import__(name, fromlist=["x"])
    [getattr(module, each) for each in dir(module)]
files = collections.Counter(getattr(module, "__file__", None) for module in set(sys.modules.values()))
print([file for file, count in files.items() if file and count > 1])
"""
    assert compat("-c", code).stdout == "[]\n"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import mlxp.no_such", "compatibility mode has no module 'mlxp.no_such'; there are mlxp, "),
        ("from mlxp.launcher import no_such", "cannot import name 'no_such'"),
        ("import mlxp; mlxp.no_such", "module 'mlxp' has no 'no_such' in compatibility mode; names: ConfigDict, "),
    ],
)
def test_what_is_not_there_is_named(compat, code, message):
    done = compat("-c", code, check=False)

    assert done.returncode == 1
    assert message in done.stderr


def test_children_modules_and_workers_are_in_it_too(written, compat):
    written(
        {
            "package/__init__.py": "",
            "package/main.py": """
            import multiprocessing, subprocess, sys
            import mlxp

            def reader(_):
                import mlxp
                return mlxp.Reader.__module__

            if __name__ == "__main__":
                print(reader(0))
                print(multiprocessing.get_context("spawn").Pool(1).map(reader, [0])[0])
                code = "import mlxp; print(mlxp.Reader.__module__)"
                print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout, end="")
            """,
        }
    )

    assert compat("-m", "package.main").stdout == "mlxp_fn.compat.reader\n" * 3


def test_a_package_of_mlxp_that_is_installed_is_hidden_in_the_mode_and_only_there(written, compat):
    written({"elsewhere/mlxp/__init__.py": "print('theirs')"})
    theirs = {**os.environ, "PYTHONPATH": os.path.abspath("elsewhere")}

    plain = subprocess.run([sys.executable, "-c", "import mlxp"], capture_output=True, text=True, env=theirs)
    ours = compat("-c", "import mlxp; print(mlxp.launch.__module__)", env=theirs)

    assert plain.stdout == "theirs\n"
    assert ours.stdout == "mlxp_fn.compat.launcher\n"


def test_a_python_without_the_library_says_so(written):
    venv.create("bare", symlinks=True)
    done = subprocess.run(
        [*MLXP, "compat", "bare/bin/python", "-c", "import mlxp"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "compatibility mode is on (by PYTHONPATH), and" in done.stderr
    assert "cannot import mlxp_fn" in done.stderr


def test_the_command_is_started_as_it_is_written_and_its_exit_status_is_the_one():
    code = "import sys; print(sys.argv[1:]); sys.exit(7)"
    words = ["--help", "-m", "a=1,2", "--", "-x", "it's"]
    done = subprocess.run(
        [*MLXP, "compat", sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (7, f"{words}\n")


@pytest.mark.parametrize(
    ("command", "meant"), [("no-such-program", ""), ("main.py", "; did you mean python main.py?")]
)
def test_a_command_that_is_not_there_is_one_clear_error(command: str, meant: str):
    done = subprocess.run([*MLXP, "compat", command], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == f"error: cannot start {command!r}: No such file or directory{meant}\n"


def test_entering_twice_is_entering_once():
    once = environment({"PYTHONPATH": "/a:/b", "X": "1"})

    assert once == {"PYTHONPATH": f"{FOLDER}:/a:/b", "X": "1"}
    assert environment(once) == once


def test_packages_are_those_with_modules_in_them():
    assert {name.rpartition(".")[0] for name in NAMES} - {""} == PACKAGES
    assert sorted(os.listdir(FOLDER)) in (["mlxp"], ["__pycache__", "mlxp"])
    assert [path.name for path in Path(FOLDER, "mlxp").glob("*.py")] == ["__init__.py"]
