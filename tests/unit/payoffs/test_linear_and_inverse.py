# SPDX-License-Identifier: AGPL-3.0-only
"""Linear and inverse futures: numbers by hand, exact integers, each other, refusals."""

from __future__ import annotations

from dataclasses import replace
from math import exp, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.model.exchange.markets import notional, position_value, share_up
from inverse_index.model.fixed import WAD
from inverse_index.payoffs import Dated, InverseFuture, LinearFuture, MarginRates, Perpetual
from tests.support.inverse_contracts import ONE
from tests.unit.payoffs.instruments import RATES

prices = st.integers(10**16, 10**24)  # WAD
sizes = st.integers(-(10**24), 10**24).filter(bool)  # WAD coins


@settings(deadline=None)
@given(size=sizes, entry=prices, exit_=prices)
def test_linear_is_the_model(size: int, entry: int, exit_: int) -> None:
    """`contracts/modules/exchange/linear.vy`, in whole units."""
    own = LinearFuture(entry / WAD, size / WAD, 1, RATES)
    gained = position_value(size, exit_, 0) - position_value(size, entry, 0)
    at, scale = exit_ / WAD, abs(size) * max(entry, exit_) / ONE
    assert own.profit(at) == pytest.approx(gained / ONE, rel=1e-12, abs=1e-15 * scale)
    exposure = notional(size, exit_)
    assert own.initial_margin(at) == pytest.approx(share_up(exposure, WAD // 10) / ONE)
    assert own.maintenance_margin(at) == pytest.approx(share_up(exposure, WAD // 20) / ONE)


@settings(deadline=None)
@given(size=sizes, entry=prices, exit_=prices)
def test_inverse_is_the_model_of_the_dollar(size: int, entry: int, exit_: int) -> None:
    """`size` in WAD dollars, prices in WAD coin per dollar."""
    own = InverseFuture(WAD / entry, size / WAD, 1, RATES)
    gained = position_value(-size, exit_, 0) - position_value(-size, entry, 0)
    scale = abs(size) * max(entry, exit_) / ONE
    found = own.profit_coin(WAD / exit_)
    assert found == pytest.approx(gained / ONE, rel=1e-12, abs=1e-15 * scale)


def test_linear_by_hand() -> None:
    """2 coins short at 100 with 50 dollars."""
    short = LinearFuture(100, -2, 50, RATES)
    assert short.value([90, 100, 120]).tolist() == [70, 50, 10]
    assert short.liquidation_price() == pytest.approx(250 / 2.1)
    assert short.leverage(100) == -4
    long = LinearFuture(100, 2, 50, RATES)
    assert long.liquidation_price() == pytest.approx(150 / 1.9)
    assert isnan(replace(long, margin=200.0).liquidation_price())
    assert np.isnan(long.leverage([70, 75])).all()  # nothing is left, or less


def test_inverse_by_hand() -> None:
    """100 dollars at 100 with half a coin: a coin bought, half of it owed."""
    long = InverseFuture(100, 100, 0.5, RATES)
    assert long.value_coin([80, 100, 125, 200]).tolist() == pytest.approx([0.25, 0.5, 0.7, 1])
    assert long.leverage([80, 100, 125, 200]).tolist() == pytest.approx([5, 2, 8 / 7, 0.5])
    assert long.liquidation_price() == pytest.approx(105 / 1.5)
    short = replace(long, size=-100.0)
    assert short.value_coin([80, 100, 125]).tolist() == pytest.approx([0.75, 0.5, 0.3])
    assert short.liquidation_price() == pytest.approx(190)
    assert isnan(replace(short, margin=1.0).liquidation_price())
    assert isnan(replace(short, margin=1.5).liquidation_price())


def test_a_full_hedge_is_worth_the_same_dollars() -> None:
    held = InverseFuture(60_000, -60_000, 1, RATES)
    grid = np.geomspace(1_000, 10**7, 50)
    assert held.value(grid) == pytest.approx(np.full(50, 60_000.0))
    assert (held.delta(grid) == 0).all()


def test_the_coin_curve_of_a_long_is_concave() -> None:
    """Its loss in coin is larger than its gain, for the same move in dollars."""
    long = InverseFuture(60_000, 30_000, 1, RATES)
    assert (long.gamma_coin(np.geomspace(1, 10**6, 30)) < 0).all()
    assert long.profit_coin(75_000) < -long.profit_coin(45_000)
    assert (replace(long, size=-30_000.0).gamma_coin([1, 100, 10**6]) > 0).all()


def test_the_leverage_of_a_long_rises_as_the_coin_falls() -> None:
    falling = np.linspace(90_000, 31_000, 20)
    inverse = InverseFuture(60_000, 60_000, 1, RATES).leverage(falling)
    assert (np.diff(inverse) > 0).all()


@pytest.mark.parametrize("kind", [LinearFuture, InverseFuture])
def test_basis(kind: type[LinearFuture] | type[InverseFuture]) -> None:
    """A future above spot loses its premium to whoever is long, until it settles at spot."""
    terms = Dated(years=0.5, basis=0.1)
    size, margin = (1, 60_000) if kind is LinearFuture else (60_000, 1)
    entry = 60_000 * exp(0.05)
    long = kind(entry, size, margin, RATES, terms)
    assert long.futures_price(60_000) == pytest.approx(entry)
    assert long.profit(60_000) == pytest.approx(0, abs=1e-8)
    settled = replace(long, terms=Dated(0))
    assert long.carry(60_000, 0.5) == pytest.approx(settled.profit(60_000))
    part = replace(long, terms=Dated(0.3, 0.1))
    assert long.carry(60_000, 0.2) == pytest.approx(part.profit(60_000))
    assert long.carry(60_000, 0.2) < 0 < replace(long, size=-size).carry(60_000, 0.2)
    with pytest.raises(ValueError, match=r"years has 0\.6; expected at most 0\.5"):
        long.carry(60_000, [0.1, 0.6])


def test_liquidation_price_of_a_dated_future_is_a_spot_price() -> None:
    plain = InverseFuture(60_000, 30_000, 0.1, RATES)
    dated = replace(plain, terms=Dated(0.5, 0.1))
    ratio = plain.liquidation_price() / dated.liquidation_price()
    assert ratio == pytest.approx(exp(0.05))


def test_funding_signs() -> None:
    """Longs pay a rate above zero: of the notional in coin, that is in dollars at any price."""
    long = InverseFuture(50_000, 10_000, 1, RATES, Perpetual(0.1))
    assert long.carry([40_000, 80_000], 0.5).tolist() == pytest.approx([-500, -500])
    assert long.carry_coin(40_000, 0.5) == pytest.approx(-500 / 40_000)
    assert replace(long, size=-10_000.0).carry(40_000, 0.5) == pytest.approx(500)
    linear = LinearFuture(50_000, 0.2, 1_000, RATES, Perpetual(0.1))
    assert linear.carry([40_000, 80_000], 0.5).tolist() == pytest.approx([-400, -800])


@pytest.mark.parametrize("kind", [LinearFuture, InverseFuture])
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("entry", 0, "entry is 0; expected a number above zero"),
        ("entry", -5.0, r"entry is -5\.0; expected a number above zero"),
        ("entry", float("nan"), "entry is nan; expected one finite number"),
        ("size", 0, "size is 0; expected a number other than zero"),
        ("size", float("inf"), "size is inf; expected one finite number"),
        ("margin", 0.0, r"margin is 0\.0; expected a number above zero"),
        ("margin", [1.0, 2.0], r"margin is \[1\.0, 2\.0\]; expected one finite number"),
        ("entry", "100", "entry is '100'; expected one finite number"),
    ],
)
def test_bad_fields(
    kind: type[LinearFuture] | type[InverseFuture], field: str, value: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(kind(100, 1, 1, RATES), **{field: value})


@pytest.mark.parametrize("rates", [(0.05, 0.1), (0.1, 0.1), (0.1, 0), (1.5, 0.5), (0.1, -1)])
def test_bad_rates(rates: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="expected 0 < maintenance < initial <= 1"):
        MarginRates(*rates)


def test_bad_terms() -> None:
    with pytest.raises(ValueError, match="funding is nan"):
        Perpetual(float("nan"))
    with pytest.raises(ValueError, match="years is -1; expected zero or more"):
        Dated(-1)
    with pytest.raises(ValueError, match="basis is inf"):
        Dated(1, float("inf"))
    with pytest.raises(ValueError, match="contracts is 0"):
        InverseFuture.of_contracts(0, 10, 100, 1, RATES)
    with pytest.raises(ValueError, match="multiplier is -10"):
        InverseFuture.of_contracts(1, -10, 100, 1, RATES)
