# SPDX-License-Identifier: AGPL-3.0-only
"""Failing histories are found, written, replayed and made short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from inverse_index.errors import UserError
from tests.stateful.histories import load, replay, save, shortened
from tests.stateful.machine import Machine, Tally, start, step
from tests.stateful.profiles import fuzz


class Nothing:
    """A harness without a chain: snapshots are counted."""

    def __init__(self) -> None:
        self.chain = self
        self.taken = self.reverted = 0

    def fork(self) -> list[int]:
        return Numbers(self)  # type: ignore[return-value]

    def snapshot(self) -> str:
        self.taken += 1
        return str(self.taken)


class Numbers:
    """The harness of one history."""

    def __init__(self, fresh: Nothing) -> None:
        self.chain = self
        self.fresh = fresh
        self.sum = 0

    def revert(self, snapshot: str) -> None:
        assert int(snapshot) == self.fresh.taken
        self.fresh.reverted += 1


class Adding(Machine):
    """Fails when the sum of its steps reaches 40."""

    @start(first=st.integers(1, 3))
    def open(self, first: int) -> None:
        self.harness.sum = first

    @step(amount=st.integers(1, 10), often=3)
    def add(self, amount: int) -> None:
        self.harness.sum += amount
        self.note("added")

    @step(when=lambda self: self.harness.sum > 20)
    def nothing(self) -> None:
        self.note("nothing")

    def check(self) -> None:
        assert self.harness.sum < 40, "forty"


@pytest.fixture
def adding() -> type[Machine]:
    return type("Adding", (Adding,), {"fresh": Nothing(), "tally": Tally()})


def test_a_failure_is_kept_and_shortened(adding: Any) -> None:
    with pytest.raises(AssertionError, match="forty"):
        run_state_machine_as_test(adding, settings=fuzz(50))
    assert adding.failure is not None
    failure = replay(adding, adding.failure)
    assert failure is not None
    assert failure.message == "AssertionError: forty"
    assert "in check" in failure.place
    short = shortened(adding, failure, 10.0)
    assert short.kind == failure.kind
    assert short.taken[0][0] == "open"
    assert "nothing" not in [name for name, _ in short.taken]
    total = sum(value for _, arguments in short.taken for value in arguments.values())
    assert total >= 40
    smallest = min(arguments["amount"] for name, arguments in short.taken if name == "add")
    assert total - smallest < 40  # no step can be left out
    assert adding.fresh.reverted == adding.fresh.taken


def test_replay_takes_what_is_possible(adding: Any) -> None:
    history = [("open", {"first": 2}), ("nothing", {}), ("add", {"amount": 10})]
    assert replay(adding, history) is None
    assert adding.tally.rules == {"open": 1, "add": 1}
    assert adding.tally.steps == 2
    assert adding.tally.reached == {"added": 1}


def test_a_step_of_weight_three_is_three_rules(adding: Any) -> None:
    names = [each.function.__name__ for each in adding().rules]
    assert sorted(names) == ["add", "add", "add", "nothing"]


def test_save_and_load(adding: Any, tmp_path: Path) -> None:
    history = [("open", {"first": 2}), ("add", {"amount": 10})]
    save(tmp_path / "x" / "history.json", "adding", history)
    assert load(tmp_path / "x" / "history.json") == ("adding", history)
    json.loads((tmp_path / "x" / "history.json").read_text())


@pytest.mark.parametrize("text", ["", "{}", '{"machine": "perp", "steps": [1]}'])
def test_not_a_history(tmp_path: Path, text: str) -> None:
    path = tmp_path / "history.json"
    path.write_text(text)
    with pytest.raises(UserError, match="no history that can be replayed"):
        load(path)
