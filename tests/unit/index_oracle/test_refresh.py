# SPDX-License-Identifier: AGPL-3.0-only
"""refresh: accepts prices, and the step breaker between accepted ones."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import no_event, only_event, reverts
from tests.support.asset_plans import COLLATERAL, FAILS, SPREAD, STEP, USD, ten
from tests.support.oracle_harness import OracleHarness, names


def test_accepts_the_prices_for_anybody(pair: OracleHarness, attacker: str) -> None:
    pair.price(0, 2_100 * USD)
    assert pair.oracle.accepted(0) == (2_000 * WAD, 0)
    receipt = pair.refresh(attacker)
    assert pair.oracle.accepted(0) == (2_100 * WAD, 0)
    assert pair.oracle.accepted(1) == (40_000 * WAD, 0)
    assert pair.oracle.accepted(2) == (WAD, 0)
    assert names(pair, receipt) == []


def test_accepts_dollars(pair: OracleHarness) -> None:
    """Of the collateral too; what is accepted of a component does not depend on it."""
    pair.price(COLLATERAL, 95 * USD // 100)
    pair.price(0, 2_100 * USD)
    assert pair.mid() == 2_100 * WAD * 100 // 95
    pair.refresh()
    assert pair.oracle.accepted(0) == (2_100 * WAD, 0)
    assert pair.oracle.accepted(2) == (95 * WAD // 100, 0)


def test_returns_prices_and_composition(pair: OracleHarness, keeper: str) -> None:
    pair.price(0, 2_100 * USD)
    prices, composition = pair.oracle.refresh.call(sender=keeper)
    assert prices == pair.oracle.read()
    assert composition == pair.oracle.composition()
    assert prices.mid == ten([2_100 * WAD, 40_000 * WAD])


def test_a_move_of_the_limit_is_no_step(single: OracleHarness) -> None:
    """[O-STEP-1]"""
    for answer, restriction in (
        (2_400 * 10**8, 0),  # exactly 20%
        (2_400 * 10**8 + 1, STEP),
        (1_600 * 10**8, 0),
        (1_600 * 10**8 - 1, STEP),
    ):
        single.answer(0, 0, answer)
        assert single.restriction() == restriction
    assert single.mid() == 1_600 * WAD - 10**10  # readable, for redemption


def test_a_step_starts_its_clock_once(single: OracleHarness) -> None:
    single.price(0, 2_401 * USD)
    observed_at = single.now
    receipt = single.refresh()
    only_event(
        receipt,
        single.oracle,
        "StepObserved",
        asset=0,
        accepted=2_000 * WAD,
        price=2_401 * WAD,
    )
    assert names(single, receipt) == ["StepObserved"]
    assert single.oracle.accepted(0) == (2_000 * WAD, observed_at)
    single.wait(60)
    single.price(0, 288_120 * USD // 100)  # exactly 20% above the observed price
    receipt = single.refresh()
    assert names(single, receipt) == []
    assert single.oracle.accepted(0) == (2_000 * WAD, observed_at)
    assert single.restriction() == STEP


def test_a_price_unlike_the_observed_starts_the_clock_anew(single: OracleHarness) -> None:
    """[O-STEP-4]"""
    single.price(0, 3_000 * USD)
    single.refresh()
    for answer in (3_600 * 10**8 + 1, 2_880 * 10**8):  # 20% and a little; 20% down from there
        single.wait(3_000)
        single.renew()
        single.answer(0, 0, answer)
        receipt = single.refresh()
        only_event(
            receipt,
            single.oracle,
            "StepObserved",
            asset=0,
            accepted=2_000 * WAD,
            price=answer * 10**10,
        )
        assert names(single, receipt) == ["StepObserved"]
        assert single.oracle.accepted(0) == (2_000 * WAD, single.now)
    single.wait(3_599)
    single.renew()
    assert single.restriction() == STEP
    single.wait(1)
    assert single.restriction() == 0


def test_the_delay_excuses_prices_like_the_observed(single: OracleHarness) -> None:
    """Within the limit of it, on both sides; or of the accepted one. [O-STEP-3]"""
    single.price(0, 3_000 * USD)
    single.refresh()
    single.wait(3_600)
    single.renew()
    for answer, restriction in (
        (3_600 * 10**8, 0),
        (3_600 * 10**8 + 1, STEP),
        (2_400 * 10**8, 0),  # the edge of both
        (2_000 * 10**8, 0),
        (1_600 * 10**8 - 1, STEP),
    ):
        single.answer(0, 0, answer)
        assert single.restriction() == restriction
    single.price(0, 3_500 * USD)
    only_event(single.refresh(), single.oracle, "PriceAccepted", asset=0, price=3_500 * WAD)
    assert single.oracle.accepted(0) == (3_500 * WAD, 0)


def test_an_unlike_price_after_the_delay_is_observed_anew(single: OracleHarness) -> None:
    single.price(0, 3_000 * USD)
    single.refresh()
    single.wait(3_600)
    single.renew()
    single.price(0, 4_000 * USD)
    receipt = single.refresh()
    only_event(
        receipt,
        single.oracle,
        "StepObserved",
        asset=0,
        accepted=2_000 * WAD,
        price=4_000 * WAD,
    )
    assert single.oracle.accepted(0) == (2_000 * WAD, single.now)
    assert single.restriction() == STEP
    single.price(0, 3_000 * USD)  # what was observed before is forgotten
    assert single.restriction() == STEP


def test_twice_in_a_block(single: OracleHarness) -> None:
    """The last price of a block is the observed one."""
    for dollars in (3_000, 4_000):
        single.price(0, dollars * USD)
        single.refresh()
    single.wait(3_600)
    single.renew()
    assert single.restriction() == 0
    single.price(0, 3_000 * USD)
    assert single.restriction() == STEP


def test_two_steps_at_once_have_clocks_of_their_own(single: OracleHarness) -> None:
    single.price(0, 3_000 * USD)
    single.refresh()
    single.wait(1_800)
    single.renew()
    single.price(COLLATERAL, USD // 2)
    only_event(
        single.refresh(),
        single.oracle,
        "StepObserved",
        asset=1,
        accepted=WAD,
        price=WAD // 2,
    )
    single.wait(1_800)
    single.renew()
    assert single.restriction() == STEP  # the collateral's still
    assert names(single, single.refresh()) == ["PriceAccepted"]
    single.wait(1_800)
    single.renew()
    assert single.restriction() == 0
    only_event(single.refresh(), single.oracle, "PriceAccepted", asset=1, price=WAD // 2)


def test_a_step_is_accepted_after_its_delay(single: OracleHarness) -> None:
    """[O-STEP-3]"""
    single.price(0, 3_000 * USD)
    single.refresh()
    single.wait(3_599)
    assert single.restriction() == STEP
    assert names(single, single.refresh()) == []
    single.wait(1)
    assert single.restriction() == 0
    receipt = single.refresh()
    only_event(receipt, single.oracle, "PriceAccepted", asset=0, price=3_000 * WAD)
    assert names(single, receipt) == ["PriceAccepted"]
    assert single.oracle.accepted(0) == (3_000 * WAD, 0)
    assert names(single, single.refresh()) == []


def test_without_a_refresh_no_clock_runs(single: OracleHarness) -> None:
    """[O-STEP-5]"""
    single.price(0, 3_000 * USD)
    single.wait(3_600)
    single.renew()
    assert single.restriction() == STEP
    single.refresh()
    assert single.oracle.accepted(0) == (2_000 * WAD, single.now)


def test_a_price_that_comes_back_clears_the_step(single: OracleHarness) -> None:
    single.price(0, 3_000 * USD)
    single.refresh()
    single.wait(600)
    single.price(0, 2_050 * USD)
    assert single.restriction() == 0
    receipt = single.refresh()
    only_event(receipt, single.oracle, "PriceAccepted", asset=0, price=2_050 * WAD)
    assert single.oracle.accepted(0) == (2_050 * WAD, 0)
    single.price(0, 3_000 * USD)  # and the next step has a clock of its own
    assert single.restriction() == STEP
    only_event(
        single.refresh(),
        single.oracle,
        "StepObserved",
        asset=0,
        accepted=2_050 * WAD,
        price=3_000 * WAD,
    )
    assert single.oracle.accepted(0) == (2_050 * WAD, single.now)


def test_a_step_downward(single: OracleHarness) -> None:
    """[O-STEP-1]"""
    single.price(0, 1_000 * USD)
    assert single.restriction() == STEP
    single.refresh()
    single.wait(3_600)
    single.renew()
    assert single.restriction() == 0
    single.refresh()
    assert single.oracle.accepted(0) == (1_000 * WAD, 0)


def test_an_agreeing_secondary_confirms_at_once(pair: OracleHarness) -> None:
    """[O-STEP-2]"""
    pair.price(0, 3_000 * USD, 0)
    pair.price(0, 3_060 * USD, 1)  # exactly the maximum spread
    assert pair.restriction() == 0
    receipt = pair.refresh()
    assert names(pair, receipt) == []
    assert pair.oracle.accepted(0) == (3_000 * WAD, 0)


def test_a_secondary_confirms_a_step_that_is_observed(pair: OracleHarness) -> None:
    pair.mode(0, 1, FAILS)
    pair.price(0, 3_000 * USD, 0)
    assert pair.restriction() == STEP
    observed_at = pair.now
    only_event(
        pair.refresh(),
        pair.oracle,
        "StepObserved",
        asset=0,
        accepted=2_000 * WAD,
        price=3_000 * WAD,
    )
    assert pair.oracle.accepted(0) == (2_000 * WAD, observed_at)
    pair.price(0, 3_010 * USD, 1)
    assert pair.restriction() == 0
    receipt = pair.refresh()
    only_event(receipt, pair.oracle, "PriceAccepted", asset=0, price=3_000 * WAD)
    assert pair.oracle.accepted(0) == (3_000 * WAD, 0)


def test_a_secondary_alone_does_not_confirm_itself(pair: OracleHarness) -> None:
    """[O-STEP-2]"""
    pair.mode(0, 0, FAILS)
    pair.price(0, 3_000 * USD, 1)
    assert pair.restriction() == STEP
    pair.refresh()
    assert pair.oracle.accepted(0) == (2_000 * WAD, pair.now)


def test_a_step_of_one_component_leaves_the_others(pair: OracleHarness) -> None:
    pair.mode(1, 1, FAILS)
    pair.price(1, 60_000 * USD, 0)
    pair.price(0, 2_100 * USD)
    observed_at = pair.now
    receipt = pair.refresh()
    only_event(
        receipt,
        pair.oracle,
        "StepObserved",
        asset=1,
        accepted=40_000 * WAD,
        price=60_000 * WAD,
    )
    no_event(receipt, pair.oracle, "PriceAccepted")
    assert pair.oracle.accepted(0) == (2_100 * WAD, 0)
    assert pair.oracle.accepted(1) == (40_000 * WAD, observed_at)


def test_a_step_of_the_collateral_is_a_step(single: OracleHarness) -> None:
    """[O-STEP-6]"""
    single.price(COLLATERAL, 80 * USD // 100)  # exactly 20%, though 25% in units of it
    assert (single.mid(), single.restriction()) == (2_500 * WAD, 0)
    single.answer(COLLATERAL, 0, 80 * 10**6 - 1)
    assert single.restriction() == STEP


def test_two_sources_of_the_collateral_confirm_its_step(pair: OracleHarness) -> None:
    pair.price(COLLATERAL, USD // 2)
    assert (pair.mid(), pair.restriction()) == (4_000 * WAD, 0)
    assert names(pair, pair.refresh()) == []
    assert pair.oracle.accepted(2) == (WAD // 2, 0)


def test_small_moves_add_up_to_a_step_unless_refreshed(single: OracleHarness) -> None:
    single.price(0, 2_300 * USD)
    single.refresh()
    single.price(0, 2_700 * USD)  # 17.4% from the last accepted
    assert single.restriction() == 0
    single.refresh()
    single.price(0, 2_300 * USD)
    single.price(0, 3_241 * USD)
    assert single.restriction() == STEP


def test_refuses_while_sources_disagree(pair: OracleHarness) -> None:
    """[O-SPR-4]"""
    pair.price(0, 2_041 * USD, 1)
    assert pair.restriction() == SPREAD
    before = pair.state()
    with reverts("oracle: sources disagree"):
        pair.refresh()
    assert pair.state() == before
    pair.price(0, 2_040 * USD, 1)
    pair.refresh()


def test_both_restrictions_at_once(pair: OracleHarness) -> None:
    pair.price(0, 2_041 * USD, 1)
    pair.mode(1, 1, FAILS)
    pair.price(1, 50_000 * USD, 0)
    assert pair.restriction() == STEP | SPREAD
    with reverts("oracle: sources disagree"):
        pair.refresh()
    assert pair.oracle.accepted(1) == (40_000 * WAD, 0)  # no clock was started
    pair.price(0, 3_000 * USD, 0)  # a step that its secondary denies
    pair.price(1, 40_000 * USD, 0)
    assert pair.restriction() == STEP | SPREAD
