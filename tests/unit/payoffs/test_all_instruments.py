# SPDX-License-Identifier: AGPL-3.0-only
"""What holds for every instrument: derivatives, units, margins, shapes, refusals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.payoffs import Instrument
from tests.unit.payoffs.instruments import INSTRUMENTS

ALL = pytest.mark.parametrize("held", INSTRUMENTS.values(), ids=INSTRUMENTS)
OF_PRICE = (
    "value",
    "profit",
    "delta",
    "gamma",
    "initial_margin",
    "maintenance_margin",
    "leverage",
    "value_coin",
    "profit_coin",
    "delta_coin",
    "gamma_coin",
    "initial_margin_coin",
    "maintenance_margin_coin",
)
# Away from the wipe-out of the threefold token at 80,000, where there is a kink.
prices = st.floats(30_000, 79_000)


def slope(function: Callable[..., np.ndarray], price: float) -> float:
    """Central difference, steps of a hundredth of a percent."""
    step = price * 1e-4
    return float(function(price + step) - function(price - step)) / (2 * step)


@ALL
@settings(deadline=None)
@given(price=prices)
def test_delta_and_gamma_are_derivatives(held: Instrument, price: float) -> None:
    """In dollars and in coin, to a millionth of the usual size."""
    assert float(held.delta(price)) == pytest.approx(slope(held.value, price), rel=1e-5, abs=1e-6)
    assert float(held.gamma(price)) == pytest.approx(slope(held.delta, price), rel=1e-4, abs=1e-11)
    coin = slope(held.value_coin, price)
    assert float(held.delta_coin(price)) == pytest.approx(coin, rel=1e-5, abs=1e-11)
    curve = slope(held.delta_coin, price)
    assert float(held.gamma_coin(price)) == pytest.approx(curve, rel=1e-4, abs=1e-15)


@ALL
@settings(deadline=None)
@given(price=prices)
def test_coin_is_dollars_by_the_price(held: Instrument, price: float) -> None:
    for name in ("value", "profit", "initial_margin", "maintenance_margin"):
        dollars, coins = getattr(held, name)(price), getattr(held, f"{name}_coin")(price)
        assert float(coins) == pytest.approx(float(dollars) / price, rel=1e-9, abs=1e-12)
    assert float(held.carry_coin(price, 0.1)) == pytest.approx(
        float(held.carry(price, 0.1)) / price
    )


@ALL
def test_liquidation_is_where_value_meets_maintenance(held: Instrument) -> None:
    where = held.liquidation_price()
    if np.isnan(where):
        grid = np.linspace(100, 1_000_000, 10_001)
        assert (held.value(grid) >= held.maintenance_margin(grid)).all()
        return
    assert held.value(where) == pytest.approx(held.maintenance_margin(where), rel=1e-9)
    worse = where * (0.99 if held.delta_coin(where) > 0 else 1.01)
    better = where * (1.01 if held.delta_coin(where) > 0 else 0.99)
    assert held.value(worse) < held.maintenance_margin(worse)
    assert held.value(better) > held.maintenance_margin(better)


@ALL
@settings(deadline=None)
@given(price=prices)
def test_leverage_is_percent_by_percent(held: Instrument, price: float) -> None:
    """Of the value in the unit of the collateral: coin for inverse futures."""
    value = held.value_coin if "Inverse" in type(held).__name__ else held.value
    if value(price) <= 0:
        assert np.isnan(held.leverage(price))
        return
    moved = slope(value, price) * price / float(value(price))
    assert float(held.leverage(price)) == pytest.approx(moved, rel=1e-5, abs=1e-6)


@ALL
def test_a_moment_carries_nothing(held: Instrument) -> None:
    assert (held.carry([40_000, 70_000], 0) == 0).all()


@ALL
def test_shapes(held: Instrument) -> None:
    grid = np.linspace(40_000, 75_000, 6).reshape(2, 3)
    for name in OF_PRICE:
        of_price = getattr(held, name)
        found = of_price(grid)
        assert found.shape == (2, 3) and found.dtype == np.float64, name
        assert of_price(50_000).shape == (), name
        assert of_price([]).shape == (0,), name
        each = [[float(of_price(float(price))) for price in row] for row in grid]
        assert found == pytest.approx(np.array(each), rel=1e-12), name
    assert held.carry(grid[:, :, None], [0.0, 0.1, 0.2, 0.25]).shape == (2, 3, 4)
    assert held.carry(50_000, [0.0, 0.1]).shape == (2,)
    assert isinstance(held.liquidation_price(), float)


@ALL
@pytest.mark.parametrize(
    ("price", "message"),
    [
        (-1.0, r"price has -1\.0; expected numbers above zero"),
        (0, r"price has 0\.0; expected numbers above zero"),
        ([1.0, float("nan")], "price has nan; expected finite numbers"),
        (float("inf"), "price has inf; expected finite numbers"),
        ([[1.0], [1.0, 2.0]], r"price is .*; expected numbers in one shape"),
        ("high", "price is 'high'; expected numbers in one shape"),
    ],
)
def test_bad_prices(held: Instrument, price: object, message: str) -> None:
    for name in OF_PRICE:
        with pytest.raises(ValueError, match=message):
            getattr(held, name)(price)


@ALL
def test_bad_times(held: Instrument) -> None:
    with pytest.raises(ValueError, match=r"years has -0\.5; expected zero or more"):
        held.carry(50_000, -0.5)
    with pytest.raises(ValueError, match=r"shapes are price \(2,\), years \(3,\)"):
        held.carry([50_000, 60_000], [0.0, 0.1, 0.2])


def test_an_instrument_does_not_change() -> None:
    for held in INSTRUMENTS.values():
        with pytest.raises(AttributeError):
            held.size = 1  # type: ignore[attr-defined]
