# SPDX-License-Identifier: AGPL-3.0-only
"""Black and Scholes: published numbers, parity, bounds, expiry; and the protective put."""

from __future__ import annotations

from dataclasses import replace
from math import exp
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.payoffs import (
    ProtectivePut,
    call_value,
    normal_cdf,
    put_delta,
    put_gamma,
    put_value,
)

PUT = ProtectivePut(
    entry=60_000, strike=55_000, size=1, coins=1, premium=4_000, volatility=0.6, years=0.25
)
markets = st.tuples(
    st.floats(10, 1_000),  # price
    st.floats(10, 1_000),  # strike
    st.floats(0.05, 2),
    st.floats(0.001, 3),
    st.floats(-0.05, 0.2),
    st.floats(0, 0.1),
)


def test_the_normal_distribution() -> None:
    for x in (-8.0, -1.5, 0.0, 0.3, 2.0, 6.0):
        assert float(normal_cdf(x)) == pytest.approx(NormalDist().cdf(x), rel=1e-9, abs=1e-12)
    assert 0 < float(normal_cdf(-30)) < 1e-190


def test_numbers_of_a_textbook() -> None:
    """Hull, S = 42, K = 40, r = 10%, sigma = 20%, half a year: call 4.76, put 0.81."""
    assert float(call_value(42, 40, 0.2, 0.5, 0.1)) == pytest.approx(4.76, abs=0.005)
    assert float(put_value(42, 40, 0.2, 0.5, 0.1)) == pytest.approx(0.81, abs=0.005)


@settings(deadline=None)
@given(market=markets)
def test_parity_of_put_and_call(market: tuple[float, ...]) -> None:
    price, strike, _, years, rate, dividend = market
    forward = price * exp(-dividend * years) - strike * exp(-rate * years)
    difference = float(call_value(*market) - put_value(*market))
    assert difference == pytest.approx(forward, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(market=markets)
def test_bounds(market: tuple[float, ...]) -> None:
    """Between what exercise at a forward price brings and the discounted strike."""
    price, strike, volatility, years, rate, dividend = market
    cost, value = strike * exp(-rate * years), float(put_value(*market))
    least = max(cost - price * exp(-dividend * years), 0.0)
    assert least - 1e-9 <= value <= cost + 1e-9
    assert -1 <= float(put_delta(*market)) <= 0
    assert float(put_gamma(*market)) >= 0
    assert put_value(price, strike, volatility * 1.1, years, rate, dividend) >= value - 1e-9
    assert put_value(price * 1.01, strike, *market[2:]) <= value + 1e-9


@settings(deadline=None)
@given(market=markets)
def test_delta_and_gamma_are_derivatives(market: tuple[float, ...]) -> None:
    price, rest = market[0], market[1:]
    step = price * min(1e-3, 0.01 * market[2] * market[3] ** 0.5)
    above, here, below = (float(put_value(p, *rest)) for p in (price + step, price, price - step))
    assert float(put_delta(*market)) == pytest.approx((above - below) / (2 * step), abs=2e-5)
    curve = (above - 2 * here + below) / step**2
    scale = 1 / (price * market[2] * market[3] ** 0.5)  # the largest gamma, times two and a half
    noise = 1e-13 * price / step**2
    assert float(put_gamma(*market)) == pytest.approx(curve, abs=1e-3 * scale + noise)


def test_the_end_is_the_limit() -> None:
    grid = [40.0, 49.0, 50.0, 51.0, 60.0]
    assert put_value(grid, 50, 0.5, 0).tolist() == [10, 1, 0, 0, 0]
    assert call_value(grid, 50, 0.5, 0).tolist() == [0, 0, 0, 1, 10]
    assert put_delta(grid, 50, 0.5, 0).tolist() == [-1, -1, 0, 0, 0]
    assert put_gamma(grid, 50, 0.5, 0).tolist() == [0, 0, 0, 0, 0]
    soon = put_value([40.0, 60.0], 50, 0.5, 1e-9)
    assert soon.tolist() == pytest.approx([10, 0], abs=1e-6)


def test_shapes_of_the_formulas() -> None:
    found = put_value(np.full((3, 1), 50.0), [40.0, 50.0], 0.5, np.full((4, 1, 1), 0.5))
    assert found.shape == (4, 3, 2)
    with pytest.raises(ValueError, match=r"shapes are price \(2,\), strike \(3,\)"):
        put_value([1.0, 2.0], [1.0, 2.0, 3.0], 0.5, 0.5)


def test_protection() -> None:
    """At expiry never less than the strike; the price of that is the premium."""
    ended = replace(PUT, years=0.0)
    assert ended.value([20_000, 55_000, 80_000]).tolist() == [55_000, 55_000, 80_000]
    assert ended.profit([20_000, 80_000]).tolist() == [-9_000, 16_000]
    assert (PUT.value(np.geomspace(100, 10**6, 40)) > 55_000 * exp(-1e-9)).all()
    assert (PUT.delta([1_000, 60_000, 500_000]) >= 0).all()
    alone = replace(PUT, coins=0.0)
    assert alone.value(60_000) == pytest.approx(put_value(60_000, 55_000, 0.6, 0.25))
    assert (alone.leverage([50_000, 60_000]) < -1).all()


def test_carry_is_the_loss_of_time_value() -> None:
    value = float(PUT.value(60_000))
    later = float(replace(PUT, years=0.15).value(60_000))
    assert PUT.carry(60_000, 0.1) == pytest.approx(later - value)
    assert PUT.carry(60_000, 0.25) == pytest.approx(60_000 - value)
    assert PUT.carry(60_000, 0.1) < 0
    with pytest.raises(ValueError, match=r"years has 0\.3; expected at most 0\.25"):
        PUT.carry(60_000, 0.3)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("entry", 0, "entry is 0; expected a number above zero"),
        ("strike", -1, "strike is -1; expected a number above zero"),
        ("size", 0, "size is 0; expected a number above zero"),
        ("volatility", 0, "volatility is 0; expected a number above zero"),
        ("coins", -1, "coins is -1; expected zero or more"),
        ("premium", -1, "premium is -1; expected zero or more"),
        ("years", -1, "years is -1; expected zero or more"),
        ("rate", float("nan"), "rate is nan; expected one finite number"),
        ("dividend", float("inf"), "dividend is inf; expected one finite number"),
    ],
)
def test_bad_fields(field: str, value: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PUT, **{field: value})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 1, 1, 1), r"price has -1\.0"),
        ((1, 0, 1, 1), r"strike has 0\.0"),
        ((1, 1, 0, 1), r"volatility has 0\.0"),
        ((1, 1, 1, -1), r"years has -1\.0"),
        ((1, 1, 1, 1, float("nan")), "rate has nan"),
        ((1, 1, 1, 1, 0, float("nan")), "dividend has nan"),
    ],
)
def test_bad_arguments(arguments: tuple[float, ...], message: str) -> None:
    for formula in (put_value, call_value, put_delta, put_gamma):
        with pytest.raises(ValueError, match=message):
            formula(*arguments)
