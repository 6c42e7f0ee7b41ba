# SPDX-License-Identifier: AGPL-3.0-only
"""A market of the dollar, priced in the coin, is a market of inverse futures.

Short Q dollars on the project's linear market is long Q contracts of the
published inverse ones. Integers of the model against fractions, with ==.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.model.exchange.markets import (
    MARGIN_UNIT,
    MarketModel,
    notional,
    position_value,
    share_up,
)
from inverse_index.model.fixed import WAD
from tests.support.inverse_contracts import (
    CONFIG,
    ONE,
    PROFITS,
    Profit,
    binance_liquidation,
    coin_price,
    funding_paid,
    margin,
)

# WAD coin per dollar: a coin of 100 million dollars down to one of a cent.
prices = st.integers(10**10, 10**20)
# WAD dollars, to 25 million; above zero long the coin.
sizes = st.integers(1, 25 * 10**24).flatmap(lambda size: st.sampled_from([size, -size]))
# Of maintenance, below 100%: the initial margin is higher and at most that.
rates = st.integers(10**16 // MARGIN_UNIT, WAD // MARGIN_UNIT - 1).map(
    lambda unit: unit * MARGIN_UNIT
)


def dollars(size: int) -> Fraction:
    return Fraction(size, WAD)


@pytest.mark.parametrize("published", PROFITS)
@settings(deadline=None)
@given(size=sizes, entry=prices, exit_=prices)
def test_profit_is_the_published_one(published: Profit, size: int, entry: int, exit_: int) -> None:
    """To the unit of the ledger, 1e-36 coin: nothing is rounded."""
    gained = position_value(-size, exit_, 0) - position_value(-size, entry, 0)
    assert gained == published(dollars(size), coin_price(entry), coin_price(exit_)) * ONE


@settings(deadline=None)
@given(size=st.integers(1, 25 * 10**24), entry=prices, exit_=prices)
def test_short_dollars_gain_coin_when_the_coin_rises(size: int, entry: int, exit_: int) -> None:
    gained = position_value(-size, exit_, 0) - position_value(-size, entry, 0)
    risen = coin_price(exit_) - coin_price(entry)
    assert (gained > 0) == (risen > 0) and (gained < 0) == (risen < 0)


@settings(deadline=None)
@given(size=sizes, price=prices)
def test_value_is_the_dollars_in_coin(size: int, price: int) -> None:
    """Q contracts are an obligation of Q dollars, which are Q / P coins."""
    assert position_value(-size, price, 0) == -dollars(size) / coin_price(price) * ONE
    assert notional(-size, price) == abs(dollars(size)) / coin_price(price) * ONE


@settings(deadline=None)
@given(size=sizes, price=prices, rate=rates)
def test_margin_is_the_published_one_rounded_up(size: int, price: int, rate: int) -> None:
    """Less than 1e-36 coin above it."""
    exact = margin(dollars(size), coin_price(price), dollars(rate)) * ONE
    required = share_up(notional(-size, price), rate)
    assert required == ceil(exact)


@settings(deadline=None)
@given(size=sizes, entry=prices, rate=rates, part=st.integers(1, 3 * 10**6))
def test_liquidation_price_is_the_published_one(
    size: int, entry: int, rate: int, part: int
) -> None:
    """The rounding of the requirement moves it by nothing: equity is a whole number, so
    it is below the rounded requirement when it is below the exact one."""
    wallet = abs(size) * entry * part // 10**6  # of the notional at entry, scale 1e36
    if not wallet:
        return

    def liquidated(price: int) -> bool:
        equity = wallet - position_value(-size, entry, 0) + position_value(-size, price, 0)
        return equity < share_up(notional(-size, price), rate)

    where = binance_liquidation(
        dollars(size), coin_price(entry), Fraction(wallet, ONE), dollars(rate)
    )
    around = [entry, entry * 2, max(entry // 2, 1), 10**30]
    if where is not None:
        middle = int(WAD / where)
        around += [price for price in range(middle - 2, middle + 3) if price > 0]
    for price in around:
        coin = coin_price(price)
        beyond = where is not None and (coin < where if size > 0 else coin > where)
        assert liquidated(price) == beyond


@settings(deadline=None)
@given(
    size=sizes,
    price=prices,
    seconds=st.integers(0, 10 * 86_400),
    skew=st.integers(-25 * 10**24, 25 * 10**24),
)
def test_funding_is_the_published_one_toward_zero(
    size: int, price: int, seconds: int, skew: int
) -> None:
    """At a constant price, less than 1e-18 coin per dollar and accrual below it.

    Longs of the dollar pay while its skew is positive; those are shorts of the
    coin, so the rate of the inverse future has the other sign.
    """
    market = MarketModel(CONFIG, 0, skew=skew, short_interest=26 * 10**24)
    charged = -(market.value(-size, price, seconds) - position_value(-size, price, 0))
    rate_8h = -Fraction(market.rate(is_long=False) * 8 * 3_600, WAD)
    exact = funding_paid(dollars(size), coin_price(price), rate_8h, seconds) * ONE
    assert abs(charged) <= abs(exact) and charged * exact >= 0
    assert abs(exact - charged) < abs(size)
    if price * seconds * market.rate(is_long=False) % WAD == 0:
        assert charged == exact


@settings(deadline=None)
@given(size=sizes, coins=st.tuples(st.integers(10**16, 10**24), st.integers(10**16, 10**24)))
@pytest.mark.parametrize("published", PROFITS)
def test_what_the_oracle_rounds(published: Profit, size: int, coins: tuple[int, int]) -> None:
    """The price of the dollar is 1 / P rounded down to 1e-18 coin: value is off by less
    than 1e-18 coin per dollar, in favour of who is long the coin."""
    entry, exit_ = (WAD * WAD // coin for coin in coins)
    before, after = (dollars(coin) for coin in coins)
    off = position_value(-size, exit_, 0) + dollars(size) / after * ONE
    assert abs(off) < abs(size) and off * size >= 0
    gained = position_value(-size, exit_, 0) - position_value(-size, entry, 0)
    assert abs(gained - published(dollars(size), before, after) * ONE) < abs(size)
