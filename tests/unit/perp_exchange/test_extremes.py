# SPDX-License-Identifier: AGPL-3.0-only
"""Ten markets with the largest of everything that listing lets in: no number
overflows, no price path strands anybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.perp import CONFIG, DAY, PerpWorld, buy, sell, ten

HIGHEST = 10**28
LARGEST = replace(
    CONFIG,
    skew_scale=10**30,
    max_funding=10**13,
    taker_fee=10**16,
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
) -> PerpWorld:
    people = [provider, trader, second_trader]
    world = PerpWorld(chain, owner, people, [HIGHEST] * 10, [LARGEST] * 10, request.param)
    for person in people:
        world.token.mint(person, 10**30 * world.unit, sender=person)
    world.add_liquidity(provider, 10**24 * world.unit)
    world.deposit(trader, 10**24 * world.unit)
    world.deposit(second_trader, 10**24 * world.unit)
    return world


def test_the_largest_positions_in_and_out(huge: PerpWorld, trader: str, second_trader: str) -> None:
    huge.trade(trader, *[buy(m, CAP) for m in range(10)])
    huge.trade(second_trader, *[sell(m, CAP) for m in range(10)])
    assert huge.exchange.account_value(trader, ten([HIGHEST] * 10))[1] == [CAP] * 10
    huge.trade(trader, *[sell(m, CAP) for m in range(10)])
    huge.trade(second_trader, *[buy(m, CAP) for m in range(10)])
    assert huge.pool.equity() == huge.pool.cash()


@pytest.mark.parametrize("price", [1, HIGHEST])
@pytest.mark.parametrize("long_first", [True, False])
def test_a_century_of_funding_and_any_price(
    huge: PerpWorld, trader: str, second_trader: str, provider: str, price: int, long_first: bool
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
    for person in (trader, second_trader):
        amount = huge.exchange.cash(person) // huge.model.scale
        if amount:
            huge.withdraw(person, amount)
    assert huge.pool.equity() > 0
    huge.remove_liquidity(provider, huge.pool.balanceOf(provider))
    assert huge.pool.totalSupply() == 0
