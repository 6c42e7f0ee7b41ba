# SPDX-License-Identifier: AGPL-3.0-only
"""Winding down on Aave and Uniswap while something is wrong: it always ends."""

from __future__ import annotations

import pytest

from inverse_index.chain import Reverted
from inverse_index.model.fixed import MAX_UINT256, WAD, Revert
from inverse_index.model.policy.closing import PATIENCE
from inverse_index.model.policy.triggers import Trigger
from inverse_index.model.token.modes import Mode
from tests.faults.actions import IN_KIND, act, redeem_in_kind
from tests.faults.world import DAY, USDC, World
from tests.support import only_event, reverts

SLIPPAGE = "vault: slippage above bound"
NOT_OWNER = "token: only the owner can wind down"


def close_by(world: World, days: int) -> int:
    """Try once a day; the day on which the token is settled. Chain and model agree
    on every refusal."""
    bench = world.bench
    for day in range(days + 1):
        while not bench.model.token.settled:
            world.chain.increase_time(bench.plan.parameters.chunk_delay)
            try:
                bench.rebalance()
            except Reverted as refused:
                with pytest.raises(Revert, match=refused.reason):
                    bench.model.token.rebalance(bench.now)
                break
            world.check()
        else:
            return day
        world.chain.increase_time(DAY - bench.plan.parameters.chunk_delay)
    raise AssertionError(f"not settled after {days} days")


def test_the_bound_doubles_every_day(world: World) -> None:
    """A pool 30% from the oracle, and nobody who brings it back: refused at 1, 2,
    4, 8 and 16%, closed at 32%. Redemption in kind works all the while. [M-WIND-11] [M-CLOSE-3]"""
    world.push("C0", 3_000)
    world.bench.wind_down()
    with reverts(SLIPPAGE):
        world.token.rebalance(sender=world.bench.keeper)
    assert act(world, redeem_in_kind(20)) == ""
    assert close_by(world, 8) == 5
    assert world.token.state().mode == Mode.SETTLED
    for who in (world.depositor, world.second_holder):
        world.bench.redeem(world.token.balanceOf(who), who)
        world.check()


def test_at_any_price_in_the_end(world: World) -> None:
    """70% above the last accepted one, on the day of 128%: feeds are stale by then. [M-CLOSE-4]"""
    world.bench.wind_down()
    world.push("C0", 7_000)
    assert close_by(world, 10) == 7
    assert not world.bench.report().usable
    world.check()


def test_an_empty_pool_holds_it_up_but_nobody_is_stranded(world: World) -> None:
    """Without any pool only redemption in kind is left; it empties the token. [M-CLOSE-11]"""
    world.drain("C0")
    world.bench.wind_down()
    world.chain.increase_time(6 * DAY)
    with reverts(SLIPPAGE):
        world.token.rebalance(sender=world.bench.keeper)
    for percent in (25, 50):
        assert act(world, redeem_in_kind(percent)) == "", IN_KIND
    world.refill("C0")
    assert close_by(world, 0) == 0


def test_wiped_out_by_anyone_and_no_earlier(world: World) -> None:
    """At a hundredth of the last reset's value a share, once no step of a price is
    in doubt. [M-WIND-4]"""
    bench, keeper = world.bench, world.bench.keeper
    bench.move(70, 3_600)
    assert world.n() > 0
    with reverts(NOT_OWNER):
        world.token.wind_down(sender=keeper)
    with pytest.raises(Revert, match=NOT_OWNER):
        bench.model.token.wind_down(world.bench.now, False)
    bench.move(30, 3_600)  # over twice the price: nothing is left
    assert world.n() == 0
    receipt = bench.wind_down(keeper)
    only_event(receipt, world.token, "ModeSet", mode=int(Mode.WINDING_DOWN))
    world.check()


def test_given_up_when_all_is_lost(world: World, liquidator: str) -> None:
    """Debts above the collateral, and no liquidator comes for ten days: what is
    idle is divided, and nobody waits for the rest. [M-CLOSE-10]"""
    bench, keeper = world.bench, world.bench.keeper
    bench.move(70, 3_600)
    bench.move(70, 3_600)
    bench.wind_down(keeper)
    idle, start = world.vault.idle(), bench.model.token.control.closing_since
    assert idle > 0 and world.n() == 0
    assert bench.report().triggers == Trigger.CLOSING
    with reverts("vault: Aave refused a withdrawal, code 32"):
        world.token.rebalance(sender=keeper)
    world.chain.set_next_timestamp(start + PATIENCE - 1)
    with reverts("vault: Aave refused a withdrawal, code 32"):
        world.token.rebalance(sender=keeper)
    world.chain.set_next_timestamp(start + PATIENCE)
    receipt = bench.rebalance()
    only_event(receipt, world.token, "ModeSet", mode=int(Mode.SETTLED))
    bench.check()
    assert world.vault.remainder() == idle == world.token.totalAssets()
    # A gift to the lost account changes nothing.
    world.give(USDC, liquidator, 10**9)
    world.usdc.approve(world.venue.pool, 10**9, sender=liquidator)
    world.venue.pool.supply(world.usdc, 10**9, world.vault, 0, sender=liquidator)
    world.aave.supply(USDC, 10**9, "vault", bench.now)
    assert world.vault.remainder() == idle
    paid = 0
    for who in (world.depositor, world.second_holder):
        had = world.usdc.balanceOf(who)
        bench.redeem(world.token.balanceOf(who), who)
        paid += world.usdc.balanceOf(who) - had
    assert idle * 99 // 100 < paid <= idle


def test_liquidated_to_the_end(world: World, liquidator: str) -> None:
    """Liquidators take what is there and leave a bad debt: settled after patience. [M-CLOSE-10]"""
    bench = world.bench
    bench.move(70, 3_600)
    bench.move(70, 3_600)
    debt = world.debt_token("C0").balanceOf(world.vault)
    world.give("C0", liquidator, debt)
    world.erc20("C0").approve(world.venue.pool, debt, sender=liquidator)
    world.venue.pool.liquidationCall(
        world.usdc, world.venue.tokens["C0"], world.vault, MAX_UINT256, False, sender=liquidator
    )
    world.aave.liquidate(USDC, "C0", "vault", MAX_UINT256, "liquidator", bench.now)
    assert world.a_token().balanceOf(world.vault) == 0
    assert world.debt_token("C0").balanceOf(world.vault) > 0
    bench.wind_down(bench.keeper)
    world.chain.increase_time(PATIENCE)
    bench.rebalance()
    assert world.token.state().mode == Mode.SETTLED
    assert world.vault.remainder() == world.vault.idle()
    bench.redeem(world.shares(10), world.depositor)
    bench.check()


def test_aave_without_liquidity_delays_only(world: World) -> None:
    """All USDC is lent out: the settled token pays what is idle, hands over claims
    in kind, and pays the rest when Aave can. [M-SET-9]"""
    world.bench.wind_down()
    assert close_by(world, 0) == 0
    world.borrow_all(USDC)
    world.check()
    token, who = world.token, world.depositor
    assert token.maxRedeem(who) < token.balanceOf(who)
    world.bench.redeem(token.maxRedeem(who), who)
    claims = world.a_token().balanceOf(who)
    assert act(world, redeem_in_kind(10)) == ""
    assert world.a_token().balanceOf(who) + world.a_token().balanceOf(world.second_holder) > claims
    assert token.nav_per_share() >= WAD * 9 // 10
