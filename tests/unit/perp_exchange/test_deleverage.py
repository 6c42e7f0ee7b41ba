# SPDX-License-Identifier: AGPL-3.0-only
"""deleverage: longs give way before the shorts' profit is in danger."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import no_event, only_event, reverts
from tests.support.exchange_harness import NOBODY, ONE, ExchangeHarness, buy, sell


@pytest.fixture
def crowded(
    harness: ExchangeHarness, provider: str, trader: str, second_trader: str
) -> ExchangeHarness:
    """A pool of 21,000 with 100 units on both sides."""
    harness.add_liquidity(provider, 21_000 * harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.deposit(second_trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 100 * WAD))
    harness.trade(second_trader, sell(0, 100 * WAD))
    return harness


def test_refused_while_the_pool_covers_the_shorts(
    crowded: ExchangeHarness, trader: str, second_trader: str, keeper: str
) -> None:
    """[X-DEL-1]"""
    equity = crowded.pool.equity()
    price = equity // (100 * WAD)
    crowded.set_prices(price, 10 * WAD)
    with reverts("exchange: pool covers the shorts"):
        crowded.deleverage(keeper, trader, 0)
    crowded.set_prices(price + 1, 10 * WAD)
    crowded.deleverage(keeper, trader, 0)


def test_closes_the_long_without_a_fee(
    crowded: ExchangeHarness, trader: str, second_trader: str, keeper: str
) -> None:
    """[X-DEL-1]"""
    crowded.set_prices(300 * WAD, 10 * WAD)
    equity = crowded.exchange.margin(trader)[0]
    receipt = crowded.deleverage(keeper, trader, 0)
    only_event(
        receipt,
        crowded.exchange,
        "Deleveraged",
        account=trader,
        market=0,
        size=100 * WAD,
        price=300 * WAD,
    )
    only_event(
        receipt,
        crowded.exchange,
        "Traded",
        account=trader,
        market=0,
        delta=-100 * WAD,
        price=300 * WAD,
        fee=0,
        skew=-100 * WAD,
    )
    no_event(receipt, crowded.exchange, "BadDebt")
    assert crowded.exchange.cash(trader) == equity
    assert crowded.exchange.size(trader, 0) == 0


def test_only_longs_of_listed_markets(
    crowded: ExchangeHarness, trader: str, second_trader: str, keeper: str
) -> None:
    crowded.set_prices(300 * WAD, 10 * WAD)
    for account, market in ((second_trader, 0), (trader, 1), (keeper, 0)):
        with reverts("exchange: no long position"):
            crowded.deleverage(keeper, account, market)
    with reverts("exchange: market not listed"):
        crowded.deleverage(keeper, trader, 2)


def test_debt_of_a_closed_account_is_settled(
    harness: ExchangeHarness, provider: str, trader: str, second_trader: str, keeper: str
) -> None:
    """A long is bankrupt in a market that fell; what empties the pool is the rise
    of another one."""
    harness.add_liquidity(provider, 60_000 * harness.unit)
    harness.deposit(trader, 10_000 * harness.unit)
    harness.deposit(second_trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 200 * WAD))
    harness.trade(second_trader, sell(0, 100 * WAD), buy(1, 3_000 * WAD))
    harness.set_prices(40 * WAD, 35 * WAD)
    insurance = harness.pool.insurance()
    receipt = harness.deleverage(keeper, trader, 0)
    # Closed at 40: 200 * 40 - 10,220.
    only_event(
        receipt,
        harness.exchange,
        "BadDebt",
        account=trader,
        insurance_paid=insurance,
        pool_paid=2_220 * ONE - insurance,
    )
    assert (harness.exchange.cash(trader), harness.pool.insurance()) == (0, 0)


def test_shorts_are_paid_when_the_price_goes_to_nothing(
    crowded: ExchangeHarness, trader: str, second_trader: str, liquidator: str
) -> None:
    """100 units short; the long's margin pays its part, the pool the rest. [X-DEL-2]"""
    before = crowded.exchange.margin(second_trader)[0]
    crowded.set_prices(1, 10 * WAD)
    gained = crowded.exchange.margin(second_trader)[0] - before
    assert gained == 100 * WAD * (100 * WAD - 1)
    crowded.trade(second_trader, buy(0, 100 * WAD))
    crowded.withdraw(second_trader, crowded.exchange.cash(second_trader) // 10**30)
    assert crowded.pool.equity() > 0


def test_shorts_are_paid_without_any_long(
    harness: ExchangeHarness, provider: str, trader: str
) -> None:
    """The largest short that the pool lets in, and the price gone: the pool pays
    all of it and stays solvent. [X-DEL-2]"""
    harness.add_liquidity(provider, 20_000 * harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    low, high = WAD, 250 * WAD
    while high - low > 1:
        size = (low + high) // 2
        spare = harness.model.spare_reserve(NOBODY, harness.prices, harness.now)
        fee = harness.model.markets[0].quote(-size, harness.prices[0], harness.now).fee
        # The pool wins nine tenths of the fee.
        if spare + fee - fee // 10 >= size * harness.prices[0]:
            low = size
        else:
            high = size
    with reverts("exchange: pool reserve too low"):
        harness.trade(trader, sell(0, high))
    harness.trade(trader, sell(0, low))
    harness.set_prices(1, 10 * WAD)
    assert 0 <= harness.pool.equity() < ONE
    equity = harness.exchange.margin(trader)[0]
    harness.trade(trader, buy(0, low))
    assert harness.exchange.cash(trader) >= equity - low
    harness.withdraw(trader, harness.exchange.cash(trader) // 10**30)
    assert harness.pool.cash() >= 0
