# SPDX-License-Identifier: AGPL-3.0-only
"""What fixtures of wider scope do is undone when they end, and not before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root

BASE = """
from tests.conftest import *
from tests.conftest import _owner
"""

SHARED = """
import pytest

@pytest.fixture(scope="package")
def shared(chain, owner):
    chain.increase_time(3_600)
    return chain.deploy("HostileToken", 6, sender=owner)
"""

FIRST = """
import pytest
from tests.support.constants import START

@pytest.fixture(scope="module")
def early(chain):
    return chain.increase_time(60)

def test_module_fixture_comes_before_the_package_fixture(early):
    assert early == START + 60

def test_package_fixture_is_made_while_the_other_lives(shared, early, owner):
    shared.mint(owner, 5, sender=owner)

def test_a_test_is_undone(shared):
    assert shared.totalSupply() == 0
"""

SECOND = """
def test_package_fixture_is_still_there(shared):
    assert shared.decimals() == 6
"""

AFTER = """
from tests.support.constants import START

def test_nothing_is_left_of_the_package(chain):
    assert (chain.now(), chain.block_number()) == (START, 0)
"""

HIDDEN = """
import pytest

@pytest.fixture(scope="module")
def late(chain):
    return chain.increase_time(60)

def test_wide_fixture_inside_a_test(chain, request):
    request.getfixturevalue("late")
"""


def _run(folder: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "empty.ini").write_text("[pytest]\n")
    root = str(project_root())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:ape_test", "-p", "no:cacheprovider"]
    command += ["-p", "no:xdist", "-c", str(folder / "empty.ini"), "--import-mode=importlib"]
    environment = {**os.environ, "PYTHONPATH": root, "INVERSE_INDEX_ROOT": root}
    return subprocess.run(
        [*command, str(folder)], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_wide_fixtures_are_undone_with_their_scope(tmp_path: Path) -> None:
    files = {
        "conftest.py": BASE,
        "a_package/__init__.py": "",
        "a_package/conftest.py": SHARED,
        "a_package/test_first.py": FIRST,
        "a_package/test_second.py": SECOND,
        "test_z_after.py": AFTER,
    }
    done = _run(tmp_path, files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_wide_fixture_made_inside_a_test_is_an_error(tmp_path: Path) -> None:
    """It would be undone with the test and yet be handed to the next one."""
    done = _run(tmp_path, {"conftest.py": BASE, "test_hidden.py": HIDDEN})
    assert done.returncode == 1
    assert "take late as an argument" in done.stdout


@pytest.mark.parametrize("package", [True, False], ids=["a package", "a folder"])
def test_what_is_never_undone_is_an_error(tmp_path: Path, package: bool) -> None:
    """A folder that is no package has its fixtures of package scope live for ever."""
    files = {
        "suite/conftest.py": BASE,
        "suite/a_folder/conftest.py": SHARED,
        "suite/a_folder/test_second.py": SECOND,
        "suite/test_z_after.py": AFTER,
    }
    done = _run(tmp_path, files | ({"suite/a_folder/__init__.py": ""} if package else {}))
    assert (done.returncode == 0) is package, done.stdout + done.stderr
    assert ("3600 s on for good" in done.stdout) is not package
