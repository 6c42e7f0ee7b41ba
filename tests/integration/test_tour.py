# SPDX-License-Identifier: AGPL-3.0-only
"""The scripted tour does what it says on both venues, and says so when it does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import Reverted
from inverse_index.cli.tour import step_line
from inverse_index.tour import VENUES, run_tour
from inverse_index.tour.harness import Harness
from inverse_index.tour.record import DONE, Record, Step, Stopped
from inverse_index.tour.run import CHAPTERS

pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]

MODES = {"MINT_PAUSED", "ACTIVE", "WINDING_DOWN", "SETTLED"}


@pytest.fixture(scope="module")
def told() -> dict[str, object]:
    """`ape run tour --json`, in a process of its own; `tests/attacks` has the chapter
    that is left out."""
    ape = Path(sys.executable).parent / "ape"
    names = [name for name in CHAPTERS if name != "hostile owner"]
    chapters = [each for name in names for each in ("--chapter", name)]
    done = subprocess.run(
        [ape, "run", "tour", "--json", *chapters],
        cwd=project_root(),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def steps(told: dict[str, object], venue: str) -> list[dict[str, str]]:
    found = told["steps"]
    assert isinstance(found, list)
    return [step for step in found if step["venue"] == venue]


def test_nothing_is_unexpected(told: dict[str, object]) -> None:
    assert told["failed"] == 0
    for venue in VENUES:
        assert all(step["ok"] for step in steps(told, venue))
        assert len(steps(told, venue)) > 100


@pytest.mark.parametrize("venue", VENUES)
def test_every_mode_is_entered(told: dict[str, object], venue: str) -> None:
    text = " ".join(step["what"] for step in steps(told, venue) if not step["by"])
    assert {mode for mode in MODES if mode in text} == MODES


@pytest.mark.parametrize("venue", VENUES)
def test_every_exit_is_used(told: dict[str, object], venue: str) -> None:
    """Done somewhere, and refused somewhere else."""
    done = {s["what"].split("(")[0] for s in steps(told, venue) if s["happened"] == DONE}
    refused = {s["what"].split("(")[0] for s in steps(told, venue) if s["happened"] != DONE}
    exits = {"redeem", "withdraw", "redeem with a minimum"}
    assert exits <= done
    assert {"redeem", "withdraw", "redeem with a minimum of 0"} <= refused
    assert "redeem_in_kind" in (refused if venue == "perp" else done)


@pytest.mark.parametrize("venue", VENUES)
def test_nothing_is_left_after_the_last_holder(told: dict[str, object], venue: str) -> None:
    ends = [s for s in steps(told, venue) if s["what"] == "nothing is left, anywhere"]
    assert len(ends) == 3


def test_a_step_that_is_not_refused(capsys: pytest.CaptureFixture[str]) -> None:
    record = Record()
    with pytest.raises(Stopped):
        record.refused("stranger", "wind_down()", "token: only the owner can wind down", dict)
    (step,) = record.failed
    assert step.happened == DONE
    assert step_line(step).endswith(
        "NOT AS EXPECTED: done; expected: token: only the owner can wind down"
    )


def test_a_step_that_is_refused_otherwise() -> None:
    def call() -> None:
        raise Reverted("token: another", "", b"")

    record = Record()
    record.refused("stranger", "deposit", "token: mint is paused", call)
    with pytest.raises(Stopped):
        record.done("stranger", "deposit", call)
    record.holds("the mode is ACTIVE", False)
    assert [step.happened for step in record.failed] == ["token: another"] * 2 + ["not so"]
    assert step_line(record.failed[-1]).endswith("NO: not so")


def test_a_chapter_that_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a failed step, and the next chapter begins as if nothing had happened."""

    def breaks(harness: Harness, record: Record) -> None:
        harness.wait(1_000)
        harness.deposit("stranger", 0)

    def looks(harness: Harness, record: Record) -> None:
        record.holds("time", harness.chain.now() % 86_400 == 3_600)

    for name, chapter in (("guardian", breaks), ("exits", looks)):
        monkeypatch.setitem(CHAPTERS, name, chapter)
    tour = run_tour("perp", chapters=["guardian", "exits"])
    assert [step.happened for step in tour.steps] == ["token: zero assets", DONE]
    assert len(tour.failed) == 1


def test_only_the_chapter_that_is_asked_for() -> None:
    seen: list[Step] = []
    tour = run_tour("perp", seen.append, ["timelock"])
    assert {step.chapter for step in seen} == {"timelock"}
    assert list(tour.steps) == seen and tour.failed == []
