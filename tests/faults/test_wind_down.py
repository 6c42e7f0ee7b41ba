# SPDX-License-Identifier: AGPL-3.0-only
"""Winding down on Aave and Uniswap while something is wrong: it always ends."""

from __future__ import annotations

import pytest

from inverse_index.chain import Reverted
from inverse_index.model.fixed import MAX_UINT256, WAD, Revert
from inverse_index.model.policy.triggers import Trigger
from inverse_index.model.policy.wind_down_bound import PATIENCE
from inverse_index.model.token.modes import Mode
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY
from tests.support.fault_actions import IN_KIND, act, redeem_in_kind
from tests.support.fault_harness import USDC, FaultHarness

SLIPPAGE = "vault: slippage above bound"
NOT_OWNER = "token: only the owner can wind down"


def close_by(harness: FaultHarness, days: int) -> int:
    """Try once a day; the day on which the token is settled. Chain and model agree
    on every refusal."""
    base = harness.base
    for day in range(days + 1):
        while not base.model.token.settled:
            harness.chain.increase_time(base.plan.parameters.chunk_delay)
            try:
                base.rebalance()
            except Reverted as refused:
                with pytest.raises(Revert, match=refused.reason):
                    base.model.token.rebalance(base.now)
                break
            harness.check()
        else:
            return day
        harness.chain.increase_time(DAY - base.plan.parameters.chunk_delay)
    raise AssertionError(f"not settled after {days} days")


def test_the_bound_doubles_every_day(harness: FaultHarness) -> None:
    """A pool 30% from the oracle, and nobody who brings it back: refused at 1, 2,
    4, 8 and 16%, closed at 32%. Redemption in kind works all the while. [M-WIND-11] [M-CLOSE-3]"""
    harness.push("C0", 3_000)
    harness.base.wind_down()
    with reverts(SLIPPAGE):
        harness.token.rebalance(sender=harness.base.keeper)
    assert act(harness, redeem_in_kind(20)) == ""
    assert close_by(harness, 8) == 5
    assert harness.token.state().mode == Mode.SETTLED
    for who in (harness.depositor, harness.second_holder):
        harness.base.redeem(harness.token.balanceOf(who), who)
        harness.check()


def test_at_any_price_in_the_end(harness: FaultHarness) -> None:
    """70% above the last accepted one, on the day of 128%: feeds are stale by then. [M-CLOSE-4]"""
    harness.base.wind_down()
    harness.push("C0", 7_000)
    assert close_by(harness, 10) == 7
    assert not harness.base.report().usable
    harness.check()


def test_an_empty_pool_holds_it_up_but_nobody_is_stranded(harness: FaultHarness) -> None:
    """Without any pool only redemption in kind is left; it empties the token. [M-CLOSE-11]"""
    harness.drain("C0")
    harness.base.wind_down()
    harness.chain.increase_time(6 * DAY)
    with reverts(SLIPPAGE):
        harness.token.rebalance(sender=harness.base.keeper)
    for percent in (25, 50):
        assert act(harness, redeem_in_kind(percent)) == "", IN_KIND
    harness.refill("C0")
    assert close_by(harness, 0) == 0


def test_wiped_out_by_anyone_and_no_earlier(harness: FaultHarness) -> None:
    """At a hundredth of the last reset's value a share, once no step of a price is
    in doubt. [M-WIND-4]"""
    base, keeper = harness.base, harness.base.keeper
    base.move(70, 3_600)
    assert harness.n() > 0
    with reverts(NOT_OWNER):
        harness.token.wind_down(sender=keeper)
    with pytest.raises(Revert, match=NOT_OWNER):
        base.model.token.wind_down(harness.base.now, False)
    base.move(30, 3_600)  # over twice the price: nothing is left
    assert harness.n() == 0
    receipt = base.wind_down(keeper)
    only_event(receipt, harness.token, "ModeSet", mode=int(Mode.WINDING_DOWN))
    harness.check()


def test_given_up_when_all_is_lost(harness: FaultHarness, liquidator: str) -> None:
    """Debts above the collateral, and no liquidator comes for ten days: what is
    idle is divided, and nobody waits for the rest. [M-CLOSE-10]"""
    base, keeper = harness.base, harness.base.keeper
    base.move(70, 3_600)
    base.move(70, 3_600)
    base.wind_down(keeper)
    idle, start = harness.vault.idle(), base.model.token.control.winding_down_since
    assert idle > 0 and harness.n() == 0
    assert base.report().triggers == Trigger.WIND_DOWN
    with reverts("vault: Aave refused a withdrawal, code 32"):
        harness.token.rebalance(sender=keeper)
    harness.chain.set_next_timestamp(start + PATIENCE - 1)
    with reverts("vault: Aave refused a withdrawal, code 32"):
        harness.token.rebalance(sender=keeper)
    harness.chain.set_next_timestamp(start + PATIENCE)
    receipt = base.rebalance()
    only_event(receipt, harness.token, "ModeSet", mode=int(Mode.SETTLED))
    base.check()
    assert harness.vault.remainder() == idle == harness.token.totalAssets()
    # A gift to the lost account changes nothing.
    harness.give(USDC, liquidator, 10**9)
    harness.usdc.approve(harness.venue.pool, 10**9, sender=liquidator)
    harness.venue.pool.supply(harness.usdc, 10**9, harness.vault, 0, sender=liquidator)
    harness.aave.supply(USDC, 10**9, "vault", base.now)
    assert harness.vault.remainder() == idle
    paid = 0
    for who in (harness.depositor, harness.second_holder):
        had = harness.usdc.balanceOf(who)
        base.redeem(harness.token.balanceOf(who), who)
        paid += harness.usdc.balanceOf(who) - had
    assert idle * 99 // 100 < paid <= idle


def test_liquidated_to_the_end(harness: FaultHarness, liquidator: str) -> None:
    """Liquidators take what is there and leave a bad debt: settled after patience. [M-CLOSE-10]"""
    base = harness.base
    base.move(70, 3_600)
    base.move(70, 3_600)
    debt = harness.debt_token("C0").balanceOf(harness.vault)
    harness.give("C0", liquidator, debt)
    harness.erc20("C0").approve(harness.venue.pool, debt, sender=liquidator)
    harness.venue.pool.liquidationCall(
        harness.usdc,
        harness.venue.tokens["C0"],
        harness.vault,
        MAX_UINT256,
        False,
        sender=liquidator,
    )
    harness.aave.liquidate(USDC, "C0", "vault", MAX_UINT256, "liquidator", base.now)
    assert harness.a_token().balanceOf(harness.vault) == 0
    assert harness.debt_token("C0").balanceOf(harness.vault) > 0
    base.wind_down(base.keeper)
    harness.chain.increase_time(PATIENCE)
    base.rebalance()
    assert harness.token.state().mode == Mode.SETTLED
    assert harness.vault.remainder() == harness.vault.idle()
    base.redeem(harness.shares(10), harness.depositor)
    base.check()


def test_aave_without_liquidity_delays_only(harness: FaultHarness) -> None:
    """All USDC is lent out: the settled token pays what is idle, hands over claims
    in kind, and pays the rest when Aave can. [M-SET-9]"""
    harness.base.wind_down()
    assert close_by(harness, 0) == 0
    harness.borrow_all(USDC)
    harness.check()
    token, who = harness.token, harness.depositor
    assert token.maxRedeem(who) < token.balanceOf(who)
    harness.base.redeem(token.maxRedeem(who), who)
    claims = harness.a_token().balanceOf(who)
    assert act(harness, redeem_in_kind(10)) == ""
    assert (
        harness.a_token().balanceOf(who) + harness.a_token().balanceOf(harness.second_holder)
        > claims
    )
    assert token.nav_per_share() >= WAD * 9 // 10
