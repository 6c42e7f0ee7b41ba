# SPDX-License-Identifier: AGPL-3.0-only
"""deposit: shares of the pool at its worth."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import ONE, ExchangeHarness, buy, sell


def test_the_first_share_costs_one(harness: ExchangeHarness, provider: str) -> None:
    receipt = harness.add_liquidity(provider, 500 * harness.unit)
    pool = harness.pool
    assert pool.balanceOf(provider) == pool.totalSupply() == 500 * WAD
    assert pool.cash() == 500 * ONE
    assert (pool.held(), harness.exchange.held()) == (500 * harness.unit, 0)
    assert pool.unlocked_at(provider) == harness.now + HOUR
    only_event(
        receipt,
        pool,
        "Deposit",
        sender=provider,
        owner=provider,
        assets=500 * harness.unit,
        shares=500 * WAD,
    )


def test_later_shares_cost_what_the_pool_is_worth(
    funded: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """[X-POOL-1]"""
    funded.trade(trader, buy(0, 100 * WAD))
    funded.set_prices(150 * WAD, 10 * WAD)
    equity = funded.pool.equity()
    assert equity == (1_000_000 - 5_000 + 9) * ONE
    funded.add_liquidity(liquidator, 1_000 * funded.unit)
    expected = 1_000 * ONE * (10**24 + 10**15) // (equity + 10**33)
    assert funded.pool.balanceOf(liquidator) == expected


def test_min_shares_to_the_wei(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-3]"""
    with reverts("pool: fewer shares than asked"):
        harness.add_liquidity(provider, harness.unit, min_shares=WAD + 1)
    harness.add_liquidity(provider, harness.unit, min_shares=WAD)


def test_a_blown_up_share_price_takes_nothing_from_the_next(
    harness: ExchangeHarness, attacker: str, trader: str, provider: str
) -> None:
    """The attacker buys one unit of shares, then feeds the pool through its own
    trading losses. The next provider loses less than a millionth; the attacker
    what it fed in. [X-POOL-4]"""
    harness.fund(attacker)
    harness.actors.append(attacker)
    harness.add_liquidity(attacker, 1)
    harness.add_liquidity(trader, 100_000 * harness.unit)
    harness.deposit(attacker, 100_000 * harness.unit)
    harness.trade(attacker, buy(0, 100 * WAD))
    harness.trade(attacker, sell(0, 100 * WAD))
    harness.wait(HOUR)
    harness.remove_liquidity(trader, harness.pool.balanceOf(trader))
    harness.add_liquidity(provider, 1_000 * harness.unit)
    harness.wait(HOUR)
    before = harness.token.balanceOf(provider)
    harness.remove_liquidity(provider, harness.pool.balanceOf(provider))
    assert harness.token.balanceOf(provider) - before >= 1_000 * harness.unit - 1_000
    harness.remove_liquidity(attacker, harness.pool.balanceOf(attacker))
    harness.withdraw(attacker, harness.exchange.cash(attacker) // 10**30)
    assert harness.token.balanceOf(attacker) < 10**12 * harness.unit
    harness.actors.remove(attacker)


def test_for_nobody_else(harness: ExchangeHarness, provider: str, trader: str) -> None:
    """It would lock what the other one has. [X-POOL-7]"""
    with reverts("pool: only for the caller itself"):
        harness.pool.deposit(harness.unit, trader, sender=provider)


def test_the_minimum_is_optional(harness: ExchangeHarness, provider: str) -> None:
    harness.pool.deposit(harness.unit, provider, sender=provider)
    assert harness.pool.balanceOf(provider) == WAD


def test_as_previewed(funded: ExchangeHarness, trader: str, liquidator: str) -> None:
    funded.trade(trader, sell(0, 77 * WAD))
    expected = funded.pool.previewDeposit(12_345_678)
    assert expected == funded.pool.convertToShares(12_345_678)
    funded.add_liquidity(liquidator, 12_345_678)
    assert funded.pool.balanceOf(liquidator) == expected
