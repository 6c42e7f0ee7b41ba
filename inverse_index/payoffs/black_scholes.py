# SPDX-License-Identifier: AGPL-3.0-only
"""European options by Black and Scholes.

F. Black and M. Scholes, "The Pricing of Options and Corporate Liabilities",
Journal of Political Economy 81 (1973); R. C. Merton, "Theory of Rational
Option Pricing", Bell Journal of Economics 4 (1973), for the continuous yield.

All arguments broadcast. `price` and `strike` are dollars per coin, above zero;
`volatility` is per square root of a year, above zero; `years` are left, zero
or more; `rate` of the dollar and `dividend` of the coin are continuously
compounded per year. Answers are of one option on one coin. ValueError for
anything else, and for shapes that do not broadcast.
"""

from __future__ import annotations

from math import erfc, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from .checks import Floats, floats, not_negative, positive, same_shape

_erfc = np.vectorize(erfc, otypes=[np.float64])


def normal_cdf(x: ArrayLike) -> Floats:
    """Probability that a standard normal is below x, exact in both tails."""
    return np.asarray(0.5 * _erfc(-floats("x", x) / sqrt(2)))


def put_value(
    price: ArrayLike,
    strike: ArrayLike,
    volatility: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
) -> Floats:
    """Dollars: K e^(-rT) N(-d2) - S e^(-qT) N(-d1); max(K - S, 0) at expiry."""
    spot, cost, d1, d2, left = _parts(price, strike, volatility, years, rate, dividend)
    alive = cost * normal_cdf(-d2) - spot * normal_cdf(-d1)
    return np.asarray(np.where(left > 0, np.maximum(alive, 0.0), np.maximum(cost - spot, 0.0)))


def call_value(
    price: ArrayLike,
    strike: ArrayLike,
    volatility: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
) -> Floats:
    """Dollars: S e^(-qT) N(d1) - K e^(-rT) N(d2); max(S - K, 0) at expiry."""
    spot, cost, d1, d2, left = _parts(price, strike, volatility, years, rate, dividend)
    alive = spot * normal_cdf(d1) - cost * normal_cdf(d2)
    return np.asarray(np.where(left > 0, np.maximum(alive, 0.0), np.maximum(spot - cost, 0.0)))


def put_delta(
    price: ArrayLike,
    strike: ArrayLike,
    volatility: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
) -> Floats:
    """Coins: -e^(-qT) N(-d1), between -1 and 0; at expiry -1 below the strike, else 0."""
    spot, cost, d1, _, left = _parts(price, strike, volatility, years, rate, dividend)
    shrunk = spot / positive("price", price)
    return np.asarray(np.where(left > 0, -shrunk * normal_cdf(-d1), -1.0 * (spot < cost)))


def put_gamma(
    price: ArrayLike,
    strike: ArrayLike,
    volatility: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
) -> Floats:
    """Coins per dollar: e^(-qT) n(d1) / (S sigma sqrt(T)), never below zero; zero at
    expiry."""
    spot, _, d1, d2, left = _parts(price, strike, volatility, years, rate, dividend)
    density = np.exp(-0.5 * d1**2) / sqrt(2 * pi)
    # spot is S e^(-qT) already; d1 - d2 is sigma sqrt(T), replaced by 1 at expiry.
    width = np.where(left > 0, d1 - d2, 1.0)
    return np.asarray(
        np.where(left > 0, spot * density / (positive("price", price) ** 2 * width), 0.0)
    )


def _parts(
    price: ArrayLike,
    strike: ArrayLike,
    volatility: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend: ArrayLike,
) -> tuple[Floats, ...]:
    """Discounted spot and strike, d1, d2 and the years left, in one shape."""
    spot, target, sigma, left, r, q = same_shape(
        price=positive("price", price),
        strike=positive("strike", strike),
        volatility=positive("volatility", volatility),
        years=not_negative("years", years),
        rate=floats("rate", rate),
        dividend=floats("dividend", dividend),
    )
    spot = np.asarray(spot * np.exp(-q * left))
    cost = np.asarray(target * np.exp(-r * left))
    width = np.where(left > 0, sigma * np.sqrt(left), 1.0)
    d1 = np.asarray(np.log(spot / cost) / width + width / 2)
    return spot, cost, d1, np.asarray(d1 - width), left
