"""Every example runs, and prints what it says it prints."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

EXAMPLES = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_prints_what_it_says(example: Path, tmp_path: Path) -> None:
    source = example.read_text()
    (tmp_path / example.name).write_text(source)
    promised = (ast.get_docstring(ast.parse(source)) or "").partition("It prints:\n\n")[2]

    done = subprocess.run([sys.executable, example.name], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout == dedent(promised) + "\n"
