# SPDX-License-Identifier: AGPL-3.0-only
"""The worst legal values of a hostile owner and guardian: nothing for who leaves
within the delay, and never more than the constants for who stays."""

from __future__ import annotations

import re
from math import prod

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import BPS
from inverse_index.tour import VENUES, Tour, silence
from inverse_index.tour import hostile as powers
from inverse_index.tour.harness import build_harness
from inverse_index.tour.hostile import compounded
from inverse_index.tour.record import Figure, Record
from inverse_index.tour.run import CHAPTERS, play

MODULES = {
    "MAX_RATE": "token/streaming_fee",
    "MAX_HEARTBEAT": "oracle/configuration_checks",
}


@pytest.fixture(scope="module", params=VENUES)
def found(request: pytest.FixtureRequest, chain: LocalBackend) -> Tour:
    """The chapter on one venue."""
    harness, record = build_harness(chain, request.param), Record()
    play(harness, record, "hostile owner", CHAPTERS["hostile owner"])
    return Tour(request.param, record.steps, record.figures)


def figure(tour: Tour, worst: str, over: str = "") -> Figure:
    (each,) = [
        each for each in tour.figures if each.worst.startswith(worst) and each.over.startswith(over)
    ]
    return each


CONSTANTS = {
    name: value
    for module in (powers, silence)
    for name, value in vars(module).items()
    if re.match("(MAX|MIN)_", name)
}


@pytest.mark.parametrize("name", list(CONSTANTS))
def test_the_constants_are_the_contracts(name: str) -> None:
    module = MODULES.get(name, "policy/parameters")
    text = (project_root() / "contracts" / "modules" / f"{module}.vy").read_text()
    written = re.search(rf"^{name}: constant\(uint256\) = ([\d_ *]+)$", text, re.MULTILINE)
    assert written is not None
    assert prod(int(factor) for factor in written[1].split("*")) == CONSTANTS[name]


def test_every_step_is_as_expected(found: Tour) -> None:
    assert found.failed == []
    assert {each.power for each in found.figures} == {
        "guardian",
        "set_parameters",
        "set_streaming_fee",
        "set_heartbeats",
        "schedule_reconstitution",
        "wind_down",
        "transfer_ownership",
    }


def test_who_leaves_in_time_loses_nothing(found: Tour) -> None:
    """To the unit what leaving pays without any announcement."""
    assert [each.leaving for each in found.figures] == [0] * len(found.figures)


def test_who_stays_loses_no_more_than_the_bounds(found: Tour) -> None:
    for each in found.figures:
        assert 0 <= each.staying <= each.bound < BPS, each


def test_fees(found: Tour) -> None:
    for fee in ("redemption fee", "mint fee"):
        assert 50 < figure(found, fee).staying < 100.01  # a large exit is given a part back
    streaming = figure(found, "5% a year").staying
    assert 39 < streaming < 1_550_000_000 * 30 * 86_400 / 10**14
    assert figure(found, "mints stopped").staying == 0


def test_rewards_add_up(found: Tour) -> None:
    """Each call has a bound, their number has none: what is left of it is competition."""
    alone = figure(found, "0.2% a call, the owner is the only keeper", "30 days")
    period = figure(found, "0.2% a call, the owner is the only keeper", "one period")
    assert 20 <= period.staying < alone.staying / 4
    competing = figure(found, "0.2% a call, competing keepers")
    emergency = figure(found, "emergency at the band")
    # All but the rests of chunked resets, which pay for what they correct.
    assert compounded([20] * alone.calls) * 3 / 4 <= alone.staying
    assert competing.staying < alone.staying / 2
    assert emergency.staying > competing.staying * 1.5


def test_a_bound_is_tight_enough_to_fail() -> None:
    """A figure over its bound, or a loss of who leaves, is a failed step."""
    record = Record()
    record.figure(Figure("p", "w", 0, 10.1, "a day", 10, ""))
    record.figure(Figure("p", "w", 0.1, 1, "a day", 10, ""))
    record.figure(Figure("p", "w", 0, 10, "a day", 10, ""))
    assert [step.ok for step in record.steps] == [False, False, True]
