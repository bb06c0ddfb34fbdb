"""What the fault tests share: the real MLXP to read what is left, and scripts that are killed or starved.

The short forms always run; MLXP_LONG_TESTS=1 adds the full ones. ORACLE_PYTHON names an interpreter that has
MLXP 1.0.5 (`.ci/run` makes one in `.venv-oracle`).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

READ = """
import contextlib, json, os, sys
with contextlib.redirect_stdout(sys.stderr):
    import mlxp
    answers = []
    for logs, columns in json.load(sys.stdin):
        results = mlxp.Reader(logs).filter() if os.path.isdir(logs) else []
        rows = {}
        for row in results:
            rows[row["info.logger.log_id"]] = {name: row[name] for name in columns if name in row.keys()}
        answers.append(rows)
json.dump(answers, sys.stdout)
"""


@pytest.fixture(scope="session")
def rounds():
    """How often a fault is tried: `rounds(short, long)`."""
    return lambda short, long: long if os.environ.get("MLXP_LONG_TESTS") == "1" else short


@pytest.fixture(scope="session")
def read_by_mlxp():
    """Of each log directory, what MLXP 1.0.5 reads in some columns: `{id: {column: value}}`, in one process."""
    python = os.environ.get("ORACLE_PYTHON") or str(ROOT / ".venv-oracle/bin/python")
    if not os.path.exists(python):
        pytest.skip("ORACLE_PYTHON names no interpreter with MLXP 1.0.5")

    def read(*questions):
        asked = json.dumps([[str(logs), columns] for logs, columns in questions])
        done = subprocess.run([python, "-c", READ], input=asked, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return [{int(key): row for key, row in rows.items()} for rows in json.loads(done.stdout)]

    return read


@pytest.fixture
def python(tmp_path, monkeypatch):
    """Run a Python script in an empty directory, by a shell line around `{python} script.py` if need be."""
    monkeypatch.chdir(tmp_path)

    def run(text, *arguments, shell="{python} script.py"):
        (tmp_path / "script.py").write_text(text)
        line = shell.format(python=sys.executable)
        command = ["bash", "-c", line, "bash", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    return run
