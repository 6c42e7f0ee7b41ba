# SPDX-License-Identifier: AGPL-3.0-only
"""refresh and the step breaker under attack: glitches of single sources that try
to look like confirmed prices."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event
from tests.support.asset_plans import COLLATERAL, FAILS, STEP, USD
from tests.support.oracle_harness import OracleHarness, names


def test_a_step_that_went_back_excuses_no_glitch(single: OracleHarness, attacker: str) -> None:
    """A glitch is observed and goes away unrefreshed; hours later another one
    would find the clock run out, were it not tied to its price."""
    single.price(0, 1_500 * USD)
    single.refresh(attacker)
    observed_at = single.now
    single.price(0, 2_000 * USD)
    single.wait(3 * 3_600)
    single.renew()
    assert single.oracle.accepted(0) == (2_000 * WAD, observed_at)
    for glitch in (10, 1_199, 2_401, 10_000):
        single.price(0, glitch * USD)
        assert single.restriction() == STEP
    single.refresh(attacker)
    assert single.oracle.accepted(0) == (2_000 * WAD, single.now)
    assert single.restriction() == STEP


def test_a_step_that_went_back_is_ended_by_a_refresh(single: OracleHarness) -> None:
    single.price(0, 1_500 * USD)
    single.refresh()
    single.price(0, 2_000 * USD)
    only_event(single.refresh(), single.oracle, "PriceAccepted", asset=0, price=2_000 * WAD)
    single.wait(3 * 3_600)
    single.renew()
    single.price(0, 1_500 * USD)  # not even the same one
    assert single.restriction() == STEP


def test_confirmed_components_do_not_hide_the_collateral(pair: OracleHarness) -> None:
    """All components have two agreeing sources, the collateral lost one; its
    glitch moves every price, and each of them with sources that agree. [O-STEP-6]"""
    pair.mode(COLLATERAL, 1, FAILS)
    pair.price(COLLATERAL, 79 * USD // 100, 0)
    assert pair.mid() == 2_000 * WAD * 100 // 79
    assert pair.restriction() == STEP
    receipt = pair.refresh()
    only_event(
        receipt,
        pair.oracle,
        "StepObserved",
        asset=2,
        accepted=WAD,
        price=79 * WAD // 100,
    )
    assert names(pair, receipt) == ["StepObserved"]
    assert pair.oracle.accepted(0) == (2_000 * WAD, 0)
    assert pair.oracle.accepted(1) == (40_000 * WAD, 0)
    assert pair.oracle.accepted(2) == (WAD, pair.now)
    assert pair.restriction() == STEP
    pair.wait(3_600)
    for i in (0, 1):
        pair.price(i, pair.plans[i].price)
    assert pair.restriction() == 0
    only_event(pair.refresh(), pair.oracle, "PriceAccepted", asset=2, price=79 * WAD // 100)
    assert pair.oracle.accepted(2) == (79 * WAD // 100, 0)


def test_a_collateral_does_not_hide_a_component(pair: OracleHarness) -> None:
    """Both 25% up: the price in collateral stands still, the step is seen. [O-STEP-6]"""
    pair.mode(0, 1, FAILS)
    pair.price(0, 2_500 * USD, 0)
    pair.price(COLLATERAL, 125 * USD // 100)
    assert (pair.mid(), pair.restriction()) == (2_000 * WAD, STEP)
    pair.refresh()
    assert pair.oracle.accepted(0) == (2_000 * WAD, pair.now)
    assert pair.oracle.accepted(2) == (125 * WAD // 100, 0)
