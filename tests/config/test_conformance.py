"""Hydra's language: the recorded answers of hydra-core to 1753 questions, and ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = ROOT.parent / "shared" / "conformance" / "run_conformance.py"


@pytest.mark.skipif(not SUITE.is_file(), reason=f"the conformance suite is not at {SUITE}")
def test_every_case_of_the_conformance_suite_passes() -> None:
    command = [sys.executable, str(SUITE), "conformance_adapter:adapter", "--oracle", "recorded", "--show"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}

    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)

    passed, failed = map(int, re.findall(r"^(\d+) passed, (\d+) failed$", done.stdout, re.MULTILINE)[0])
    assert failed == 0, done.stdout[-5000:]
    assert passed >= 1753
    assert "skipped" not in done.stdout
