# SPDX-License-Identifier: AGPL-3.0-only
"""The formulas as published give the examples as published, and so does the package."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.payoffs import InverseFuture, MarginRates, Perpetual
from tests.support.inverse_contracts import (
    PROFITS,
    Profit,
    binance_liquidation,
    bitmex_profit,
    deribit_profit,
    funding_paid,
    margin,
)

RATES = MarginRates(initial=0.1, maintenance=0.05)
prices = st.integers(1, 10**7)
sizes = st.integers(-(10**8), 10**8).filter(bool)


def test_bitmex_example() -> None:
    """100,000 contracts, 10,000 to 10,500: 0.476 coins ("Inverse Futures Guide")."""
    profit = bitmex_profit(Fraction(100_000), Fraction(10_000), Fraction(10_500))
    assert round(profit, 3) == Fraction("0.476")
    own = InverseFuture.of_contracts(100_000, 1, 10_000, 0.1, RATES)
    assert own.profit_coin(10_500) == pytest.approx(float(profit), rel=1e-12)


def test_deribit_example() -> None:
    """100 contracts of 10 dollars, 600 to 700: 0.238095 coins, 166.66 dollars there."""
    profit = deribit_profit(Fraction(1_000), Fraction(600), Fraction(700))
    assert round(profit, 6) == Fraction("0.238095")
    own = InverseFuture.of_contracts(100, 10, 600, 0.1, RATES)
    assert own.profit_coin(700) == pytest.approx(float(profit), rel=1e-12)
    assert int(own.profit(700) * 100) == 16_666


@pytest.mark.parametrize("published", PROFITS)
@settings(deadline=None)
@given(size=sizes, entry=prices, exit_=prices)
def test_profit(published: Profit, size: int, entry: int, exit_: int) -> None:
    exact = published(Fraction(size), Fraction(entry), Fraction(exit_))
    own = InverseFuture(entry, size, 1, RATES)
    largest = abs(size) / min(entry, exit_)
    assert own.profit_coin(exit_) == pytest.approx(float(exact), rel=1e-12, abs=1e-15 * largest)
    assert own.profit(exit_) == pytest.approx(
        float(exact * exit_), rel=1e-12, abs=1e-15 * largest * exit_
    )


@settings(deadline=None)
@given(size=sizes, mark=prices)
def test_margins(size: int, mark: int) -> None:
    own = InverseFuture(1, size, 1, RATES)
    for found, rate in ((own.initial_margin_coin, "0.1"), (own.maintenance_margin_coin, "0.05")):
        exact = margin(Fraction(size), Fraction(mark), Fraction(rate))
        assert found(mark) == pytest.approx(float(exact), rel=1e-12)
    assert own.initial_margin(mark) == pytest.approx(abs(size) * 0.1, rel=1e-12)
    assert own.maintenance_margin(mark) == pytest.approx(abs(size) * 0.05, rel=1e-12)


@settings(deadline=None)
@given(size=sizes, entry=prices, part=st.integers(1, 300))
def test_liquidation_price(size: int, entry: int, part: int) -> None:
    """Margin of `part` hundredths of the notional; full margin has a test of its own."""
    if part == 100:
        return
    wallet = Fraction(abs(size) * part, entry * 100)
    exact = binance_liquidation(Fraction(size), Fraction(entry), wallet, Fraction(1, 20))
    found = InverseFuture(entry, size, float(wallet), RATES).liquidation_price()
    expected = float("nan") if exact is None else float(exact)
    assert found == pytest.approx(expected, rel=1e-9, nan_ok=True)


@settings(deadline=None)
@given(size=sizes, index=prices, rate=st.integers(-75, 75), hours=st.integers(1, 10_000))
def test_funding(size: int, index: int, rate: int, hours: int) -> None:
    """`rate` is per 8 hours, in hundredths of a percent."""
    paid = funding_paid(Fraction(size), Fraction(index), Fraction(rate, 10_000), hours * 3_600)
    yearly = rate / 10_000 * 3 * 365
    own = InverseFuture(index, size, 1, RATES, Perpetual(yearly))
    years = hours / (24 * 365)
    assert own.carry_coin(index, years) == pytest.approx(-float(paid), rel=1e-12)
