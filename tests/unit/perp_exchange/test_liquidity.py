# SPDX-License-Identifier: AGPL-3.0-only
"""add_liquidity, remove_liquidity, fund_insurance."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD
from tests.perp import DAY, ONE, STALE, PerpWorld, buy, sell
from tests.support import only_event, reverts

HOUR = 3_600


def test_the_first_share_costs_one(world: PerpWorld, provider: str) -> None:
    receipt = world.add_liquidity(provider, 500 * world.unit)
    exchange = world.exchange
    assert exchange.liquidity(provider) == exchange.total_liquidity() == 500 * WAD
    assert exchange.pool_cash() == 500 * ONE
    assert exchange.unlocked_at(provider) == world.now + HOUR
    only_event(
        receipt,
        exchange,
        "LiquidityAdded",
        provider=provider,
        amount=500 * world.unit,
        shares=500 * WAD,
    )


def test_later_shares_cost_what_the_pool_is_worth(
    funded: PerpWorld, trader: str, liquidator: str
) -> None:
    """[X-POOL-1]"""
    funded.trade(trader, buy(0, 100 * WAD))
    funded.set_prices(150 * WAD, 10 * WAD)
    equity = funded.exchange.pool_equity()
    assert equity == (1_000_000 - 5_000 + 50 + 9) * ONE
    # At a skew of 100 the impact owed is 0.5% of its notional of 15,000.
    worth = equity - 75 * ONE
    funded.add_liquidity(liquidator, 1_000 * funded.unit)
    expected = 1_000 * ONE * (10**24 + 10**15) // (worth + 10**33)
    assert funded.exchange.liquidity(liquidator) == expected


def test_min_shares_to_the_wei(world: PerpWorld, provider: str) -> None:
    """[X-POOL-3]"""
    with reverts("exchange: fewer shares than asked"):
        world.add_liquidity(provider, world.unit, min_shares=WAD + 1)
    world.add_liquidity(provider, world.unit, min_shares=WAD)


def test_nothing_is_refused(world: PerpWorld, provider: str) -> None:
    with reverts("exchange: zero amount"):
        world.add_liquidity(provider, 0)
    with reverts("exchange: zero amount"):
        world.remove_liquidity(provider, 0)
    with reverts("exchange: zero amount"):
        world.fund_insurance(provider, 0)


def test_remove(world: PerpWorld, provider: str) -> None:
    world.add_liquidity(provider, 500 * world.unit)
    world.wait(HOUR)
    before = world.token.balanceOf(provider)
    receipt = world.remove_liquidity(provider, 200 * WAD)
    assert world.token.balanceOf(provider) - before == 200 * world.unit
    only_event(
        receipt,
        world.exchange,
        "LiquidityRemoved",
        provider=provider,
        receiver=provider,
        amount=200 * world.unit,
        shares=200 * WAD,
    )
    world.remove_liquidity(provider, 300 * WAD)
    assert (world.exchange.held(), world.exchange.total_liquidity()) == (0, 0)


def test_locked_for_an_hour(world: PerpWorld, provider: str) -> None:
    """[X-POOL-2]"""
    world.add_liquidity(provider, world.unit)
    world.wait(HOUR - 1)
    with reverts("exchange: liquidity is locked"):
        world.remove_liquidity(provider, 1)
    world.wait(1)
    world.remove_liquidity(provider, WAD)


def test_not_more_than_ones_own(world: PerpWorld, provider: str, liquidator: str) -> None:
    world.add_liquidity(provider, world.unit)
    world.add_liquidity(liquidator, world.unit)
    world.wait(HOUR)
    with reverts("exchange: not enough shares"):
        world.remove_liquidity(provider, WAD + 1)


def test_min_amount_to_the_unit(world: PerpWorld, provider: str) -> None:
    """[X-POOL-3]"""
    world.add_liquidity(provider, world.unit)
    world.wait(HOUR)
    with reverts("exchange: smaller amount than asked"):
        world.remove_liquidity(provider, WAD, min_amount=world.unit + 1)
    world.remove_liquidity(provider, WAD, min_amount=world.unit)


def test_the_reserve_stays(funded: PerpWorld, provider: str, trader: str) -> None:
    """[X-POOL-2]"""
    funded.trade(trader, sell(0, 100 * WAD))
    funded.wait(HOUR)
    with reverts("exchange: pool reserve too low"):
        funded.remove_liquidity(provider, 10**6 * WAD)
    shares = 989_000 * WAD
    funded.remove_liquidity(provider, shares)
    assert funded.exchange.spare_reserve([100 * WAD, 10 * WAD, *[0] * 8]) >= 0


def test_an_exhausted_pool_takes_and_gives_nothing(
    world: PerpWorld, provider: str, trader: str, liquidator: str
) -> None:
    world.add_liquidity(provider, 10_000 * world.unit)
    world.deposit(trader, 10**6 * world.unit)
    world.trade(trader, buy(0, 90 * WAD))
    world.set_prices(300 * WAD, 10 * WAD)
    assert world.exchange.pool_equity() < 0
    world.wait(DAY // 24)
    with reverts("exchange: pool is exhausted"):
        world.add_liquidity(liquidator, world.unit)
    with reverts("exchange: pool is exhausted"):
        world.remove_liquidity(provider, WAD)


def test_the_last_provider_gets_out_after_a_loss(
    world: PerpWorld, provider: str, trader: str
) -> None:
    """The pool has lost 40 of 100: all shares take all that is there, and not a
    part of the virtual assets."""
    world.add_liquidity(provider, 100 * world.unit)
    world.deposit(trader, 1_000 * world.unit)
    world.trade(trader, buy(0, WAD // 2))
    world.set_prices(180 * WAD, 10 * WAD)
    world.trade(trader, sell(0, WAD // 2))
    left = world.exchange.pool_cash() // 10**30
    assert 60 * world.unit < left < 61 * world.unit
    world.wait(HOUR)
    before = world.token.balanceOf(provider)
    world.remove_liquidity(provider, 100 * WAD)
    assert world.token.balanceOf(provider) - before == left
    assert 0 <= world.exchange.pool_cash() < 10**30


def test_needs_prices(world: PerpWorld, provider: str) -> None:
    world.add_liquidity(provider, world.unit)
    world.wait(HOUR)
    world.fail_oracle()
    with reverts(STALE):
        world.add_liquidity(provider, world.unit)
    with reverts(STALE):
        world.remove_liquidity(provider, WAD)


def test_a_blown_up_share_price_takes_nothing_from_the_next(
    world: PerpWorld, attacker: str, trader: str, provider: str
) -> None:
    """The attacker buys one unit of shares, then feeds the pool through its own
    trading losses. The next provider loses less than a millionth; the attacker
    what it fed in. [X-POOL-4]"""
    world.fund(attacker)
    world.people.append(attacker)
    world.add_liquidity(attacker, 1)
    world.add_liquidity(trader, 100_000 * world.unit)
    world.deposit(attacker, 100_000 * world.unit)
    world.trade(attacker, buy(0, 100 * WAD))
    world.trade(attacker, sell(0, 100 * WAD))
    world.wait(HOUR)
    world.remove_liquidity(trader, world.exchange.liquidity(trader))
    world.add_liquidity(provider, 1_000 * world.unit)
    world.wait(HOUR)
    before = world.token.balanceOf(provider)
    world.remove_liquidity(provider, world.exchange.liquidity(provider))
    assert world.token.balanceOf(provider) - before >= 1_000 * world.unit - 1_000
    world.remove_liquidity(attacker, world.exchange.liquidity(attacker))
    world.withdraw(attacker, world.exchange.cash(attacker) // 10**30)
    assert world.token.balanceOf(attacker) < 10**12 * world.unit
    world.people.remove(attacker)


@pytest.mark.parametrize("side", [buy, sell])
def test_moving_the_skew_does_not_move_the_share_price(
    funded: PerpWorld, attacker: str, provider: str, side: Callable[..., Order]
) -> None:
    """An attacker with half of the pool pushes the skew, leaves the pool at the
    equity that its impact has made, and takes the impact back from the rest. [X-POOL-1]"""
    funded.fund(attacker)
    funded.people.append(attacker)
    start = 10**12 * funded.unit
    funded.add_liquidity(attacker, 10**6 * funded.unit)
    funded.deposit(attacker, 10**5 * funded.unit)
    funded.wait(HOUR)
    back = sell if side is buy else buy
    funded.trade(attacker, side(0, 250 * WAD), side(1, 5_000 * WAD))
    shares = funded.exchange.liquidity(attacker)
    funded.remove_liquidity(attacker, shares)
    funded.trade(attacker, back(0, 250 * WAD), back(1, 5_000 * WAD))
    funded.withdraw(attacker, funded.exchange.cash(attacker) // 10**30)
    # Fees of 150, of which nine tenths went to the pool, half of it its own.
    assert start - funded.token.balanceOf(attacker) >= 100 * funded.unit
    funded.people.remove(attacker)


def test_no_round_trip_through_the_pool_profits(
    funded: PerpWorld, liquidator: str, trader: str
) -> None:
    """With open interest and nothing happening for the hour of the lock."""
    funded.trade(trader, sell(0, 33 * WAD))
    funded.trade(trader, buy(0, 33 * WAD))
    for amount in (1, 17, 10**6 + 1, 123_456_789_123):
        before = funded.token.balanceOf(liquidator)
        funded.add_liquidity(liquidator, amount)
        funded.wait(HOUR)
        funded.remove_liquidity(liquidator, funded.exchange.liquidity(liquidator))
        assert before - 2 <= funded.token.balanceOf(liquidator) <= before


def test_fund_insurance(world: PerpWorld, provider: str) -> None:
    """[X-POOL-6]"""
    receipt = world.fund_insurance(provider, 3 * world.unit)
    assert world.exchange.insurance() == 3 * ONE
    only_event(receipt, world.exchange, "InsuranceFunded", payer=provider, amount=3 * world.unit)
