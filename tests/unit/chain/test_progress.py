# SPDX-License-Identifier: AGPL-3.0-only
"""Tests that have to compile first say so on the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from tests.support.tiny_project import UNUSED, write_project

CONFTEST = "from tests.support.progress import pytest_sessionstart\n"
TEST = """
from inverse_index.artifacts import artifact

def test_first():
    print("captured")
    assert artifact("Other").name == "Other"

def test_second():
    assert artifact("Thing").name == "Thing"
"""


@pytest.mark.parametrize("workers", ["0", "1"], ids=["alone", "in a worker"])
def test_the_contract_and_how_many_there_are(tmp_path: Path, workers: str) -> None:
    root = write_project(tmp_path / "project")
    (root / "contracts" / "Other.vy").write_text(UNUSED)
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "conftest.py").write_text(CONFTEST)
    (suite / "test_compiles.py").write_text(TEST)
    (suite / "empty.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:ape_test", "-p", "no:cacheprovider"]
    command += ["-n", workers, "-c", str(suite / "empty.ini"), "--import-mode=importlib"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(project_root()),
        "INVERSE_INDEX_ROOT": str(root),
        "INVERSE_INDEX_CACHE": str(tmp_path / "cache"),
    }
    done = subprocess.run(
        [*command, str(suite)], cwd=suite, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "compiling 1 of 2: Other\n" in done.stderr
    assert "compiling 2 of 2: Thing\n" in done.stderr
    assert "captured" not in done.stdout
    again = subprocess.run(
        [*command, str(suite)], cwd=suite, env=environment, capture_output=True, text=True
    )
    assert again.returncode == 0 and "compiling" not in again.stderr
