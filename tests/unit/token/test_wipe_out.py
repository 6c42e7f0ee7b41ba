# SPDX-License-Identifier: AGPL-3.0-only
"""The index rises past 1/L: N floors at 0 and nobody is caught in it."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.assertions import only_event
from tests.support.constants import MAX_UINT256
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import model_refuses, refused, transfer

LOST = {1: 110, 2: 55, 3: 37}  # percent by multiple


@pytest.fixture(params=[1, 2, 3])
def wiped(
    request: pytest.FixtureRequest, chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> SystemHarness:
    """100,000 of a multiple of 1, 2, 3 after a rise that takes it all."""
    harness = deploy_harness(chain, owner, keeper, make_plan(multiple=request.param))
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    harness.move(LOST[request.param])
    assert harness.model.token.context(harness.now).v.net < 0
    harness.check()
    return harness


def test_views_floor_at_zero(wiped: SystemHarness) -> None:
    """[T-VAL-1]"""
    token, report = wiped.token, wiped.report()
    assert token.totalAssets() == 0
    assert token.convertToAssets(wiped.token.totalSupply()) == 0
    assert token.previewRedeem(10**18) == token.previewRedeem(token.totalSupply()) == 0
    assert (report.bid, report.mid, report.ask) == (0, 0, 0)
    assert report.leverage == MAX_UINT256
    assert token.nav_per_share() == 10**30 // (token.totalSupply() + 10**12)
    assert tuple(token.due()) == (0, 0)


def test_no_mint(wiped: SystemHarness, depositor: str) -> None:
    """[T-DEP-19]"""
    with refused(wiped, "token: no value left"):
        wiped.token.deposit(10**8, depositor, sender=depositor)
    with refused(wiped, "token: no value left"):
        wiped.token.mint(10**18, depositor, sender=depositor)
    model_refuses("token: no value left", wiped.model.token.deposit, 10**8, depositor, wiped.now)


def test_no_rebalance(wiped: SystemHarness) -> None:
    """[T-DUE-9]"""
    for seconds in (0, 86_400):
        wiped.chain.increase_time(seconds)
        with refused(wiped, "token: rebalance not due"):
            wiped.token.rebalance(sender=wiped.keeper)
    model_refuses("token: rebalance not due", wiped.model.token.rebalance, wiped.now)


def test_redeem_needs_an_own_bound(wiped: SystemHarness, depositor: str) -> None:
    """[T-RED-12]"""
    for shares in (1, 10**18, wiped.token.totalSupply() // 2):
        with refused(wiped, "token: zero assets"):
            wiped.token.redeem(shares, depositor, depositor, sender=depositor)
    with refused(wiped, "token: assets below minimum"):
        wiped.token.redeem(10**18, depositor, depositor, 1, sender=depositor)


def test_redeem_for_nothing_burns(wiped: SystemHarness, depositor: str) -> None:
    """[T-RED-13]"""
    before, shares = wiped.system.collateral.balanceOf(depositor), wiped.token.totalSupply()
    receipt = wiped.redeem(10**18, depositor, min_assets=0)
    assert wiped.system.collateral.balanceOf(depositor) == before
    assert wiped.token.balanceOf(depositor) == shares - 10**18
    only_event(
        receipt,
        wiped.token,
        "Withdraw",
        sender=depositor,
        receiver=depositor,
        owner=depositor,
        assets=0,
        shares=10**18,
    )
    assert wiped.system.vault.events(receipt) == []
    wiped.check()


def test_shares_can_still_move(wiped: SystemHarness, depositor: str, trader: str) -> None:
    transfer(wiped, depositor, trader, 10**18)
    wiped.check()


def test_value_that_comes_back_is_the_holders(wiped: SystemHarness, depositor: str) -> None:
    """Without a liquidator in between the position is as it was. [T-VAL-11]"""
    wiped.post({"C0": 2_000 * 10**8})
    assert wiped.report().mid > 99_500 * 10**6
    shares = wiped.token.balanceOf(depositor)
    assert wiped.token.maxRedeem(depositor) == shares
    wiped.redeem(shares, depositor)
    wiped.check()


def test_everybody_leaves_after_the_liquidation(
    wiped: SystemHarness, depositor: str, liquidator: str
) -> None:
    """The exchange takes the position; what was kept idle is still the holders'."""
    idle = wiped.system.vault.idle()
    wiped.system.venue.exchange.liquidate(wiped.system.vault, liquidator, sender=liquidator)
    report = wiped.report()
    assert report.held.shorts == [0] * 10
    assert report.held.equity == 0
    assert report.mid == idle > 0
    before = wiped.system.collateral.balanceOf(depositor)
    shares = wiped.token.balanceOf(depositor)
    wiped.token.redeem(shares, depositor, depositor, sender=depositor)
    assert wiped.token.totalSupply() == 0
    assert wiped.system.collateral.balanceOf(depositor) == before + idle


def test_a_trade_waits_for_the_liquidation(
    wiped: SystemHarness, depositor: str, liquidator: str
) -> None:
    """The venue lets nobody trade out of an equity below zero, so an exit that has to
    trade (the last shares, or while a flow waits) comes after the liquidation, which
    is open to everybody."""
    shares = wiped.token.balanceOf(depositor)
    with refused(wiped, "exchange: equity below zero"):
        wiped.token.redeem(shares, depositor, depositor, 0, sender=depositor)
    wiped.system.venue.exchange.liquidate(wiped.system.vault, liquidator, sender=liquidator)
    wiped.token.redeem(shares, depositor, depositor, 0, sender=depositor)
    assert wiped.token.totalSupply() == 0


def test_wound_down_by_anybody_and_settled(
    wiped: SystemHarness, liquidator: str, depositor: str, owner: str
) -> None:
    """The first epoch has no reset to compare with but the start's: at N = 0 it can
    be wound down. The venue's account is liquidated, and what was idle is paid. [M-WIND-4]"""
    wiped.wind_down(wiped.keeper)
    with refused(wiped, "exchange: equity below zero"):
        wiped.token.rebalance(sender=wiped.keeper)
    exchange, vault = wiped.system.venue.exchange, wiped.system.vault
    receipt = exchange.liquidate(vault, liquidator, sender=liquidator)
    prices = wiped.model.oracle.read(receipt.timestamp).mid
    wiped.model.venue.exchange.liquidate("vault", prices, receipt.timestamp)
    assert wiped.token.rebalance.call(sender=wiped.keeper) == 0  # no reward
    assert wiped.close() == 1
    left, had = vault.remainder(), wiped.system.collateral.balanceOf(depositor)
    assert left > 0
    wiped.redeem(wiped.token.balanceOf(depositor), depositor)
    wiped.check()
    assert wiped.system.collateral.balanceOf(depositor) - had >= left * 99 // 100


def test_a_doubtful_price_winds_nothing_down(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """One source says that all is lost: not before the step has been observed for
    its delay, as what follows cannot be undone. [M-WIND-5]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(), secondaries=False)
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    harness.move(110)
    assert harness.model.token.context(harness.now).v.net < 0
    refusal = "token: only the owner can wind down"
    with refused(harness, refusal):
        harness.token.wind_down(sender=keeper)
    model_refuses(refusal, harness.model.token.wind_down, harness.now, False)
    harness.model.oracle.refresh(harness.system.oracle.refresh(sender=keeper).timestamp)
    chain.increase_time(harness.plan.oracle.step_delay - 1)
    with refused(harness, refusal):
        harness.token.wind_down(sender=keeper)
    chain.increase_time(1)
    harness.wind_down(keeper)
    harness.check()
