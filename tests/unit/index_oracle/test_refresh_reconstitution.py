# SPDX-License-Identifier: AGPL-3.0-only
"""refresh at a due change of units: announced weights and periodic reweighting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import no_event, only_event, reverts
from tests.support.asset_plans import BITCOIN, ETHER, FAILS, PARAMETERS, STEP, USD, ten
from tests.support.constants import DAY, MAX_UINT256, START
from tests.support.oracle_harness import OracleHarness, names

DELAY = 2 * DAY
WEIGHTS = [WAD // 4, 3 * WAD // 4]
WEEK = replace(PARAMETERS, reweight_interval=7 * DAY, reweight_offset=4 * DAY)
FIRST = (START - 4 * DAY) // (7 * DAY) * 7 * DAY + 4 * DAY  # start of the interval at START


@pytest.fixture(scope="module")
def _weekly(chain: LocalBackend, owner: str) -> OracleHarness:
    return OracleHarness(chain, owner, parameters=WEEK)


@pytest.fixture
def weekly(_weekly: OracleHarness) -> OracleHarness:
    """As `pair`, back to equal weights on Mondays at 00:00 UTC."""
    return _weekly.fork()


def until(harness: OracleHarness, time: int) -> None:
    """Wait, with fresh answers then."""
    harness.wait(time - harness.now)
    harness.renew()


# announced weights


def test_nothing_before_the_delay(pair: OracleHarness) -> None:
    """[O-IDX-3]"""
    pair.schedule(WEIGHTS)
    until(pair, START + DELAY - 1)
    assert names(pair, pair.refresh()) == []
    assert pair.oracle.weights() == [WAD // 2, WAD // 2]
    assert pair.oracle.composition().version == 1


def test_in_force_at_the_first_refresh_then(pair: OracleHarness, attacker: str) -> None:
    """[O-IDX-3]"""
    pair.price(0, 2_400 * USD)
    pair.refresh()
    pair.schedule(WEIGHTS)
    until(pair, START + DELAY)
    assert pair.oracle.composition().version == 1  # time alone does nothing
    assert pair.oracle.level() == 1_100 * WAD
    receipt = pair.refresh(attacker)
    units = [11 * WAD * 1_000 // 96_000, 825 * WAD // 40_000]  # 275 / 2,400 and 825 / 40,000
    only_event(
        receipt,
        pair.oracle,
        "Reconstituted",
        version=2,
        level=1_100 * WAD,
        units=ten(units),
    )
    assert names(pair, receipt) == ["Reconstituted"]
    composition = pair.oracle.composition()
    assert composition.units == ten(units)
    assert (composition.version, composition.effective_at) == (2, START + DELAY)
    assert composition.due_at == MAX_UINT256
    assert pair.oracle.weights() == WEIGHTS
    assert pair.oracle.scheduled() == ([], 0)
    # continuous: 275 / 2,400 was rounded down by less than a wei of ether
    assert 0 <= 1_100 * WAD - pair.oracle.level() <= 2_400


def test_only_once(pair: OracleHarness) -> None:
    pair.schedule(WEIGHTS)
    until(pair, START + DELAY)
    pair.refresh()
    pair.price(0, 2_100 * USD)
    assert names(pair, pair.refresh()) == []
    assert pair.oracle.composition().version == 2


def test_a_late_refresh_uses_its_own_prices(pair: OracleHarness) -> None:
    """[O-IDX-3]"""
    pair.schedule(WEIGHTS)
    until(pair, START + DELAY)
    pair.price(0, 2_200 * USD)
    until(pair, START + 5 * DELAY)
    receipt = pair.refresh()
    only_event(
        receipt,
        pair.oracle,
        "Reconstituted",
        version=2,
        level=1_050 * WAD,
        units=ten([1_050 * WAD // 8_800, 3 * 1_050 * WAD // 160_000]),
    )
    assert pair.oracle.composition().effective_at == START + DELAY  # when it was due


def test_a_component_can_leave_and_come_back(pair: OracleHarness) -> None:
    """[O-IDX-6]"""
    pair.schedule([0, WAD])
    until(pair, START + DELAY)
    pair.refresh()
    assert pair.oracle.composition().units == ten([0, WAD // 40])
    pair.price(0, 2_300 * USD)
    assert pair.oracle.level() == 1_000 * WAD
    pair.refresh()
    pair.schedule([WAD, 0])
    until(pair, START + 2 * DELAY)
    pair.refresh()
    assert pair.oracle.composition().units == ten([WAD * 10 // 23, 0])
    assert pair.oracle.composition().version == 3


def test_waits_while_nothing_is_usable(pair: OracleHarness) -> None:
    pair.schedule(WEIGHTS)
    pair.wait(DELAY)
    with reverts("oracle: stale price"):
        pair.refresh()
    pair.renew()
    pair.price(0, 2_041 * USD, 1)
    with reverts("oracle: sources disagree"):
        pair.refresh()
    assert pair.oracle.scheduled() == (WEIGHTS, START + DELAY)
    pair.price(0, 2_000 * USD, 1)
    pair.refresh()
    assert pair.oracle.weights() == WEIGHTS


def test_a_step_holds_it_up_until_it_is_accepted(pair: OracleHarness) -> None:
    """Units that a false price has made would stay when the price is right again.
    [O-STEP-7]"""
    pair.schedule(WEIGHTS)
    until(pair, START + DELAY)
    pair.mode(0, 1, FAILS)
    pair.price(0, 4_000 * USD, 0)
    assert pair.restriction() == STEP
    before = pair.oracle.composition()
    assert names(pair, pair.refresh()) == ["StepObserved"]
    assert pair.oracle.composition() == before and before.due_at <= pair.now
    assert pair.oracle.accepted(0) == (2_000 * WAD, pair.now)
    pair.wait(pair.parameters.step_delay)
    pair.price(0, 4_000 * USD, 0)
    pair.renew(0)
    assert names(pair, pair.refresh()) == ["Reconstituted", "PriceAccepted"]
    assert pair.oracle.composition().units == ten([1_500 * WAD // 16_000, 4_500 * WAD // 160_000])
    assert pair.oracle.composition().effective_at == before.due_at


def test_units_that_do_not_fit_are_refused_and_can_be_withdrawn(
    chain: LocalBackend, owner: str
) -> None:
    wide = {"secondary_decimals": None, "min_price": 1, "decimals": 18}
    cheap = replace(ETHER, price=USD // 10**7, **wide)
    dear = replace(BITCOIN, **wide)
    harness = OracleHarness(chain, owner, [cheap, dear], weights=[0, WAD], base_level=10**9 * WAD)
    harness.schedule([WAD, 0])
    until(harness, START + DELAY)
    with reverts("oracle: units out of range"):  # 1e16 of them, over 2**112 wei
        harness.refresh()
    assert harness.oracle.scheduled() == ([WAD, 0], START + DELAY)
    harness.cancel()
    harness.refresh()


# periodic reweighting


def test_the_clock_starts_with_the_interval_of_the_deployment(weekly: OracleHarness) -> None:
    assert FIRST <= START < FIRST + 7 * DAY
    assert weekly.oracle.composition().due_at == FIRST + 7 * DAY
    assert FIRST % (7 * DAY) == 4 * DAY  # 1 January 1970 was a Thursday


def test_reweights_at_the_first_refresh_of_an_interval(weekly: OracleHarness) -> None:
    """[O-IDX-5]"""
    weekly.price(0, 2_200 * USD)
    until(weekly, FIRST + 7 * DAY - 1)
    assert names(weekly, weekly.refresh()) == []
    until(weekly, FIRST + 7 * DAY)
    receipt = weekly.refresh()
    only_event(
        receipt,
        weekly.oracle,
        "Reconstituted",
        version=2,
        level=1_050 * WAD,
        units=ten([525 * WAD // 2_200, 525 * WAD // 40_000]),
    )
    composition = weekly.oracle.composition()
    assert composition.due_at == FIRST + 14 * DAY
    assert composition.effective_at == FIRST + 7 * DAY
    assert names(weekly, weekly.refresh()) == []


def test_missed_intervals_collapse_into_one(weekly: OracleHarness) -> None:
    """[O-IDX-5]"""
    until(weekly, FIRST + 52 * 7 * DAY + 12_345)
    weekly.refresh()
    composition = weekly.oracle.composition()
    assert composition.version == 2
    assert composition.effective_at == FIRST + 7 * DAY
    assert composition.due_at == FIRST + 53 * 7 * DAY
    assert names(weekly, weekly.refresh()) == []


def test_announced_weights_come_between(weekly: OracleHarness) -> None:
    weekly.schedule(WEIGHTS)
    assert weekly.oracle.composition().due_at == START + DELAY
    until(weekly, START + DELAY)
    only_event(
        weekly.refresh(),
        weekly.oracle,
        "Reconstituted",
        version=2,
        level=1_000 * WAD,
        units=ten([WAD // 8, 750 * WAD // 40_000]),
    )
    assert weekly.oracle.composition().due_at == FIRST + 7 * DAY  # the interval goes on
    until(weekly, FIRST + 7 * DAY)
    weekly.refresh()
    assert weekly.oracle.composition().version == 3
    assert weekly.oracle.weights() == WEIGHTS


def test_an_interval_does_not_bring_announced_weights_forward(weekly: OracleHarness) -> None:
    until(weekly, FIRST + 6 * DAY)
    weekly.schedule(WEIGHTS)
    assert weekly.oracle.composition().due_at == FIRST + 7 * DAY
    until(weekly, FIRST + 7 * DAY)
    weekly.refresh()
    assert weekly.oracle.weights() == [WAD // 2, WAD // 2]
    assert weekly.oracle.scheduled() == (WEIGHTS, FIRST + 8 * DAY)
    assert weekly.oracle.composition().due_at == FIRST + 8 * DAY
    until(weekly, FIRST + 8 * DAY)
    weekly.refresh()
    assert weekly.oracle.weights() == WEIGHTS
    assert weekly.oracle.composition().version == 3


def test_both_at_once_are_one_change(weekly: OracleHarness) -> None:
    weekly.schedule(WEIGHTS)
    until(weekly, FIRST + 8 * DAY)
    receipt = weekly.refresh()
    assert names(weekly, receipt) == ["Reconstituted"]
    assert weekly.oracle.weights() == WEIGHTS
    composition = weekly.oracle.composition()
    assert composition.version == 2
    assert (composition.effective_at, composition.due_at) == (START + DELAY, FIRST + 14 * DAY)


def test_level_is_continuous_over_many_changes(weekly: OracleHarness) -> None:
    """Each change rounds down at most one wei of each component. [O-IDX-1]"""
    for week in range(1, 9):
        until(weekly, FIRST + week * 7 * DAY)
        weekly.price(0, (2_000 + 137 * week) * USD)
        weekly.price(1, (40_000 - 977 * week) * USD)
        before, mid = weekly.oracle.level(), weekly.oracle.read().mid
        receipt = weekly.refresh()
        no_event(receipt, weekly.oracle, "StepObserved")
        after = weekly.oracle.level()
        assert 0 <= before - after <= sum(mid) // WAD + 1
    assert weekly.oracle.composition().version == 9
