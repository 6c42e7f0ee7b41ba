# SPDX-License-Identifier: AGPL-3.0-only
"""The Anvil process: its start, its options, its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inverse_index.chain import Anvil, LocalBackend
from inverse_index.chain import node as node_module
from inverse_index.errors import UserError


def _group_runs(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_ends_after_an_exception_with_all_that_it_started() -> None:
    with pytest.raises(RuntimeError, match="in between"), Anvil(timestamp=1_000_000_000) as anvil:
        pid = anvil.pid
        assert pid is not None
        assert _group_runs(pid)
        with LocalBackend(anvil.url) as backend:
            assert backend.now() == 1_000_000_000
        raise RuntimeError("in between")
    assert not _group_runs(pid)
    assert anvil.pid is None


STARTER = """
import time
from inverse_index.chain import Anvil
node = Anvil()
node.start()
print(node.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the system tells nobody of a parent's end")
def test_ends_with_a_parent_that_is_killed() -> None:
    """Who cannot clean up any more leaves nothing running."""
    starter = subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True)
    with starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert _group_runs(pid)
        starter.kill()
    deadline = time.monotonic() + 10
    while _group_runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _group_runs(pid)


def test_missing_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(node_module, "project_root", lambda: tmp_path)
    with pytest.raises(UserError, match=r"anvil not found .*; run `make setup`"):
        Anvil().start()


def test_program_that_fails_shows_what_it_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "anvil"
    program.write_text("#!/bin/sh\necho no such option\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(node_module, "find_anvil", lambda: str(program))
    with pytest.raises(UserError, match="did not start: no such option"):
        Anvil().start()
