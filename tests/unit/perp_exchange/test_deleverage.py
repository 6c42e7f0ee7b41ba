# SPDX-License-Identifier: AGPL-3.0-only
"""deleverage: longs give way before the shorts' profit is in danger."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.perp import ONE, PerpWorld, buy, sell
from tests.support import no_event, only_event, reverts


@pytest.fixture
def crowded(world: PerpWorld, provider: str, trader: str, second_trader: str) -> PerpWorld:
    """A pool of 21,000 with 100 units on both sides."""
    world.add_liquidity(provider, 21_000 * world.unit)
    world.deposit(trader, 10**6 * world.unit)
    world.deposit(second_trader, 10**6 * world.unit)
    world.trade(trader, buy(0, 100 * WAD))
    world.trade(second_trader, sell(0, 100 * WAD))
    return world


def test_refused_while_the_pool_covers_the_shorts(
    crowded: PerpWorld, trader: str, second_trader: str, keeper: str
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
    crowded: PerpWorld, trader: str, second_trader: str, keeper: str
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
        price=2_985 * WAD // 10,
    )
    only_event(
        receipt,
        crowded.exchange,
        "Traded",
        account=trader,
        market=0,
        delta=-100 * WAD,
        price=2_985 * WAD // 10,
        fee=0,
        skew=-100 * WAD,
    )
    no_event(receipt, crowded.exchange, "BadDebt")
    assert crowded.exchange.cash(trader) == equity - 150 * ONE
    assert crowded.exchange.size(trader, 0) == 0


def test_only_longs_of_listed_markets(
    crowded: PerpWorld, trader: str, second_trader: str, keeper: str
) -> None:
    crowded.set_prices(300 * WAD, 10 * WAD)
    for account, market in ((second_trader, 0), (trader, 1), (keeper, 0)):
        with reverts("exchange: no long position"):
            crowded.deleverage(keeper, account, market)
    with reverts("exchange: market not listed"):
        crowded.deleverage(keeper, trader, 2)


def test_debt_of_a_closed_account_is_settled(
    world: PerpWorld, provider: str, trader: str, second_trader: str, keeper: str
) -> None:
    """A long is bankrupt in a market that fell; what empties the pool is the rise
    of another one."""
    world.add_liquidity(provider, 60_000 * world.unit)
    world.deposit(trader, 10_000 * world.unit)
    world.deposit(second_trader, 10**6 * world.unit)
    world.trade(trader, buy(0, 200 * WAD))
    world.trade(second_trader, sell(0, 100 * WAD), buy(1, 3_000 * WAD))
    world.set_prices(40 * WAD, 35 * WAD)
    insurance = world.pool.insurance()
    receipt = world.deleverage(keeper, trader, 0)
    # Closed from a skew of 100 to one of -100, at 40: 200 * 40 - 10,220.
    only_event(
        receipt,
        world.exchange,
        "BadDebt",
        account=trader,
        insurance_paid=insurance,
        pool_paid=2_220 * ONE - insurance,
    )
    assert (world.exchange.cash(trader), world.pool.insurance()) == (0, 0)


def test_shorts_are_paid_when_the_price_goes_to_nothing(
    crowded: PerpWorld, trader: str, second_trader: str, liquidator: str
) -> None:
    """100 units short; the long's margin pays its part, the pool the rest. [X-DEL-2]"""
    before = crowded.exchange.margin(second_trader)[0]
    crowded.set_prices(1, 10 * WAD)
    gained = crowded.exchange.margin(second_trader)[0] - before
    assert gained == 100 * WAD * (100 * WAD - 1)
    crowded.trade(second_trader, buy(0, 100 * WAD))
    crowded.withdraw(second_trader, crowded.exchange.cash(second_trader) // 10**30)
    assert crowded.pool.equity() > 0


def test_shorts_are_paid_without_any_long(world: PerpWorld, provider: str, trader: str) -> None:
    """The largest short that the pool lets in, and the price gone: the pool pays
    all of it and stays solvent. [X-DEL-2]"""
    world.add_liquidity(provider, 20_000 * world.unit)
    world.deposit(trader, 10**6 * world.unit)
    low, high = WAD, 250 * WAD
    while high - low > 1:
        size = (low + high) // 2
        spare = world.model.spare_reserve(world.prices, world.now)
        fill, fee = world.model.markets[0].quote(-size, world.prices[0])
        # The pool wins the impact and nine tenths of the fee.
        gain = size * (world.prices[0] - fill) + fee - fee // 10
        if spare + gain >= size * world.prices[0]:
            low = size
        else:
            high = size
    with reverts("exchange: pool reserve too low"):
        world.trade(trader, sell(0, high))
    world.trade(trader, sell(0, low))
    world.set_prices(1, 10 * WAD)
    assert 0 <= world.pool.equity() < ONE
    equity = world.exchange.margin(trader)[0]
    world.trade(trader, buy(0, low))
    assert world.exchange.cash(trader) >= equity - low
    world.withdraw(trader, world.exchange.cash(trader) // 10**30)
    assert world.pool.cash() >= 0
