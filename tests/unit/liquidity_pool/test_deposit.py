# SPDX-License-Identifier: AGPL-3.0-only
"""deposit: shares of the pool at its worth."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.perp import ONE, PerpWorld, buy, sell
from tests.support import only_event, reverts

HOUR = 3_600


def test_the_first_share_costs_one(world: PerpWorld, provider: str) -> None:
    receipt = world.add_liquidity(provider, 500 * world.unit)
    pool = world.pool
    assert pool.balanceOf(provider) == pool.totalSupply() == 500 * WAD
    assert pool.cash() == 500 * ONE
    assert (pool.held(), world.exchange.held()) == (500 * world.unit, 0)
    assert pool.unlocked_at(provider) == world.now + HOUR
    only_event(
        receipt,
        pool,
        "Deposit",
        sender=provider,
        owner=provider,
        assets=500 * world.unit,
        shares=500 * WAD,
    )


def test_later_shares_cost_what_the_pool_is_worth(
    funded: PerpWorld, trader: str, liquidator: str
) -> None:
    """[X-POOL-1]"""
    funded.trade(trader, buy(0, 100 * WAD))
    funded.set_prices(150 * WAD, 10 * WAD)
    equity = funded.pool.equity()
    assert equity == (1_000_000 - 5_000 + 50 + 9) * ONE
    # At a skew of 100 the impact owed is 0.5% of its notional of 15,000.
    worth = equity - 75 * ONE
    funded.add_liquidity(liquidator, 1_000 * funded.unit)
    expected = 1_000 * ONE * (10**24 + 10**15) // (worth + 10**33)
    assert funded.pool.balanceOf(liquidator) == expected


def test_min_shares_to_the_wei(world: PerpWorld, provider: str) -> None:
    """[X-POOL-3]"""
    with reverts("pool: fewer shares than asked"):
        world.add_liquidity(provider, world.unit, min_shares=WAD + 1)
    world.add_liquidity(provider, world.unit, min_shares=WAD)


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
    world.remove_liquidity(trader, world.pool.balanceOf(trader))
    world.add_liquidity(provider, 1_000 * world.unit)
    world.wait(HOUR)
    before = world.token.balanceOf(provider)
    world.remove_liquidity(provider, world.pool.balanceOf(provider))
    assert world.token.balanceOf(provider) - before >= 1_000 * world.unit - 1_000
    world.remove_liquidity(attacker, world.pool.balanceOf(attacker))
    world.withdraw(attacker, world.exchange.cash(attacker) // 10**30)
    assert world.token.balanceOf(attacker) < 10**12 * world.unit
    world.people.remove(attacker)


def test_for_nobody_else(world: PerpWorld, provider: str, trader: str) -> None:
    """It would lock what the other one has. [X-POOL-7]"""
    with reverts("pool: only for the caller itself"):
        world.pool.deposit(world.unit, trader, sender=provider)


def test_the_minimum_is_optional(world: PerpWorld, provider: str) -> None:
    world.pool.deposit(world.unit, provider, sender=provider)
    assert world.pool.balanceOf(provider) == WAD


def test_as_previewed(funded: PerpWorld, trader: str, liquidator: str) -> None:
    funded.trade(trader, sell(0, 77 * WAD))
    expected = funded.pool.previewDeposit(12_345_678)
    assert expected == funded.pool.convertToShares(12_345_678)
    funded.add_liquidity(liquidator, 12_345_678)
    assert funded.pool.balanceOf(liquidator) == expected
