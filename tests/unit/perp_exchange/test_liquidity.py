# SPDX-License-Identifier: AGPL-3.0-only
"""add_liquidity, remove_liquidity, fund_insurance."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.model.fixed import WAD
from inverse_index.model.ledger import Order
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, HOUR
from tests.support.exchange_harness import ONE, STALE, ExchangeHarness, buy, sell


def test_the_first_share_costs_one(harness: ExchangeHarness, provider: str) -> None:
    receipt = harness.add_liquidity(provider, 500 * harness.unit)
    exchange = harness.exchange
    assert exchange.liquidity(provider) == exchange.total_liquidity() == 500 * WAD
    assert exchange.pool_cash() == 500 * ONE
    assert exchange.unlocked_at(provider) == harness.now + HOUR
    only_event(
        receipt,
        exchange,
        "LiquidityAdded",
        provider=provider,
        amount=500 * harness.unit,
        shares=500 * WAD,
    )


def test_later_shares_cost_what_the_pool_is_worth(
    funded: ExchangeHarness, trader: str, liquidator: str
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


def test_min_shares_to_the_wei(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-3]"""
    with reverts("exchange: fewer shares than asked"):
        harness.add_liquidity(provider, harness.unit, min_shares=WAD + 1)
    harness.add_liquidity(provider, harness.unit, min_shares=WAD)


def test_nothing_is_refused(harness: ExchangeHarness, provider: str) -> None:
    with reverts("exchange: zero amount"):
        harness.add_liquidity(provider, 0)
    with reverts("exchange: zero amount"):
        harness.remove_liquidity(provider, 0)
    with reverts("exchange: zero amount"):
        harness.fund_insurance(provider, 0)


def test_remove(harness: ExchangeHarness, provider: str) -> None:
    harness.add_liquidity(provider, 500 * harness.unit)
    harness.wait(HOUR)
    before = harness.token.balanceOf(provider)
    receipt = harness.remove_liquidity(provider, 200 * WAD)
    assert harness.token.balanceOf(provider) - before == 200 * harness.unit
    only_event(
        receipt,
        harness.exchange,
        "LiquidityRemoved",
        provider=provider,
        receiver=provider,
        amount=200 * harness.unit,
        shares=200 * WAD,
    )
    harness.remove_liquidity(provider, 300 * WAD)
    assert (harness.exchange.held(), harness.exchange.total_liquidity()) == (0, 0)


def test_locked_for_an_hour(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-2]"""
    harness.add_liquidity(provider, harness.unit)
    harness.wait(HOUR - 1)
    with reverts("exchange: liquidity is locked"):
        harness.remove_liquidity(provider, 1)
    harness.wait(1)
    harness.remove_liquidity(provider, WAD)


def test_not_more_than_ones_own(harness: ExchangeHarness, provider: str, liquidator: str) -> None:
    harness.add_liquidity(provider, harness.unit)
    harness.add_liquidity(liquidator, harness.unit)
    harness.wait(HOUR)
    with reverts("exchange: not enough shares"):
        harness.remove_liquidity(provider, WAD + 1)


def test_min_amount_to_the_unit(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-3]"""
    harness.add_liquidity(provider, harness.unit)
    harness.wait(HOUR)
    with reverts("exchange: smaller amount than asked"):
        harness.remove_liquidity(provider, WAD, min_amount=harness.unit + 1)
    harness.remove_liquidity(provider, WAD, min_amount=harness.unit)


def test_the_reserve_stays(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-2]"""
    funded.trade(trader, sell(0, 100 * WAD))
    funded.wait(HOUR)
    with reverts("exchange: pool reserve too low"):
        funded.remove_liquidity(provider, 10**6 * WAD)
    shares = 989_000 * WAD
    funded.remove_liquidity(provider, shares)
    assert funded.exchange.spare_reserve([100 * WAD, 10 * WAD, *[0] * 8]) >= 0


def test_an_exhausted_pool_takes_and_gives_nothing(
    harness: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 90 * WAD))
    harness.set_prices(300 * WAD, 10 * WAD)
    assert harness.exchange.pool_equity() < 0
    harness.wait(DAY // 24)
    with reverts("exchange: pool is exhausted"):
        harness.add_liquidity(liquidator, harness.unit)
    with reverts("exchange: pool is exhausted"):
        harness.remove_liquidity(provider, WAD)


def test_the_last_provider_gets_out_after_a_loss(
    harness: ExchangeHarness, provider: str, trader: str
) -> None:
    """The pool has lost 40 of 100: all shares take all that is there, and not a
    part of the virtual assets."""
    harness.add_liquidity(provider, 100 * harness.unit)
    harness.deposit(trader, 1_000 * harness.unit)
    harness.trade(trader, buy(0, WAD // 2))
    harness.set_prices(180 * WAD, 10 * WAD)
    harness.trade(trader, sell(0, WAD // 2))
    left = harness.exchange.pool_cash() // 10**30
    assert 60 * harness.unit < left < 61 * harness.unit
    harness.wait(HOUR)
    before = harness.token.balanceOf(provider)
    harness.remove_liquidity(provider, 100 * WAD)
    assert harness.token.balanceOf(provider) - before == left
    assert 0 <= harness.exchange.pool_cash() < 10**30


def test_needs_prices(harness: ExchangeHarness, provider: str) -> None:
    harness.add_liquidity(provider, harness.unit)
    harness.wait(HOUR)
    harness.fail_oracle()
    with reverts(STALE):
        harness.add_liquidity(provider, harness.unit)
    with reverts(STALE):
        harness.remove_liquidity(provider, WAD)


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
    harness.remove_liquidity(trader, harness.exchange.liquidity(trader))
    harness.add_liquidity(provider, 1_000 * harness.unit)
    harness.wait(HOUR)
    before = harness.token.balanceOf(provider)
    harness.remove_liquidity(provider, harness.exchange.liquidity(provider))
    assert harness.token.balanceOf(provider) - before >= 1_000 * harness.unit - 1_000
    harness.remove_liquidity(attacker, harness.exchange.liquidity(attacker))
    harness.withdraw(attacker, harness.exchange.cash(attacker) // 10**30)
    assert harness.token.balanceOf(attacker) < 10**12 * harness.unit
    harness.actors.remove(attacker)


@pytest.mark.parametrize("side", [buy, sell])
def test_moving_the_skew_does_not_move_the_share_price(
    funded: ExchangeHarness, attacker: str, provider: str, side: Callable[..., Order]
) -> None:
    """An attacker with half of the pool pushes the skew, leaves the pool at the
    equity that its impact has made, and takes the impact back from the rest. [X-POOL-1]"""
    funded.fund(attacker)
    funded.actors.append(attacker)
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
    funded.actors.remove(attacker)


def test_no_round_trip_through_the_pool_profits(
    funded: ExchangeHarness, liquidator: str, trader: str
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


def test_fund_insurance(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-6]"""
    receipt = harness.fund_insurance(provider, 3 * harness.unit)
    assert harness.exchange.insurance() == 3 * ONE
    only_event(
        receipt, harness.exchange, "InsuranceFunded", payer=provider, amount=3 * harness.unit
    )
