# SPDX-License-Identifier: AGPL-3.0-only
"""trade: fills, fees, funding, margin, caps, the pool's reserve."""

from __future__ import annotations

import pytest

from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, MAX_UINT256
from tests.support.exchange_harness import NOBODY, ONE, STALE, ExchangeHarness, buy, sell


def test_a_sale_by_hand(funded: ExchangeHarness, trader: str) -> None:
    """100 of 10,000 units move the price by 0.5% on average; fee 0.1% of 10,000. [X-TRD-1]"""
    receipt = funded.trade(trader, sell(0, 100 * WAD))
    exchange = funded.exchange
    assert exchange.size(trader, 0) == -100 * WAD
    assert exchange.cash(trader) == (10_000 + 9_950 - 10) * ONE
    # The pool buys at 100: the impact of 50 insures, as a tenth of the fee does.
    assert funded.pool.insurance() == 51 * ONE
    assert funded.pool.cash() == (1_000_000 - 10_000 + 9) * ONE
    assert funded.pool.equity() == 1_000_009 * ONE
    only_event(
        receipt,
        exchange,
        "Traded",
        account=trader,
        market=0,
        delta=-100 * WAD,
        price=995 * WAD // 10,
        fee=10 * ONE,
        skew=-100 * WAD,
    )
    # A hundredth of the pool is kept: 1e-8 of the largest borrowing rate.
    state = (-100 * WAD, 100 * WAD, -WAD // 100, 0, 0, 999, funded.now)
    assert tuple(exchange.market_state(0)) == state


def test_a_purchase_by_hand(funded: ExchangeHarness, trader: str) -> None:
    """[X-TRD-1]"""
    receipt = funded.trade(trader, buy(0, 100 * WAD))
    exchange = funded.exchange
    assert exchange.cash(trader) == (10_000 - 10_050 - 10) * ONE
    only_event(
        receipt,
        exchange,
        "Traded",
        account=trader,
        market=0,
        delta=100 * WAD,
        price=1_005 * WAD // 10,
        fee=10 * ONE,
        skew=100 * WAD,
    )
    assert tuple(exchange.market_state(0)) == (100 * WAD, 0, WAD // 100, 0, 0, 999, funded.now)


def test_impact_is_not_given_back(funded: ExchangeHarness, trader: str) -> None:
    """The way back of the price is free, and pays nothing. [X-IMP-1]"""
    funded.trade(trader, sell(0, 100 * WAD))
    receipt = funded.trade(trader, buy(0, 100 * WAD))
    assert funded.exchange.events(receipt)[0].price == 100 * WAD
    assert funded.exchange.cash(trader) == (10_000 - 50 - 20) * ONE
    assert tuple(funded.exchange.market_state(0))[:3] == (0, 0, 0)


def test_an_order_through_zero_pays_from_there_on(funded: ExchangeHarness, trader: str) -> None:
    """From -1% to 1%: the second half, 0.5% on average, over an order twice as large.
    [X-IMP-1]"""
    funded.trade(trader, sell(0, 100 * WAD))
    receipt = funded.trade(trader, buy(0, 200 * WAD))
    assert funded.exchange.events(receipt)[0].price == 10_025 * WAD // 100
    assert funded.exchange.market_state(0).displacement == WAD // 100


def test_a_split_order_pays_the_same(funded: ExchangeHarness, trader: str) -> None:
    """[X-IMP-1]"""
    for _ in range(10):
        funded.trade(trader, buy(0, 10 * WAD))
    assert funded.exchange.cash(trader) == (10_000 - 10_050 - 10) * ONE


def test_displacement_comes_back(funded: ExchangeHarness, trader: str) -> None:
    """A millionth of the price per second: 1% in 10,000 seconds, and no further.
    [X-IMP-2]"""
    funded.trade(trader, buy(0, 100 * WAD))
    funded.wait(5_000)
    receipt = funded.trade(trader, buy(0, 100 * WAD))
    assert funded.exchange.events(receipt)[0].price == 101 * WAD
    assert funded.exchange.market_state(0).displacement == 15 * WAD // 1_000
    funded.wait(DAY)
    receipt = funded.trade(trader, sell(0, 100 * WAD))
    assert funded.exchange.events(receipt)[0].price == 995 * WAD // 10


def test_somebody_elses_impact_is_nobodys_gain(
    funded: ExchangeHarness, trader: str, second_trader: str
) -> None:
    """Around an order of 50 units: in before it and out after it. [X-IMP-1]"""
    funded.trade(trader, sell(0, 100 * WAD))
    funded.trade(second_trader, sell(0, 50 * WAD))
    funded.trade(trader, buy(0, 100 * WAD))
    assert funded.exchange.cash(trader) == (10_000 - 50 - 20) * ONE
    assert funded.pool.equity() == (1_000_000 * 10 + 9 * 25) * ONE // 10


def test_the_fee_does_not_depend_on_the_fill(funded: ExchangeHarness, trader: str) -> None:
    """After a sale others fill lower, and cost the same fee. [X-TRD-2]"""
    funded.trade(trader, sell(0, 100 * WAD))
    receipt = funded.trade(trader, sell(0, 100 * WAD))
    assert funded.exchange.events(receipt)[0].price == 985 * WAD // 10
    assert funded.exchange.events(receipt)[0].fee == 10 * ONE


def test_fills_are_rounded_against_the_trader(funded: ExchangeHarness, trader: str) -> None:
    """[X-TRD-1]"""
    funded.set_prices(100 * WAD + 1, 10 * WAD)
    receipt = funded.trade(trader, buy(0, WAD))
    bought = funded.exchange.events(receipt)[0]
    assert bought.price == (100 * WAD + 1) * 20_001 // 20_000 + 1
    funded.trade(trader, sell(0, WAD))
    receipt = funded.trade(trader, sell(0, WAD))
    assert funded.exchange.events(receipt)[0].price == (100 * WAD + 1) * 19_999 // 20_000


def test_the_fee_is_rounded_up(funded: ExchangeHarness, trader: str) -> None:
    """[X-TRD-2]"""
    funded.set_prices(100 * WAD + 1, 10 * WAD)
    receipt = funded.trade(trader, buy(0, 1))
    assert funded.exchange.events(receipt)[0].fee == 10**17 + 1


def test_several_markets_in_one_trade(funded: ExchangeHarness, trader: str) -> None:
    receipt = funded.trade(trader, sell(1, 20 * WAD), buy(0, WAD))
    names = [(event.market, event.delta) for event in funded.exchange.events(receipt)]
    assert names == [(1, -20 * WAD), (0, WAD)]


def test_limits(funded: ExchangeHarness, trader: str) -> None:
    """[X-TRD-3]"""
    price = 1_005 * WAD // 10
    with reverts("exchange: price beyond limit"):
        funded.trade(trader, buy(0, 100 * WAD, limit=price - 1))
    funded.trade(trader, buy(0, 100 * WAD, limit=price))
    with reverts("exchange: price beyond limit"):
        funded.trade(trader, sell(0, 100 * WAD, limit=100 * WAD + 1))
    funded.trade(trader, sell(0, 100 * WAD, limit=100 * WAD))


def test_refused_orders(funded: ExchangeHarness, trader: str) -> None:
    with reverts("exchange: no orders"):
        funded.trade(trader)
    with reverts("exchange: market not listed"):
        funded.trade(trader, buy(2, WAD))
    with reverts("exchange: market not listed"):
        funded.trade(trader, buy(2**255, WAD))
    with reverts("exchange: market repeated"):
        funded.trade(trader, buy(0, WAD), buy(1, WAD), buy(0, WAD))
    with reverts("exchange: market repeated"):
        funded.trade(trader, buy(1, WAD), buy(1, WAD))
    for delta in (0, 20_000 * WAD + 1, -20_000 * WAD - 1, 2**255 - 1, -(2**255) + 1):
        with reverts("exchange: order size out of range"):
            funded.trade(trader, Order(0, delta, 0 if delta < 0 else MAX_UINT256))
    with reverts("exchange: price impact too large"):
        funded.trade(trader, sell(0, 20_000 * WAD))


@pytest.mark.parametrize("price", [0, 10**28 + 1])
def test_absurd_prices_are_refused(funded: ExchangeHarness, trader: str, price: int) -> None:
    funded.oracle.set_prices([100 * WAD, price], sender=trader)
    with reverts("exchange: price out of range"):
        funded.exchange.trade([buy(0, WAD)], sender=trader)


def test_an_unusable_oracle_stops_trading(funded: ExchangeHarness, trader: str) -> None:
    """[X-TRD-8]"""
    funded.fail_oracle()
    with reverts(STALE):
        funded.trade(trader, buy(0, WAD))


# margin


def test_initial_margin_to_the_wei(funded: ExchangeHarness, trader: str) -> None:
    """The largest sale that 1,000 of margin allows, and one wei more. [X-TRD-4]"""
    funded.withdraw(trader, 9_000 * funded.unit)
    low, high = WAD, 5_000 * WAD
    while high - low > 1:
        size = (low + high) // 2
        order = sell(1, size)
        equity = funded.model.quote(trader, [order], funded.prices, funded.now)
        if equity * 10 >= size * 10 * WAD:
            low = size
        else:
            high = size
    with reverts("exchange: margin too low"):
        funded.trade(trader, sell(1, high))
    funded.trade(trader, sell(1, low))


def test_reducing_needs_equity_and_nothing_else(funded: ExchangeHarness, trader: str) -> None:
    """[X-TRD-5]"""
    funded.trade(trader, buy(0, 200 * WAD))
    funded.set_prices(53 * WAD, 10 * WAD)
    equity, _, maintenance = funded.exchange.margin(trader)
    assert 0 < equity < maintenance
    funded.trade(trader, sell(0, 100 * WAD))
    assert funded.exchange.size(trader, 0) == 100 * WAD


def test_a_bankrupt_account_cannot_walk_away(funded: ExchangeHarness, trader: str) -> None:
    """[X-TRD-5]"""
    funded.trade(trader, buy(0, 200 * WAD))
    funded.set_prices(40 * WAD, 10 * WAD)
    with reverts("exchange: equity below zero"):
        funded.trade(trader, sell(0, 200 * WAD))


def test_a_flip_is_an_increase(funded: ExchangeHarness, trader: str) -> None:
    funded.trade(trader, buy(0, 200 * WAD))
    funded.set_prices(53 * WAD, 10 * WAD)
    with reverts("exchange: margin too low"):
        funded.trade(trader, sell(0, 350 * WAD))


def test_one_growing_order_among_others_needs_the_margin(
    funded: ExchangeHarness, trader: str
) -> None:
    """[X-TRD-4]"""
    funded.trade(trader, buy(1, 100 * WAD))
    funded.withdraw(trader, 9_700 * funded.unit)
    with reverts("exchange: margin too low"):
        funded.trade(trader, sell(0, 30 * WAD), sell(1, 50 * WAD))
    with reverts("exchange: margin too low"):
        funded.trade(trader, sell(1, 50 * WAD), sell(0, 30 * WAD))
    funded.trade(trader, sell(1, 50 * WAD))


# caps


def test_long_interest_is_capped(funded: ExchangeHarness, trader: str, second_trader: str) -> None:
    """[X-TRD-6]"""
    funded.deposit(trader, 10**6 * funded.unit)
    funded.trade(second_trader, sell(0, 100 * WAD))
    with reverts("exchange: long interest capped"):
        funded.trade(trader, buy(0, 250 * WAD + 1))
    funded.trade(trader, buy(0, 250 * WAD))
    with reverts("exchange: long interest capped"):
        funded.trade(second_trader, buy(0, 100 * WAD + 1))
    funded.trade(second_trader, buy(0, 100 * WAD))  # a short may always go


def test_short_interest_is_capped(funded: ExchangeHarness, trader: str, second_trader: str) -> None:
    """[X-TRD-6]"""
    funded.deposit(trader, 10**6 * funded.unit)
    with reverts("exchange: short interest capped"):
        funded.trade(trader, sell(0, 250 * WAD + 1))
    funded.trade(trader, sell(0, 250 * WAD))


def test_exits_move_the_price_by_half_of_the_maintenance_margin(
    funded: ExchangeHarness, trader: str, second_trader: str
) -> None:
    """With both sides full, whoever goes last and at the worst moment loses 2.5%, and
    the smallest unit of impact."""
    for actor in (trader, second_trader):
        funded.deposit(actor, 10**6 * funded.unit)
    funded.trade(second_trader, buy(0, 250 * WAD))
    funded.trade(trader, sell(0, 250 * WAD))
    funded.trade(second_trader, sell(0, 250 * WAD - 1))
    receipt = funded.trade(second_trader, sell(0, 1))
    assert funded.exchange.events(receipt)[0].price == 975 * WAD // 10 - WAD // 10**13
    funded.trade(trader, buy(0, 250 * WAD))
    assert tuple(funded.exchange.market_state(0))[:2] == (0, 0)


def test_the_pool_keeps_the_notional(harness: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-TRD-7]"""
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.deposit(trader, 10**5 * harness.unit)
    with reverts("exchange: pool reserve too low"):
        harness.trade(trader, buy(0, 101 * WAD))
    with reverts("exchange: pool reserve too low"):
        harness.trade(trader, sell(0, 120 * WAD))
    harness.trade(trader, sell(0, 100 * WAD))
    assert (
        harness.exchange.spare_reserve(NOBODY, [100 * WAD, 10 * WAD, *[0] * 8])
        == harness.pool.equity() - 10_000 * ONE
    )


def test_reductions_pass_when_the_reserve_is_gone(
    harness: ExchangeHarness, provider: str, trader: str, second_trader: str
) -> None:
    """[X-TRD-7]"""
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.deposit(trader, 10**5 * harness.unit)
    harness.trade(trader, buy(0, 80 * WAD))
    harness.set_prices(200 * WAD, 10 * WAD)
    assert harness.exchange.spare_reserve(NOBODY, [200 * WAD, 10 * WAD, *[0] * 8]) < 0
    with reverts("exchange: pool reserve too low"):
        harness.trade(trader, buy(0, 1))
    harness.trade(trader, sell(0, 80 * WAD))


# funding


def test_longs_pay_while_the_skew_is_positive(
    funded: ExchangeHarness, trader: str, second_trader: str
) -> None:
    """Skew a hundredth of its scale: 1e-8 per second of 100 for a day. [X-FUN-1]"""
    funded.trade(trader, buy(0, 150 * WAD))
    funded.trade(second_trader, sell(0, 50 * WAD))
    cash = funded.exchange.cash(second_trader)
    funded.wait(DAY)
    rate = 10**10 - funded.exchange.market_state(0).borrowing // 4
    paid = 100 * WAD * rate * DAY // WAD
    equity, _ = funded.exchange.account_value(second_trader, [100 * WAD, 10 * WAD, *[0] * 8])
    assert equity == cash - 50 * WAD * (100 * WAD - paid)
    funded.trade(second_trader, buy(0, 1))
    state = funded.exchange.market_state(0)
    assert (state.short_funding, state.funding_at) == (paid, funded.now)


def test_shorts_pay_while_the_skew_is_negative(funded: ExchangeHarness, trader: str) -> None:
    """[X-FUN-1]"""
    funded.trade(trader, sell(0, 100 * WAD))
    funded.wait(DAY)
    funded.trade(trader, buy(0, 1))
    state = funded.exchange.market_state(0)
    assert state.short_funding == -(100 * WAD * (10**10 + state.borrowing) * DAY // WAD)


def test_rate_and_step_are_rounded_toward_zero(funded: ExchangeHarness, trader: str) -> None:
    """A skew of one wei has a rate of zero; 10**4 - 1 wei of the scale's 10**22
    a rate of 0.9 wei, that is none; odd prices lose their fraction. [X-FUN-1]"""
    funded.trade(trader, sell(0, 10**10 * 3 // 2))
    funded.set_prices(10**17 * 9, 10 * WAD)
    funded.wait(1)
    funded.trade(trader, buy(0, 1))
    assert funded.exchange.market_state(0).short_funding == 0  # 1 wei of rate * 0.9, toward zero
    funded.wait(10)
    funded.trade(trader, buy(0, 1))
    assert funded.exchange.market_state(0).short_funding == -9


def test_funding_waits_for_no_call(funded: ExchangeHarness, trader: str) -> None:
    """Views at oracle prices already hold what the next trade stores."""
    funded.trade(trader, buy(0, 123 * WAD))
    funded.wait(12_345)
    equity = funded.exchange.margin(trader)[0]
    quoted = funded.exchange.quote(trader, [sell(0, WAD)], [100 * WAD, 10 * WAD, *[0] * 8], False)
    assert quoted != equity
    funded.trade(trader, sell(0, WAD))
    assert funded.exchange.margin(trader)[0] == quoted
