# SPDX-License-Identifier: AGPL-3.0-only
"""quote, depth, account_value: what they promise is what happens."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.constants import DAY
from tests.support.exchange_harness import NOBODY, ExchangeHarness, buy, sell, ten


def test_quote_is_the_equity_after(
    funded: ExchangeHarness, trader: str, second_trader: str
) -> None:
    """[X-VIEW-1]"""
    funded.set_prices(97 * WAD + 13, 11 * WAD + 7)
    funded.trade(second_trader, sell(0, 31 * WAD + 1), buy(1, 77 * WAD))
    funded.wait(4_321)
    orders = [sell(0, 12 * WAD + 5), buy(1, 3 * WAD + 1)]
    quoted = funded.exchange.quote(trader, orders, ten(funded.prices), True)
    assert quoted == funded.model.quote(trader, orders, funded.prices, funded.now)
    funded.trade(trader, *orders)
    assert funded.exchange.account_value(trader, ten(funded.prices))[0] == quoted


def test_funding_at_the_lowest_rate(funded: ExchangeHarness, trader: str) -> None:
    """A skew of 1e-8 units: 1e-18 a second of a price of 100, 8.64e-12 a day."""
    prices = ten(funded.prices)
    funded.trade(trader, buy(0, 10**10))
    before = funded.exchange.account_value(trader, prices)[0]
    funded.wait(DAY)
    after = funded.exchange.account_value(trader, prices)[0]
    assert before - after == 10**10 * 100 * DAY
    assert after == funded.model.equity(trader, funded.prices, funded.now)


def test_quote_refuses_what_trade_refuses(funded: ExchangeHarness, trader: str) -> None:
    """[X-VIEW-1]"""
    prices = ten(funded.prices)
    for market in (2, 10, 2**255):
        with reverts("exchange: market not listed"):
            funded.exchange.quote(trader, [buy(market, WAD)], prices, False)
    with reverts("exchange: order size out of range"):
        funded.exchange.quote(trader, [buy(0, 0)], prices, False)
    with reverts("exchange: price impact too large"):
        funded.exchange.quote(trader, [sell(0, 20_000 * WAD)], prices, False)
    with reverts("exchange: price out of range"):
        funded.exchange.quote(trader, [], ten([WAD]), False)


def test_views_at_other_prices(funded: ExchangeHarness, trader: str) -> None:
    funded.trade(trader, sell(0, 10 * WAD))
    equity, sizes = funded.exchange.account_value(trader, ten([90 * WAD, WAD]))
    assert equity == funded.model.equity(trader, [90 * WAD, WAD], funded.now)
    assert sizes == ten([-10 * WAD])
    with reverts("exchange: price out of range"):
        funded.exchange.account_value(trader, ten([90 * WAD]))
    with reverts("exchange: price out of range"):
        funded.exchange.spare_reserve(NOBODY, ten([WAD, 10**28 + 1]))


@pytest.mark.parametrize("skew", [-200, 0, 200])
def test_a_trade_within_the_fee_cannot_be_sandwiched(
    funded: ExchangeHarness,
    trader: str,
    second_trader: str,
    attacker: str,
    provider: str,
    skew: int,
) -> None:
    """A victim trade of twice fee times depth; attackers of all sizes and both
    sides go in before it and out after it, at any standing skew."""
    funded.add_liquidity(provider, 10**7 * funded.unit)
    for actor in (trader, second_trader):
        funded.deposit(actor, 10**6 * funded.unit)
    funded.fund(attacker)
    funded.exchange.deposit(10**6 * funded.unit, sender=attacker)
    if skew:
        funded.exchange.trade([(buy if skew > 0 else sell)(0, abs(skew) * WAD)], sender=trader)
    victim = 20 * WAD
    for enter, leave in ((sell, buy), (buy, sell)):
        for size in (1, WAD, 7 * WAD, 30 * WAD):
            snapshot = funded.chain.snapshot()
            before = funded.exchange.cash(attacker)
            funded.exchange.trade([enter(0, size)], sender=attacker)
            funded.exchange.trade([enter(0, victim)], sender=second_trader)
            funded.exchange.trade([leave(0, size)], sender=attacker)
            assert funded.exchange.cash(attacker) <= before
            funded.chain.revert(snapshot)
