# SPDX-License-Identifier: AGPL-3.0-only
"""The command behind `make fuzz`: figures, goals, failures that can be repeated."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.stateful.fuzz import main
from tests.stateful.machine import Tally
from tests.stateful.planted import FAULTS
from tests.stateful.report import Run, gaps
from tests.stateful.workers import Broken, Done, Job, run_jobs

pytestmark = pytest.mark.scripts


def test_a_run(tmp_path: Path) -> None:
    """Every step counted once, and the same figures as JSON."""
    out = tmp_path / "figures.json"
    asked = ["--steps", "100", "--workers", "1", "--machine", "oracle-primaries"]
    result = CliRunner().invoke(main, [*asked, "--json", str(out)])
    assert result.exit_code == 0, result.output
    assert "oracle-primaries" in result.output
    assert "never reached" in result.output  # too short to fail for it
    figures = json.loads(out.read_text())
    assert figures["steps"] == figures["machines"]["oracle-primaries"] >= 100
    assert figures["steps"] <= sum(figures["rules"].values()) + 10
    assert figures["never_reached"]["oracle"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--machine", "perpetuum"], "no machine perpetuum: choose from perp, "),
        (["--steps", "0"], "--steps: got 0, expected at least 1"),
        (["--workers", "-1"], "--workers: got -1, expected at least 1"),
        (["--replay", "nowhere.json"], "nowhere.json is no history that can be replayed"),
    ],
)
def test_what_is_refused(asked: list[str], told: str) -> None:
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_a_planted_fault_is_found_and_its_history_is_short() -> None:
    fault = next(each for each in FAULTS if each.name == "staleness is not looked at")
    job = Job(5_000, 1, 1, ("oracle-primaries",), 20.0, (fault.change,))
    found = [each for each in run_jobs(job) if isinstance(each, Broken)]
    assert len(found) == 1
    assert found[0].batch < 1_000
    steps = json.loads(found[0].history)["steps"]
    assert len(steps) == found[0].length <= 4


@pytest.mark.skipif(sys.platform != "linux", reason="the system tells nobody of a parent's end")
def test_nothing_outlives_a_run_that_is_killed() -> None:
    """Its workers would go on for ever, each with an Anvil."""
    command = [sys.executable, "-m", "tests.stateful.fuzz", "--steps", "100000", "--workers", "1"]
    with subprocess.Popen([*command, "--machine", "oracle"], stdout=subprocess.DEVNULL) as run:
        anvil = _soon(lambda: _descendants(run.pid, "anvil"))
        workers = _descendants(run.pid, "python")
        run.kill()
    assert anvil and workers
    _soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in anvil | workers))


def _soon(wanted: Callable[[], Any]) -> Any:
    """What it says as soon as it is something."""
    deadline = time.monotonic() + 30
    while not (found := wanted()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def _descendants(pid: int, name: str) -> set[int]:
    """Processes with this name, at any depth."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = {int(child) for task in tasks for child in task.read_text().split()}
    below = {each for child in children for each in _descendants(child, name)}
    own = {c for c in children if Path(f"/proc/{c}/comm").read_text().startswith(name)}
    return own | below


def test_goals_are_those_of_a_family_together() -> None:
    run = Run(Job(1, 1, 1, ("oracle", "oracle-odd")))
    missing = gaps(run)
    assert missing == {}
    tally = Tally()
    tally.reached["usable"] = 1
    run.add(Done(0, "oracle", tally, 1.0, (0, 0)))
    (before,) = gaps(run).values()
    assert "usable" not in before
    other = Tally()
    other.reached["dead"] = 1
    run.add(Done(0, "oracle-odd", other, 1.0, (0, 0)))
    assert gaps(run)["oracle"] == before - {"dead"}
