# SPDX-License-Identifier: AGPL-3.0-only
"""The examples of tests/README.md work when they are copied."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from tests.stateful import flows
from tests.stateful.histories import replay
from tests.stateful.machines import machine
from tests.stateful.token import MILLION

README = (project_root() / "tests" / "README.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.M | re.S)
FIXTURES = (("tests.conftest", "tests.unit.token.conftest"), ("tests.conftest",))


@pytest.mark.parametrize(("block", "fixtures"), zip(BLOCKS[:2], FIXTURES, strict=True))
def test_whole_files_pass(tmp_path: Path, block: str, fixtures: tuple[str, ...]) -> None:
    assert block.startswith("# SPDX-License-Identifier")
    (tmp_path / "test_copied.py").write_text(block)
    (tmp_path / "empty.ini").write_text("[pytest]\n")
    root = str(project_root())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:ape_test", "-p", "no:cacheprovider"]
    command += ["-p", "no:xdist", "-c", str(tmp_path / "empty.ini"), "--import-mode=importlib"]
    command += [part for plugin in fixtures for part in ("-p", plugin)] + [str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": root, "INVERSE_INDEX_ROOT": root}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_the_step_is_one(chain: LocalBackend) -> None:
    names = dict(vars(flows))
    exec(textwrap.dedent(BLOCKS[2]), names)
    usual = machine("perp", chain)
    kind = type("WithTheStep", (usual,), {"transfer_from": names["transfer_from"]})
    moved = {"sender": 0, "receiver": 1, "part": MILLION // 2}
    assert replay(kind, [("open", {"anchor": 1_000}), ("transfer_from", moved)]) is None
    assert kind.tally.reached["allowance used up"] == 1


def test_the_planted_line_is_there() -> None:
    """In the command and in the change of one line."""
    source = (project_root() / "contracts" / "modules" / "token" / "nav.vy").read_text()
    (old,) = re.findall(r"^    \"(    return self\._div_up.*)\\n\",$", README, re.M)
    assert source.count(f"{old}\n") == 1
    (pattern,) = re.findall(r"sed -i 's\|(.*?)\|", README)
    assert source.count(pattern.replace("\\*", "*")) == 1
