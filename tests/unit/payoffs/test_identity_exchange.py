# SPDX-License-Identifier: AGPL-3.0-only
"""The whole exchange with coin as its collateral: deposit, long, close, liquidation and
withdrawal as on an exchange of inverse futures, for coins of 8 and 18 decimals."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index import reasons
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.fixed import WAD, Revert
from tests.support.inverse_contracts import (
    CONFIG,
    ONE,
    PROFITS,
    binance_liquidation,
    coin_price,
    dollar_price,
    funding_paid,
    go,
    margin,
    open_exchange,
)

DECIMALS = (8, 18)
RATE = Fraction(5, 100)
START = dollar_price(60_000)

contracts = st.integers(-300_000, 300_000).filter(bool)
exits = st.integers(58_000, 62_000)


def refused(action: object, *args: object) -> str:
    """The reason of a refusal."""
    with pytest.raises(Revert) as caught:
        action(*args)  # type: ignore[operator]
    return caught.value.reason


def funded(decimals: int, coins: Fraction) -> tuple[ExchangeModel, int]:
    """An exchange where the trader has deposited, and the deposit at scale 1e36."""
    exchange = open_exchange(decimals, pool_coins=10_000)
    native = int(coins * 10**decimals)
    exchange.deposit("trader", native)
    return exchange, native * exchange.scale


@pytest.mark.parametrize("decimals", DECIMALS)
@settings(deadline=None)
@given(size=contracts, exit_=exits)
def test_a_round_trip_gains_what_is_published(decimals: int, size: int, exit_: int) -> None:
    """At the fills, which hold the impact of the order. To the unit of the ledger."""
    exchange, deposited = funded(decimals, Fraction(10))
    entry = go(exchange, "trader", -size * WAD, START).price
    closed = go(exchange, "trader", size * WAD, dollar_price(exit_)).price
    gained = exchange.account("trader").cash - deposited
    for published in PROFITS:
        exact = published(Fraction(size), coin_price(entry), coin_price(closed))
        assert gained == exact * ONE
    assert exchange.conservation_error() == 0


@pytest.mark.parametrize("decimals", DECIMALS)
@settings(deadline=None)
@given(size=contracts, exit_=exits, hours=st.integers(1, 1_000))
def test_with_funding(decimals: int, size: int, exit_: int, hours: int) -> None:
    """The side that is larger pays; here the trader is alone. Less than 1e-18 coin per
    dollar below the published payment."""
    exchange, deposited = funded(decimals, Fraction(10))
    entry = go(exchange, "trader", -size * WAD, START).price
    price, seconds = dollar_price(exit_), hours * 3_600
    rate_8h = -Fraction(exchange.markets[0].rate(is_long=False) * 8 * 3_600, WAD)
    due = funding_paid(Fraction(size), coin_price(price), rate_8h, seconds) * ONE
    closed = go(exchange, "trader", size * WAD, price, seconds).price
    assert due > 0
    for published in PROFITS:
        exact = published(Fraction(size), coin_price(entry), coin_price(closed)) * ONE
        paid = deposited + exact - exchange.account("trader").cash
        assert 0 <= due - paid < abs(size) * WAD


@pytest.mark.parametrize("decimals", DECIMALS)
@settings(deadline=None)
@given(size=contracts, exit_=exits)
def test_a_withdrawal_rounds_down_to_the_coins_unit(decimals: int, size: int, exit_: int) -> None:
    """A satoshi, or a wei: the only place where the decimals of the coin matter."""
    exchange, _ = funded(decimals, Fraction(10))
    go(exchange, "trader", -size * WAD, START)
    price = dollar_price(exit_)
    go(exchange, "trader", size * WAD, price)
    most = exchange.account("trader").cash // exchange.scale
    assert refused(exchange.withdraw, "trader", most + 1, [price], 0) == reasons.EXCHANGE_MARGIN
    exchange.withdraw("trader", most, [price], 0)
    assert 0 <= exchange.account("trader").cash < exchange.scale


@pytest.mark.parametrize("decimals", DECIMALS)
@settings(deadline=None)
@given(size=contracts, tenths=st.integers(12, 60))
def test_liquidation_begins_at_the_published_price(decimals: int, size: int, tenths: int) -> None:
    """`tenths` of the notional are margin, in hundredths."""
    exchange, wallet = funded(decimals, Fraction(abs(size), 60_000) * tenths / 100)
    entry = go(exchange, "trader", -size * WAD, START).price
    where = binance_liquidation(Fraction(size), coin_price(entry), Fraction(wallet, ONE), RATE)
    assert where is not None
    exact = WAD / where  # WAD coin per dollar
    last = int(exact) if size > 0 else int(-(-exact // 1))
    beyond = last + 1 if size > 0 else last - 1
    assert refused(exchange.liquidate, "trader", [last], 0) == reasons.EXCHANGE_HEALTHY
    exchange.liquidate("trader", [beyond], 0)


@pytest.mark.parametrize("decimals", DECIMALS)
@settings(deadline=None)
@given(size=contracts)
def test_opening_asks_for_the_published_margin(decimals: int, size: int) -> None:
    """At the oracle's price, of what the account is worth after its fill."""
    exchange = open_exchange(decimals, pool_coins=10_000)
    fill = exchange.markets[0].quote(-size * WAD, START, 0).price
    cost = -size * WAD * (fill - START)  # impact, scale 1e36
    exact = margin(Fraction(size), coin_price(START), Fraction(1, 10)) * ONE
    least = -(-(exact + cost) // exchange.scale)
    exchange.deposit("trader", int(least) - 1)
    assert refused(go, exchange, "trader", -size * WAD, START) == reasons.EXCHANGE_MARGIN
    exchange.deposit("trader", 1)
    go(exchange, "trader", -size * WAD, START)


@pytest.mark.parametrize("decimals", DECIMALS)
def test_a_full_hedge_is_not_liquidated_at_any_price(decimals: int) -> None:
    """A synthetic dollar: coins worth 60,000 dollars, short 60,000 dollars of coin."""
    exchange, wallet = funded(decimals, Fraction(1))
    go(exchange, "trader", 59_000 * WAD, START)
    fill = (wallet - exchange.account("trader").cash) // (59_000 * WAD)
    coins = Fraction(wallet, ONE)
    assert binance_liquidation(Fraction(-59_000), coin_price(fill), coins, RATE) is None
    for dollars_per_coin in (1, 600, 60_000, 10**7, 10**12):
        price = dollar_price(dollars_per_coin)
        equity = exchange.equity("trader", [price], 0)
        assert equity > exchange.maintenance_up("trader", [price])


@pytest.mark.parametrize("decimals", DECIMALS)
@pytest.mark.parametrize(("coins", "whole"), [(9, True), (300, False)])
def test_what_would_leave_less_than_ten_coins_closes_all(
    decimals: int, coins: int, whole: bool
) -> None:
    """The exchange's smallest rest is ten units of its collateral: of coin, ten coins."""
    exchange, _ = funded(decimals, Fraction(coins * 11, 100))
    size = coins * 60_000
    entry = go(exchange, "trader", -size * WAD, START).price
    wallet = Fraction(exchange.account("trader").cash - size * WAD * entry, ONE)
    where = binance_liquidation(Fraction(size), coin_price(entry), wallet, RATE)
    assert where is not None
    done = exchange.liquidate("trader", [int(WAD / where) + 1], 0)
    assert (done.fraction == WAD) == whole


def test_in_a_crash_the_pool_can_run_out_for_shorts_of_the_coin() -> None:
    """They are longs of the dollar, whose gain in coin has no bound; they are closed when
    the pool does not cover it."""
    exchange = open_exchange(18, 25, replace(CONFIG, skew_scale=10**12 * WAD))
    exchange.deposit("trader", 10 * 10**18)
    go(exchange, "trader", 600_000 * WAD, START)
    assert refused(exchange.deleverage, "trader", 0, [3 * START], 0) == reasons.EXCHANGE_COVERED
    exchange.deleverage("trader", 0, [4 * START], 0)
    assert not exchange.account("trader").has_position
