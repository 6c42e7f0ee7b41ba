# SPDX-License-Identifier: AGPL-3.0-only
"""While the oracle restricts its prices nothing is used against an account."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.prices import Restriction
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY
from tests.support.exchange_harness import ONE, ExchangeHarness, buy, sell, ten

RESTRICTED = "exchange: oracle restricts its prices"
HEALTHY = "exchange: account is healthy"
STEP, SPREAD = Restriction.STEP, Restriction.SPREAD
OLD = (100 * WAD, 10 * WAD)


@pytest.fixture
def short(funded: ExchangeHarness, trader: str) -> ExchangeHarness:
    """10,000 of margin, 200 units sold at 99 for a fee of 20: 29,780 less 200 units."""
    funded.trade(trader, sell(0, 200 * WAD))
    return funded


@pytest.fixture
def long(funded: ExchangeHarness, trader: str) -> ExchangeHarness:
    """200 units bought at 101 for a fee of 20: 200 units less 10,220."""
    funded.trade(trader, buy(0, 200 * WAD))
    return funded


def doubt(harness: ExchangeHarness, price: int, restriction: Restriction, spread: int = 0) -> None:
    """A price of whole units in the first market, under a restriction."""
    harness.set_prices(price * WAD, 10 * WAD)
    harness.restrict(restriction, spread, OLD if STEP in restriction else ())


@pytest.mark.parametrize(("restriction", "spread"), [(STEP, 0), (SPREAD, WAD), (STEP | SPREAD, 0)])
@pytest.mark.parametrize("price", [135, 150, 200, 1_000])
def test_a_short_that_one_of_two_prices_leaves_sound(
    short: ExchangeHarness,
    trader: str,
    liquidator: str,
    restriction: Restriction,
    spread: int,
    price: int,
) -> None:
    """A rise by which it would be liquidated, were it believed. [X-RES-1]"""
    if restriction == SPREAD:
        spread = max((price - 100) * WAD // 100, spread)
    short.set_prices(price * WAD, 10 * WAD)
    equity, _, maintenance = short.exchange.margin(trader)
    doubt(short, price, restriction, spread)
    if equity < maintenance:
        with reverts(HEALTHY):
            short.liquidate(liquidator, trader)
    short.set_prices(*OLD)
    assert short.exchange.margin(trader)[0] == 9_780 * ONE
    with reverts(HEALTHY):
        short.liquidate(liquidator, trader)


@pytest.mark.parametrize(("restriction", "spread"), [(STEP, 0), (SPREAD, WAD)])
def test_a_long_that_one_of_two_prices_leaves_sound(
    long: ExchangeHarness, trader: str, liquidator: str, restriction: Restriction, spread: int
) -> None:
    """[X-RES-1]"""
    doubt(long, 50, restriction, spread)
    with reverts(HEALTHY):
        long.liquidate(liquidator, trader)


def test_what_both_prices_ask_for(short: ExchangeHarness, trader: str, liquidator: str) -> None:
    """Under maintenance at 143 and at 200: liquidated, at 143. [X-RES-1]"""
    short.set_prices(200 * WAD, 10 * WAD)
    short.restrict(STEP, 0, (143 * WAD, 10 * WAD))
    receipt = short.liquidate(liquidator, trader)
    traded = next(e for e in short.exchange.events(receipt) if e.name == "Traded")
    assert traded.price == 143 * WAD
    assert -200 * WAD < short.exchange.size(trader, 0) < 0


def test_confirmed_it_counts(short: ExchangeHarness, trader: str, liquidator: str) -> None:
    """[X-RES-1]"""
    doubt(short, 143, STEP)
    with reverts(HEALTHY):
        short.liquidate(liquidator, trader)
    short.restrict(Restriction(0), 0)
    short.liquidate(liquidator, trader)


@pytest.mark.parametrize("restriction", [STEP, SPREAD])
def test_nothing_grows(
    short: ExchangeHarness, trader: str, second_trader: str, provider: str, restriction: Restriction
) -> None:
    """No position, no pool; nobody is deleveraged. [X-RES-2]"""
    short.trade(second_trader, buy(0, WAD))
    doubt(short, 140, restriction)
    for order in (sell(0, 1), buy(0, 201 * WAD), buy(1, 1)):
        with reverts(RESTRICTED):
            short.trade(trader, order)
    with reverts(RESTRICTED):
        short.deleverage(trader, second_trader, 0)
    with reverts(RESTRICTED):
        short.exchange.obligations()
    assert short.pool.maxDeposit(provider) == 0


@pytest.mark.parametrize(
    ("restriction", "spread", "price", "fill"),
    [(STEP, 0, 140, 140), (STEP, 0, 70, 100), (SPREAD, WAD // 10, 120, 132)],
)
def test_a_short_is_bought_back_at_the_highest(
    short: ExchangeHarness,
    trader: str,
    restriction: Restriction,
    spread: int,
    price: int,
    fill: int,
) -> None:
    """Of present and accepted price, or of the half-spread's end. [X-RES-3]"""
    doubt(short, price, restriction, spread)
    promised = short.exchange.quote(trader, [buy(0, 100 * WAD)], ten(short.prices), True)
    believed = short.exchange.quote(trader, [buy(0, 100 * WAD)], ten(short.prices), False)
    receipt = short.trade(trader, buy(0, 100 * WAD))
    only_event(
        receipt,
        short.exchange,
        "Traded",
        account=trader,
        market=0,
        delta=100 * WAD,
        price=fill * WAD,
        fee=fill * ONE // 10,
        skew=-100 * WAD,
    )
    assert short.exchange.account_value(trader, ten(short.prices))[0] == promised
    fee = (fill - price) * ONE // 10
    assert believed - promised == (fill - price) * 100 * ONE + fee


@pytest.mark.parametrize(
    ("restriction", "spread", "price", "fill"),
    [
        (STEP, 0, 140, 100),
        (STEP, 0, 70, 70),
        (SPREAD, WAD // 10, 110, 100),
        (SPREAD | STEP, WAD // 10, 88, 80),
    ],
)
def test_a_long_is_sold_at_the_lowest(
    long: ExchangeHarness, trader: str, restriction: Restriction, spread: int, price: int, fill: int
) -> None:
    """[X-RES-3]"""
    doubt(long, price, restriction, spread)
    receipt = long.trade(trader, sell(0, 100 * WAD))
    assert long.exchange.events(receipt)[0].price == fill * WAD


def test_sources_far_apart(long: ExchangeHarness, trader: str) -> None:
    """Of 100 and 25 the half-spread is 300%: what is sold is sold at 25. [X-RES-3]"""
    doubt(long, 100, SPREAD, 3 * WAD)
    with reverts("exchange: equity below zero"):
        long.trade(trader, sell(0, 200 * WAD))
    receipt = long.trade(trader, sell(0, WAD))
    assert long.exchange.events(receipt)[0].price == 25 * WAD


def test_a_step_is_not_widened(long: ExchangeHarness, trader: str) -> None:
    """After a fall from 100 to 25 the oracle's half-spread reaches back to 100, 300%: a long
    is worth no less than at 25. [X-RES-3] [X-RES-4]"""
    doubt(long, 25, STEP, 3 * WAD)
    long.deposit(trader, 20_000 * long.unit)
    equity = 200 * 25 * ONE + 9_780 * ONE
    assert long.exchange.margin(trader) == (equity, 500 * ONE, 250 * ONE)
    receipt = long.trade(trader, sell(0, WAD))
    assert long.exchange.events(receipt)[0].price == 25 * WAD


def test_funding_is_charged_at_one_price(
    short: ExchangeHarness, trader: str, second_trader: str, liquidator: str
) -> None:
    """At the mid, as all others pay it, not at the price that an account is liquidated at; and
    at the accepted one, however far the present one is from it. [X-RES-5]"""
    short.trade(second_trader, sell(0, WAD))
    short.wait(DAY)
    short.set_prices(200 * WAD, 10 * WAD)
    short.restrict(STEP, 0, (143 * WAD, 10 * WAD))
    accepted = ten((143 * WAD, 10 * WAD))
    before = short.exchange.account_value(second_trader, accepted)
    short.liquidate(liquidator, trader)
    assert short.exchange.account_value(second_trader, accepted) == before


@pytest.mark.parametrize("price", [10, 130, 100_000])
def test_funding_of_a_false_price_pays_nobody(
    short: ExchangeHarness, trader: str, second_trader: str, price: int
) -> None:
    """A long that has been paid by the shorts closes while the price is a thousand times what
    was accepted, or a tenth of it: its funding, and that of all others, is of the accepted
    one. [X-RES-5]"""
    short.trade(second_trader, buy(0, 50 * WAD))
    short.wait(DAY)
    accepted = ten((100 * WAD, 10 * WAD))
    names = (trader, second_trader)
    before = [short.exchange.account_value(name, accepted)[0] for name in names]
    short.set_prices(price * WAD, 10 * WAD)
    short.restrict(STEP, 0, (100 * WAD, 10 * WAD))
    receipt = short.trade(second_trader, sell(0, 50 * WAD))
    (event,) = short.exchange.events(receipt)
    after = [short.exchange.account_value(name, accepted)[0] for name in names]
    assert after[0] == before[0]
    assert after[1] == before[1] + 50 * WAD * (event.price - 100 * WAD) - event.fee
    assert event.price <= 100 * WAD


@pytest.mark.parametrize("markets", [(0,), (1,), (0, 1)])
def test_a_quote_before_a_step_is_exact(
    short: ExchangeHarness, trader: str, markets: tuple[int, ...]
) -> None:
    """Funding of the markets that orders name is charged at the accepted price, that of others
    still counts at the given one. [X-VIEW-1] [X-RES-5]"""
    short.trade(trader, sell(1, 1_000 * WAD))
    short.wait(20 * DAY)
    doubt(short, 70, STEP)
    orders = [buy(market, WAD) for market in markets]
    promised = short.exchange.quote(trader, orders, ten(short.prices), True)
    short.trade(trader, *orders)
    assert short.exchange.account_value(trader, ten(short.prices))[0] == promised


def test_margin_leaves_at_the_worst(short: ExchangeHarness, trader: str) -> None:
    """At 70 it would have 15,780 and need 1,400; at the accepted 100 it has 9,780 and needs
    2,000. What is added counts at once. [X-RES-4]"""
    doubt(short, 70, STEP)
    assert short.exchange.margin(trader) == (9_780 * ONE, 2_000 * ONE, 1_000 * ONE)
    with reverts("exchange: margin too low"):
        short.withdraw(trader, 7_780 * short.unit + 1)
    short.deposit(trader, 100 * short.unit)
    short.withdraw(trader, 7_880 * short.unit)


def test_a_settled_exchange_knows_no_restriction(
    short: ExchangeHarness, trader: str, keeper: str
) -> None:
    """[X-RES-3]"""
    doubt(short, 140, STEP)
    short.kill_oracle()
    short.settle(keeper)
    receipt = short.trade(trader, buy(0, 200 * WAD))
    assert short.exchange.events(receipt)[0].price == 140 * WAD
