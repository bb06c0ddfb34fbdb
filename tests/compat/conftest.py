"""Scripts that say `import mlxp`, run in compatibility mode and under MLXP itself.

ORACLE_PYTHON names an interpreter that has MLXP 1.0.5 (`.ci/run` makes one in `.venv-oracle`).
"""

import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)


@pytest.fixture(scope="session")
def oracle():
    """An interpreter that has MLXP 1.0.5."""
    python = os.environ.get("ORACLE_PYTHON") or str(ROOT / ".venv-oracle/bin/python")
    if not os.path.exists(python):
        pytest.skip("ORACLE_PYTHON names no interpreter with MLXP 1.0.5")
    return python


@pytest.fixture
def written():
    """Write files below the working directory: `written({"main.py": text})`."""

    def write(files, root="."):
        for name, text in files.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"))

    return write


@pytest.fixture
def compat():
    """Run a Python command in compatibility mode: `compat("main.py", "seed=1")`."""

    def run(*words, check=True, cwd=".", **options):
        command = [sys.executable, "-m", "mlxp_fn.compat", *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, **options)
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture
def older(pytestconfig, oracle):
    """The unpacked package of an older version, fetched once; the interpreter with 1.0.5 has what it needs."""
    cache = Path(pytestconfig.cache.mkdir("mlxp"))

    def fetched(version):
        folder = cache / version
        if not folder.exists():
            fetch = ["pip", "download", "--no-deps", "-q", "-d", str(cache), f"mlxp=={version}"]
            subprocess.run([oracle, "-m", *fetch], check=True)
            (wheel,) = [path for path in cache.glob("*.whl") if version in path.name]
            zipfile.ZipFile(wheel).extractall(folder)
        return folder

    return fetched
