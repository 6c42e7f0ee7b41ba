# SPDX-License-Identifier: AGPL-3.0-only
"""Ten markets with the largest of everything that listing lets in: no number
overflows, no price path strands anybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.constants import DAY
from tests.support.exchange_harness import CONFIG, ExchangeHarness, buy, sell, ten

HIGHEST = 10**28
LARGEST = replace(
    CONFIG,
    skew_scale=10**30,
    max_funding=10**13,
    taker_fee=10**16,
    recovery=6 * 10**13,
    initial_margin=WAD,
    maintenance_margin=WAD - 10**12,
    max_long=(10**30 - 10**24) // 2,
)
CAP = LARGEST.max_long
CENTURY = 36_525 * DAY


@pytest.fixture(params=[6, 18])
def huge(
    request: pytest.FixtureRequest,
    chain: LocalBackend,
    owner: str,
    provider: str,
    trader: str,
    second_trader: str,
) -> ExchangeHarness:
    actors = [provider, trader, second_trader]
    harness = ExchangeHarness(chain, owner, actors, [HIGHEST] * 10, [LARGEST] * 10, request.param)
    for actor in actors:
        harness.token.mint(actor, 10**30 * harness.unit, sender=actor)
    harness.add_liquidity(provider, 10**24 * harness.unit)
    harness.deposit(trader, 10**24 * harness.unit)
    harness.deposit(second_trader, 10**24 * harness.unit)
    return harness


def test_the_largest_positions_in_and_out(
    huge: ExchangeHarness, trader: str, second_trader: str
) -> None:
    huge.trade(trader, *[buy(m, CAP) for m in range(10)])
    huge.trade(second_trader, *[sell(m, CAP) for m in range(10)])
    assert huge.exchange.account_value(trader, ten([HIGHEST] * 10))[1] == [CAP] * 10
    huge.trade(trader, *[sell(m, CAP) for m in range(10)])
    huge.trade(second_trader, *[buy(m, CAP) for m in range(10)])
    assert huge.pool.equity() == huge.pool.cash()


@pytest.mark.parametrize("price", [1, HIGHEST])
@pytest.mark.parametrize("long_first", [True, False])
def test_a_century_of_funding_and_any_price(
    huge: ExchangeHarness,
    trader: str,
    second_trader: str,
    provider: str,
    price: int,
    long_first: bool,
) -> None:
    """One side only, so that the skew is as large as can be; then all is wound up."""
    opens, closes = (buy, sell) if long_first else (sell, buy)
    huge.set_prices(*[HIGHEST // 2] * 10)
    huge.trade(trader, *[opens(m, CAP) for m in range(10)])
    huge.wait(CENTURY)
    huge.set_prices(*[price] * 10)
    equity, _, maintenance = huge.exchange.margin(trader)
    if equity < maintenance:
        huge.liquidate(second_trader, trader)
    else:
        huge.trade(trader, *[closes(m, CAP) for m in range(10)])
    assert huge.exchange.account_value(trader, ten([price] * 10))[1] == [0] * 10
    huge.check()
    for actor in (trader, second_trader):
        amount = huge.exchange.cash(actor) // huge.model.scale
        if amount:
            huge.withdraw(actor, amount)
    assert huge.pool.equity() > 0
    huge.remove_liquidity(provider, huge.pool.balanceOf(provider))
    assert huge.pool.totalSupply() == 0
